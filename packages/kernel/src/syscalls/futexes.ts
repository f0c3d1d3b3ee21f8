/** Waiting for words of a program's memory, and waking who waits (kernel/futex), without priority inheritance. */
import {
  CLOCK_MONOTONIC, CLOCK_REALTIME, EAGAIN, EFAULT, EINVAL, ENOSYS, ERESTARTSYS, ETIMEDOUT, FUTEX_BITSET_MATCH_ANY,
  FUTEX_CLOCK_REALTIME, FUTEX_CMD_MASK, FUTEX_CMP_REQUEUE, FUTEX_REQUEUE, FUTEX_WAIT, FUTEX_WAIT_BITSET,
  FUTEX_WAITV_MAX, FUTEX_WAKE, FUTEX_WAKE_BITSET, FUTEX_WAKE_OP,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { threadOf } from '../state/task/thread.ts'
import { clockShift } from '../task/time-ns.ts'
import { WaitQueue } from '../state/vfs/wait.ts'
import { clockReader } from './clocks.ts'
import { changeWord } from './futex-op.ts'
import type { FutexWord } from './futex-op.ts'
import { isTimespec, msOf } from '../state/timespec.ts'
import type { Timespec } from '../state/timespec.ts'

/** `struct futex_waitv`. */
export interface FutexWaitv {
  readonly val: number
  readonly uaddr: FutexWord | null
  readonly flags: number
}

const FUTEX2_SIZE_MASK = 3
const FUTEX2_SIZE_U32 = 2
const FUTEX2_VALID_MASK = FUTEX2_SIZE_MASK | 0x80

/** One task asleep, on one word or several. */
interface Sleep {
  readonly queue: WaitQueue
  /** The words it went to sleep on, by which the next try of the same call is known. */
  readonly words: readonly FutexWord[]
  /** Which of them woke it; -1: none yet. */
  woken: number
}
/** Its place in the line of one word. */
interface Place {
  readonly sleep: Sleep
  readonly index: number
  readonly mask: number
}

const fits32 = (value: number): boolean => value >= 0 && value <= 0xffffffff

export const futexSyscalls = (machine: Machine) => {
  const { current } = machine
  /** Who sleeps on a word, first come first served. */
  const lines = new WeakMap<FutexWord, Place[]>()
  const asleep = new WeakMap<Task, Sleep>()
  /** Words that a sleep has a place at, which a requeue changes. */
  const placesOf = new WeakMap<Sleep, Set<FutexWord>>()

  const lineOf = (word: FutexWord): Place[] => {
    let line = lines.get(word)
    if (line === undefined) lines.set(word, (line = []))
    return line
  }

  const leave = (sleep: Sleep): void => {
    for (const word of placesOf.get(sleep) ?? []) lines.set(word, lineOf(word).filter((place) => place.sleep !== sleep))
    placesOf.delete(sleep)
  }

  const wake = (word: FutexWord, most: number, mask: number): number => {
    const woken = lineOf(word).filter((place) => (place.mask & mask) !== 0).slice(0, Math.max(most, 1))
    for (const { sleep, index } of woken) {
      leave(sleep)
      sleep.woken = index
      sleep.queue.wake()
    }
    return woken.length
  }

  // Who ends gives up its place; and, as `mm_release`, wakes who waits for that by CLONE_CHILD_CLEARTID.
  machine.onExit.push((task) => {
    const sleep = asleep.get(task)
    if (sleep !== undefined) leave(sleep)
    const word = threadOf(task).clear_child_tid
    if (word !== null) wake(word, 1, FUTEX_BITSET_MATCH_ANY)
  })

  const requeue = (from: FutexWord, to: FutexWord, nrWake: number, nrRequeue: number): number => {
    if (nrWake < 0 || nrRequeue < 0) return -EINVAL
    const woken = nrWake === 0 ? 0 : wake(from, nrWake, FUTEX_BITSET_MATCH_ANY)
    const moved = lineOf(from).splice(0, nrRequeue)
    for (const place of moved) {
      lineOf(to).push(place)
      const places = placesOf.get(place.sleep)
      places?.delete(from)
      places?.add(to)
    }
    return woken + moved.length
  }

  /** The caller's first try puts it in the line; the next one, after a wake, finds which word woke it. */
  const wait = (words: readonly (FutexWaitv & { readonly uaddr: FutexWord })[], mask: number, ms: number): number => {
    const { task } = current
    const before = asleep.get(task)
    const isAgain = before !== undefined && words.length === before.words.length &&
      words.every(({ uaddr }, i) => uaddr === before.words[i])
    if (before !== undefined) {
      asleep.delete(task)
      leave(before)
    }
    if (isAgain && before.woken >= 0) {
      machine.deadlines.forget()
      return before.woken
    }
    if (!isAgain && words.some(({ uaddr, val }) => uaddr.value >>> 0 !== val >>> 0)) return -EAGAIN
    const sleep: Sleep = { queue: new WaitQueue(), words: words.map(({ uaddr }) => uaddr), woken: -1 }
    const rc = machine.deadlines.sleep('futex', sleep.queue, ms, -ETIMEDOUT)
    if (rc !== -ERESTARTSYS) return rc
    words.forEach(({ uaddr }, index) => lineOf(uaddr).push({ sleep, index, mask }))
    placesOf.set(sleep, new Set(sleep.words))
    asleep.set(task, sleep)
    return rc
  }

  /** Milliseconds from now until an absolute time of `clock`; for ever without one. */
  const until = (timeout: Timespec | null, clock: number): number =>
    timeout === null ? Infinity : msOf(timeout) - clockShift(machine, clock) - clockReader(machine, clock)!()

  /** As `futex_wake_op`: the second word is changed, and wakes too when it had been as compared. */
  const wakeOp = (word: FutexWord, word2: FutexWord, nr: number, nr2: number, encoded: number): number => {
    const holds = changeWord(word2, encoded)
    if (typeof holds === 'number') return holds
    const woken = wake(word, nr, FUTEX_BITSET_MATCH_ANY)
    return holds ? woken + wake(word2, nr2, FUTEX_BITSET_MATCH_ANY) : woken
  }

  /** As `do_futex`. `timeout`: a second number, for the calls that take one. */
  const futex = (
    word: FutexWord | null, op: number, value: number, timeout: Timespec | number | null, word2: FutexWord | null,
    value3: number,
  ): number => {
    const cmd = op & FUTEX_CMD_MASK
    const time = typeof timeout === 'object' ? timeout : null
    const isRealtime = (op & FUTEX_CLOCK_REALTIME) !== 0
    if ((cmd === FUTEX_WAIT || cmd === FUTEX_WAIT_BITSET) && time !== null && !isTimespec(time)) return -EINVAL
    if (isRealtime && cmd !== FUTEX_WAIT_BITSET) return -ENOSYS
    if (word === null) return -EFAULT
    const one = [{ uaddr: word, val: value, flags: 0 }]
    switch (cmd) {
      case FUTEX_WAIT:
        return wait(one, FUTEX_BITSET_MATCH_ANY, time === null ? Infinity : msOf(time))
      case FUTEX_WAIT_BITSET:
        return value3 === 0 ? -EINVAL : wait(one, value3, until(time, isRealtime ? CLOCK_REALTIME : CLOCK_MONOTONIC))
      case FUTEX_WAKE:
        return wake(word, value, FUTEX_BITSET_MATCH_ANY)
      case FUTEX_WAKE_BITSET:
        return value3 === 0 ? -EINVAL : wake(word, value, value3)
      case FUTEX_REQUEUE:
      case FUTEX_CMP_REQUEUE:
        if (word2 === null) return -EFAULT
        if (cmd === FUTEX_CMP_REQUEUE && word.value >>> 0 !== value3 >>> 0) return -EAGAIN
        return requeue(word, word2, value, typeof timeout === 'number' ? timeout : 0)
      case FUTEX_WAKE_OP:
        return word2 === null ? -EFAULT : wakeOp(word, word2, value, typeof timeout === 'number' ? timeout : 0, value3)
      default:
        return -ENOSYS
    }
  }

  /** Words of 32 bits alone are there. */
  const checkFlags = (flags: number): number =>
    (flags & ~FUTEX2_VALID_MASK) !== 0 || (flags & FUTEX2_SIZE_MASK) !== FUTEX2_SIZE_U32 ? -EINVAL : 0

  const checkTimeout = (timeout: Timespec | null, clock: number): number => {
    if (timeout === null) return 0
    return (clock !== CLOCK_REALTIME && clock !== CLOCK_MONOTONIC) || !isTimespec(timeout) ? -EINVAL : 0
  }

  const futex_wake = (word: FutexWord | null, mask: number, nr: number, flags: number): number => {
    if (checkFlags(flags) !== 0 || !fits32(mask) || mask === 0) return -EINVAL
    if (word === null) return -EFAULT
    return nr === 0 ? 0 : wake(word, nr, mask)
  }

  const futex_wait = (
    word: FutexWord | null, val: number, mask: number, flags: number, timeout: Timespec | null, clock: number,
  ): number => {
    if (checkFlags(flags) !== 0 || !fits32(val) || !fits32(mask) || checkTimeout(timeout, clock) !== 0) return -EINVAL
    if (mask === 0) return -EINVAL
    return word === null ? -EFAULT : wait([{ uaddr: word, val, flags }], mask, until(timeout, clock))
  }

  /** As `futex_parse_waitv`: the words, or -errno. */
  const parseWaitv = (
    waiters: readonly FutexWaitv[], nr: number,
  ): readonly (FutexWaitv & { readonly uaddr: FutexWord })[] | number => {
    const words: (FutexWaitv & { readonly uaddr: FutexWord })[] = []
    for (const waiter of waiters.slice(0, nr)) {
      const { uaddr, val, flags } = waiter
      if (checkFlags(flags) !== 0 || !fits32(val)) return -EINVAL
      if (uaddr === null) return -EFAULT
      words.push({ uaddr, val, flags })
    }
    return words.length < nr ? -EFAULT : words
  }

  const futex_waitv = (
    waiters: readonly FutexWaitv[] | null, nr: number, flags: number, timeout: Timespec | null, clock: number,
  ): number => {
    if (flags !== 0 || waiters === null || !(nr >= 1 && nr <= FUTEX_WAITV_MAX)) return -EINVAL
    if (checkTimeout(timeout, clock) !== 0) return -EINVAL
    const words = parseWaitv(waiters, nr)
    return typeof words === 'number' ? words : wait(words, FUTEX_BITSET_MATCH_ANY, until(timeout, clock))
  }

  const futex_requeue = (
    waiters: readonly FutexWaitv[] | null, flags: number, nrWake: number, nrRequeue: number,
  ): number => {
    if (flags !== 0 || waiters === null) return -EINVAL
    const words = parseWaitv(waiters, 2)
    if (typeof words === 'number') return words
    const [from, to] = words as [FutexWaitv & { uaddr: FutexWord }, FutexWaitv & { uaddr: FutexWord }]
    if (from.flags !== to.flags) return -EINVAL
    if (from.uaddr.value >>> 0 !== from.val) return -EAGAIN
    return requeue(from.uaddr, to.uaddr, nrWake, nrRequeue)
  }

  return { futex, futex_wake, futex_wait, futex_waitv, futex_requeue }
}

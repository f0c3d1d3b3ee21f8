/** Waits for words of a program's memory, and wakes the waiters (kernel/futex). There is no priority inheritance. */
import {
  CLOCK_MONOTONIC, CLOCK_REALTIME, EAGAIN, EFAULT, EINVAL, ENOSYS, ERESTARTSYS, ETIMEDOUT, FUTEX_BITSET_MATCH_ANY,
  FUTEX_CLOCK_REALTIME, FUTEX_CMD_MASK, FUTEX_CMP_REQUEUE, FUTEX_REQUEUE, FUTEX_WAIT, FUTEX_WAIT_BITSET,
  FUTEX_WAITV_MAX, FUTEX_WAKE, FUTEX_WAKE_BITSET, FUTEX_WAKE_OP,
} from '@lsmkit/abi'
import type { Machine } from '../machine.ts'
import { clockShift } from '../task/time-ns.ts'
import { WaitQueue } from '../state/vfs/wait.ts'
import { clockReader } from './clocks.ts'
import { changeWord } from './futex-op.ts'
import type { FutexWord } from './futex-op.ts'
import { FutexTable } from './futex-table.ts'
import type { Sleep } from './futex-table.ts'
import { isTimespec, msOf } from '../state/timespec.ts'
import type { Timespec } from '../state/timespec.ts'

/** A waiter with a word that can be read. */
type Waiter = FutexWaitv & { readonly uaddr: FutexWord }

/** `struct futex_waitv`. */
export interface FutexWaitv {
  readonly val: number
  readonly uaddr: FutexWord | null
  readonly flags: number
}

const FUTEX2_SIZE_MASK = 3
const FUTEX2_SIZE_U32 = 2
const FUTEX2_PRIVATE = 0x80
const FUTEX2_VALID_MASK = FUTEX2_SIZE_MASK | FUTEX2_PRIVATE

const fits32 = (value: number): boolean => value >= 0 && value <= 0xffffffff

/** The first try of a call puts the caller in the line. The next try, after a wake, finds the word that woke it. */
const wait = (
  machine: Machine, words: readonly Waiter[], mask: number, ms: number,
): number => {
  const { task } = machine.current
  const table = machine.part(FutexTable)
  const before = table.asleep.get(task)
  const isAgain = before !== undefined && words.length === before.words.length &&
    words.every(({ uaddr }, i) => uaddr === before.words[i])
  if (before !== undefined) {
    table.asleep.delete(task)
    table.leave(before)
  }
  if (isAgain && before.woken >= 0) {
    machine.deadlines.forget()
    return before.woken
  }
  if (!isAgain && words.some(({ uaddr, val }) => uaddr.value >>> 0 !== val >>> 0)) return -EAGAIN
  const sleep: Sleep = { queue: new WaitQueue(), words: words.map(({ uaddr }) => uaddr), woken: -1 }
  const rc = machine.deadlines.sleep('futex', sleep.queue, ms, -ETIMEDOUT)
  if (rc === -ERESTARTSYS) table.enter(task, sleep, mask)
  return rc
}

/** Milliseconds from now until an absolute time of `clock`; Infinity without one. */
const until = (machine: Machine, timeout: Timespec | null, clock: number): number =>
  timeout === null ? Infinity : msOf(timeout) - clockShift(machine, clock) - clockReader(machine, clock)!()

/** As `futex_wake_op`: changes the second word, and wakes its sleepers too when its old value passed the comparison. */
const wakeOp = (
  table: FutexTable, word: FutexWord, word2: FutexWord, nr: number, nr2: number, encoded: number,
): number => {
  const holds = changeWord(word2, encoded)
  if (typeof holds === 'number') return holds
  const woken = table.wake(word, nr, FUTEX_BITSET_MATCH_ANY)
  return holds ? woken + table.wake(word2, nr2, FUTEX_BITSET_MATCH_ANY) : woken
}

/** As `do_futex`. Commands that take a second count take it as `timeout`. */
const futex = (
  machine: Machine, word: FutexWord | null, op: number, value: number, timeout: Timespec | number | null,
  word2: FutexWord | null, value3: number,
): number => {
  const cmd = op & FUTEX_CMD_MASK
  const time = typeof timeout === 'object' ? timeout : null
  const isRealtime = (op & FUTEX_CLOCK_REALTIME) !== 0
  if ((cmd === FUTEX_WAIT || cmd === FUTEX_WAIT_BITSET) && time !== null && !isTimespec(time)) return -EINVAL
  if (isRealtime && cmd !== FUTEX_WAIT_BITSET) return -ENOSYS
  if (word === null) return -EFAULT
  const table = machine.part(FutexTable)
  const one = [{ uaddr: word, val: value, flags: 0 }]
  const count = typeof timeout === 'number' ? timeout : 0
  switch (cmd) {
    case FUTEX_WAIT:
      return wait(machine, one, FUTEX_BITSET_MATCH_ANY, time === null ? Infinity : msOf(time))
    case FUTEX_WAIT_BITSET:
      if (value3 === 0) return -EINVAL
      return wait(machine, one, value3, until(machine, time, isRealtime ? CLOCK_REALTIME : CLOCK_MONOTONIC))
    case FUTEX_WAKE:
      return table.wake(word, value, FUTEX_BITSET_MATCH_ANY)
    case FUTEX_WAKE_BITSET:
      return value3 === 0 ? -EINVAL : table.wake(word, value, value3)
    case FUTEX_REQUEUE:
    case FUTEX_CMP_REQUEUE:
      if (word2 === null) return -EFAULT
      if (cmd === FUTEX_CMP_REQUEUE && word.value >>> 0 !== value3 >>> 0) return -EAGAIN
      return table.requeue(word, word2, value, count)
    case FUTEX_WAKE_OP:
      return word2 === null ? -EFAULT : wakeOp(table, word, word2, value, count, value3)
    default:
      return -ENOSYS
  }
}

/** Only words of 32 bits are supported. */
const checkFlags = (flags: number): number =>
  (flags & ~FUTEX2_VALID_MASK) !== 0 || (flags & FUTEX2_SIZE_MASK) !== FUTEX2_SIZE_U32 ? -EINVAL : 0

const checkTimeout = (timeout: Timespec | null, clock: number): number => {
  if (timeout === null) return 0
  return (clock !== CLOCK_REALTIME && clock !== CLOCK_MONOTONIC) || !isTimespec(timeout) ? -EINVAL : 0
}

const futex_wake = (machine: Machine, word: FutexWord | null, mask: number, nr: number, flags: number): number => {
  if (checkFlags(flags) !== 0 || !fits32(mask) || mask === 0) return -EINVAL
  if (word === null) return -EFAULT
  return nr === 0 ? 0 : machine.part(FutexTable).wake(word, nr, mask)
}

const futex_wait = (
  machine: Machine, word: FutexWord | null, val: number, mask: number, flags: number, timeout: Timespec | null,
  clock: number,
): number => {
  if (checkFlags(flags) !== 0 || !fits32(val) || !fits32(mask) || checkTimeout(timeout, clock) !== 0) return -EINVAL
  if (mask === 0) return -EINVAL
  return word === null ? -EFAULT : wait(machine, [{ uaddr: word, val, flags }], mask, until(machine, timeout, clock))
}

/** As `futex_parse_waitv`: the words, or -errno. */
const parseWaitv = (waiters: readonly FutexWaitv[], nr: number): readonly Waiter[] | number => {
  const words: Waiter[] = []
  for (const waiter of waiters.slice(0, nr)) {
    const { uaddr, val, flags } = waiter
    if (checkFlags(flags) !== 0 || !fits32(val)) return -EINVAL
    if (uaddr === null) return -EFAULT
    words.push({ uaddr, val, flags })
  }
  return words.length < nr ? -EFAULT : words
}

const futex_waitv = (
  machine: Machine, waiters: readonly FutexWaitv[] | null, nr: number, flags: number, timeout: Timespec | null,
  clock: number,
): number => {
  if (flags !== 0 || waiters === null || !(nr >= 1 && nr <= FUTEX_WAITV_MAX)) return -EINVAL
  if (checkTimeout(timeout, clock) !== 0) return -EINVAL
  const words = parseWaitv(waiters, nr)
  if (typeof words === 'number') return words
  return wait(machine, words, FUTEX_BITSET_MATCH_ANY, until(machine, timeout, clock))
}

const futex_requeue = (
  machine: Machine, waiters: readonly FutexWaitv[] | null, flags: number, nrWake: number, nrRequeue: number,
): number => {
  if (flags !== 0 || waiters === null) return -EINVAL
  const words = parseWaitv(waiters, 2)
  if (typeof words === 'number') return words
  const [from, to] = words as [Waiter, Waiter]
  if (from.flags !== to.flags) return -EINVAL
  if (from.uaddr.value >>> 0 !== from.val) return -EAGAIN
  return machine.part(FutexTable).requeue(from.uaddr, to.uaddr, nrWake, nrRequeue)
}

export const futexSyscalls = { futex, futex_wake, futex_wait, futex_waitv, futex_requeue }

/** poll and select: wait until files are ready (fs/select.c). */
import {
  EBADF, EFAULT, EINVAL, POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLPRI, POLLRDBAND, POLLRDNORM, POLLWRBAND,
  POLLWRNORM, RLIMIT_NOFILE,
} from '@lsmkit/abi'
import type { File, Ref } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { rlimit } from '../state/task/rlimits.ts'
import type { SigSet, SizedMask } from '../state/task/sigset.ts'
import { inOneLook } from '../vfs/epoll.ts'
import { fget } from '../state/vfs/fdtable.ts'
import { fileState } from '../state/vfs/state.ts'
import { anyOf } from '../state/vfs/wait.ts'
import type { WaitQueue } from '../state/vfs/wait.ts'
import { isTimespec, msOf } from '../state/timespec.ts'
import type { Timespec } from '../state/timespec.ts'

const DEFAULT_MASK = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM
const IN_SET = POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR | POLLNVAL
const OUT_SET = POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR | POLLNVAL
const EX_SET = POLLPRI | POLLNVAL
const FD_SETSIZE = 1 << 20

/** `struct pollfd`. */
export interface Pollfd {
  fd: number
  events: number
  revents: number
}
/** `fd_set`: bit n is descriptor n. */
export type FdSet = Ref<bigint>

/** As `vfs_poll`: the POLL* events that are ready now. */
export const vfs_poll = (file: File): number => fileState(file).f_op.poll?.(file) ?? DEFAULT_MASK
/** The queue that a poll of the file waits on; null for a file that is always ready. */
export const pollQueue = (file: File): WaitQueue | null => fileState(file).f_op.poll_queue?.(file) ?? null

/** Runs `look`, during which nothing may change. Timers that are due wake their files first, as an interrupt would. */
export const lookNow = <T>(machine: Machine, look: () => T): T => {
  machine.hrtimers.run()
  return inOneLook(look)
}

const SETS = [IN_SET, OUT_SET, EX_SET]

/** A byte for each bit up to the last set one, in one pass over the number. */
const bitsOf = (set: bigint): Uint8Array => {
  const digits = set.toString(2)
  const bits = new Uint8Array(digits.length)
  for (let i = 0; i < bits.length; i++) bits[i] = digits.charCodeAt(bits.length - 1 - i) & 1
  return bits
}
const setOf = (bits: Uint8Array): bigint => BigInt(`0b${bits.toReversed().join('') || '0'}`)

const sleep = (machine: Machine, call: string, files: readonly (File | null)[], ms: number): number => {
  const queues = files.flatMap((file) => (file === null ? [] : (pollQueue(file) ?? [])))
  return machine.deadlines.sleep(call, queues.length === 1 ? queues[0]! : anyOf(queues), ms, 0)
}

/** Answers the number of ready files, or -ERESTARTSYS to sleep. */
const do_poll = (machine: Machine, call: string, fds: readonly Pollfd[], ms: number): number => {
  let ready = 0
  const files = fds.map(({ fd }) => (fd < 0 ? null : fget(machine.current.task, fd)))
  lookNow(machine, () => fds.forEach((entry, i) => {
    const file = files[i] ?? null
    if (entry.fd < 0) entry.revents = 0
    else if (file === null) entry.revents = POLLNVAL
    else entry.revents = vfs_poll(file) & (entry.events | POLLERR | POLLHUP)
    if (entry.revents !== 0) ready++
  }))
  if (ready === 0 && ms !== 0) return sleep(machine, call, files, ms)
  machine.deadlines.forget()
  return ready
}

const poll = (machine: Machine, fds: Pollfd[] | null, nfds: number, timeout: number): number => {
  if (nfds > rlimit(machine.current.task, RLIMIT_NOFILE) || nfds < 0) return -EINVAL
  if (nfds !== 0 && (fds === null || fds.length < nfds)) return -EFAULT
  return do_poll(machine, 'poll', (fds ?? []).slice(0, nfds), timeout < 0 ? Infinity : timeout)
}

const ppoll = (
  machine: Machine, fds: Pollfd[] | null, nfds: number, timeout: Timespec | null, mask: SigSet | null, size: number,
): number => {
  if (timeout !== null && !isTimespec(timeout)) return -EINVAL
  if (nfds > rlimit(machine.current.task, RLIMIT_NOFILE) || nfds < 0) return -EINVAL
  if (nfds !== 0 && (fds === null || fds.length < nfds)) return -EFAULT
  const ms = timeout === null ? Infinity : msOf(timeout)
  return machine.signals.withUserMask(mask, size, () => do_poll(machine, 'ppoll', (fds ?? []).slice(0, nfds), ms))
}

/** Sets the ready bits in `found`; the answer is how many. */
const look = (
  machine: Machine, n: number, asked: readonly Uint8Array[], found: readonly Uint8Array[], files: File[],
): number => {
  let ready = 0
  for (let fd = 0; fd < n; fd++) {
    if (((asked[0]![fd] ?? 0) | (asked[1]![fd] ?? 0) | (asked[2]![fd] ?? 0)) === 0) continue
    const file = fget(machine.current.task, fd)
    if (file === null) return -EBADF
    files.push(file)
    const mask = vfs_poll(file)
    SETS.forEach((wanted, i) => {
      if (asked[i]![fd] !== 1 || (mask & wanted) === 0) return
      found[i]![fd] = 1
      ready++
    })
  }
  return ready
}

const do_select = (
  machine: Machine, call: string, n: number, sets: readonly [FdSet | null, FdSet | null, FdSet | null], ms: number,
): number => {
  if (n < 0 || n > FD_SETSIZE) return -EINVAL
  const asked = sets.map((set) => bitsOf(set === null ? 0n : BigInt.asUintN(n, set.value)))
  const found = asked.map(({ length }) => new Uint8Array(length))
  const files: File[] = []
  const most = Math.max(...asked.map(({ length }) => length))
  const ready = lookNow(machine, () => look(machine, most, asked, found, files))
  if (ready < 0) return ready
  if (ready === 0 && ms !== 0) {
    const rc = sleep(machine, call, files, ms)
    if (rc !== 0) return rc
  } else machine.deadlines.forget()
  sets.forEach((set, i) => {
    if (set !== null) set.value = setOf(found[i]!)
  })
  return ready
}

const select = (
  machine: Machine, n: number, inp: FdSet | null, outp: FdSet | null, exp: FdSet | null,
  tv: { tv_sec: number; tv_usec: number } | null,
): number => {
  if (tv !== null && !(tv.tv_sec >= 0 && tv.tv_usec >= 0)) return -EINVAL
  const ms = tv === null ? Infinity : tv.tv_sec * 1000 + tv.tv_usec / 1000
  return do_select(machine, 'select', n, [inp, outp, exp], ms)
}

/** The sixth argument holds the mask and its size. */
const pselect6 = (
  machine: Machine, n: number, inp: FdSet | null, outp: FdSet | null, exp: FdSet | null, ts: Timespec | null,
  sig: SizedMask | null,
): number => {
  if (ts !== null && !isTimespec(ts)) return -EINVAL
  const ms = ts === null ? Infinity : msOf(ts)
  return machine.signals.withUserMask(sig?.mask ?? null, sig?.size ?? 0, () =>
    do_select(machine, 'pselect6', n, [inp, outp, exp], ms))
}

export const pollSyscalls = { poll, ppoll, select, pselect6 }

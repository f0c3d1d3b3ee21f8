/** Pending signals, and calls that block others while they sleep (kernel/signal.c). */
import { EINTR, EINVAL, ERESTARTSYS } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { SIG_KERNEL_ONLY, SIGSET_SIZE } from '../state/task/sigset.ts'
import type { SigSet } from '../state/task/sigset.ts'
import { signalOf, threadOf } from '../state/task/thread.ts'

/** All pending signals of a task, blocked ones included. */
export const pendingSet = (task: Task): bigint => threadOf(task).pending.set | signalOf(task).shared_pending.set

/** As `signal_pending`: whether a signal waits that the task does not block, or the process is ending. */
export const signal_pending = (task: Task): boolean =>
  signalOf(task).group_exit !== null || (pendingSet(task) & ~threadOf(task).blocked) !== 0n

/** Runs a call with `mask` as the caller's blocked signals (set_user_sigmask); -EINTR if a signal interrupts it. */
export const withBlocked = (machine: Machine, mask: SigSet, run: () => number): number => {
  const thread = threadOf(machine.current.task)
  const before = thread.blocked
  thread.blocked = mask & ~SIG_KERNEL_ONLY
  const rc = run()
  const interrupted = rc === -ERESTARTSYS && signal_pending(machine.current.task)
  thread.blocked = before
  if (!interrupted) return rc
  machine.deadlines.forget()
  return -EINTR
}

/** As `set_user_sigmask`; without a mask the caller's own stays. A call that slept passes its mask again. */
export const withUserMask = (machine: Machine, mask: SigSet | null, size: number, run: () => number): number => {
  if (mask === null) return run()
  return size === SIGSET_SIZE ? withBlocked(machine, mask, run) : -EINVAL
}

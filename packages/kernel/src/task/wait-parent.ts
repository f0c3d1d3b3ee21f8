/** Whether a task that has ended waits for its parent, and the signal that the parent gets. */
import { EPOLLIN, EPOLLRDNORM, SIGCHLD } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { signalOf, threadOf } from '../state/task/thread.ts'

/** Whether the leader is the only thread left, or no thread is (`thread_group_empty`). */
export const isGroupGone = (leader: Task): boolean => {
  const { threads } = signalOf(leader)
  return threads.size === 0 || (threads.size === 1 && threads.has(leader))
}

/** As `do_notify_pidfd`: the task has ended. */
export const wakePidfds = (task: Task): void => threadOf(task).pid.wait_pidfd?.wake(EPOLLIN | EPOLLRDNORM)

/**
 * As `do_notify_parent`: whether the child needs no wait. A strange exit signal does not outlive the parent's
 * exec.
 */
export const do_notify_parent = (machine: Machine, task: Task): boolean => {
  const { exit_signal, parent_exec_id } = threadOf(task)
  const stale = task.parent !== null && parent_exec_id !== threadOf(task.parent).self_exec_id
  return machine.signals.notifyParent(task, stale ? SIGCHLD : exit_signal)
}

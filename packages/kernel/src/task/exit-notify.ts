/** `exit_notify`: signals the relatives of a task that ends. A task that nobody waits for is released at once. */
import { EXIT_DEAD, EXIT_ZOMBIE, SIGCHLD } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { hangUpOrphans } from './job-control.ts'
import { release_task } from './release-task.ts'
import { forget_original_parent } from './reparent.ts'
import { leaderOf, signalOf } from '../state/task/thread.ts'
import { do_notify_parent, isGroupGone, wakePidfds } from './wait-parent.ts'

export const exit_notify = (machine: Machine, task: Task): void => {
  forget_original_parent(machine, task)
  if (signalOf(task).live === 0)
    hangUpOrphans(machine, leaderOf(task), leaderOf(task).real_parent, leaderOf(task))
  task.exit_state = EXIT_ZOMBIE
  const leader = task.group_leader === task
  if (!leader || isGroupGone(task)) wakePidfds(task)
  let autoreap: boolean
  if (task.ptrace !== 0) {
    const own = leader && isGroupGone(task) && task.parent === task.real_parent
    autoreap = own ? do_notify_parent(machine, task) : machine.signals.notifyParent(task, SIGCHLD)
  } else autoreap = leader ? isGroupGone(task) && do_notify_parent(machine, task) : true
  if (autoreap) {
    task.exit_state = EXIT_DEAD
    release_task(machine, task)
  }
}

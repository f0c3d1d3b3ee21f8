/** A group of its own for a task and all that it forks. */
import type { Task } from '@lsmkit/core'
import { threadOf } from '../state/task/thread.ts'
import type { CgroupHierarchy } from './hierarchy.ts'
import { PIDS_MAX } from '../state/cgroup/pids.ts'

/**
 * A group of its own for a task without threads, and for all that it forks: `tasks` at most, itself among them. What
 * ends the group again once they are gone, or -errno.
 */
export const confine = (hierarchy: CgroupHierarchy, task: Task, tasks: number): (() => void) | number => {
  const parent = threadOf(task).cgroup
  let rc = hierarchy.control.subtree_control_write(parent, '+pids')
  const name = `guest-${task.pid}`
  if (rc === 0) rc = hierarchy.mkdir(parent.kn, name, 0o755)
  if (rc !== 0) return rc
  const cgrp = [...parent.children].find(({ kn }) => kn.name === name)!
  // beside the tasks of a group only threaded ones may be
  if (!parent.isMixable) rc = hierarchy.control.enable_threaded(cgrp)
  if (rc !== 0) {
    hierarchy.destroy(cgrp)
    return rc
  }
  cgrp.pids!.limit = Math.min(tasks, PIDS_MAX)
  hierarchy.membership.move(task, cgrp)
  return () => {
    if (!cgrp.dead) hierarchy.destroy(cgrp)
  }
}

/** A group of its own for a task and all that it forks. */
import type { Task } from '@lsmkit/core'
import { threadOf } from '../state/task/thread.ts'
import { moveTask } from '../state/cgroup/membership.ts'
import { enable_threaded, subtree_control_write } from './control.ts'
import { cgroup_destroy, cgroup_mkdir } from './groups.ts'
import type { CgroupHierarchy } from './hierarchy.ts'
import { PIDS_MAX } from '../state/cgroup/pids.ts'

/**
 * Moves a task without threads into a new group, with a limit of `tasks` tasks: itself and all that it forks. Returns
 * the function that removes the group once they are gone, or -errno.
 */
export const confine = (hierarchy: CgroupHierarchy, task: Task, tasks: number): (() => void) | number => {
  const parent = threadOf(task).cgroup
  let rc = parent.subtree_control.has('pids') ? 0 : subtree_control_write(hierarchy, parent, '+pids')
  const name = `guest-${task.pid}`
  if (rc === 0) rc = cgroup_mkdir(hierarchy, parent.kn, name, 0o755)
  if (rc !== 0) return rc
  const cgrp = [...parent.children].find(({ kn }) => kn.name === name)!
  // a group with tasks of its own may have threaded children only
  if (!parent.isMixable) rc = enable_threaded(hierarchy, cgrp)
  if (rc !== 0) {
    cgroup_destroy(hierarchy, cgrp)
    return rc
  }
  cgrp.pids!.limit = Math.min(tasks, PIDS_MAX)
  moveTask(task, cgrp)
  return () => {
    if (!cgrp.dead) cgroup_destroy(hierarchy, cgrp)
  }
}

/** The tasks of a group: they are born into it, moved, exit and are reaped. Keeps the populated counts above it. */
import type { Task } from '@lsmkit/core'
import { isLeader, signalOf, threadOf } from '../task/thread.ts'
import type { Cgroup } from './cgroup.ts'

/** As `cgroup_update_populated`: `cgrp` got its first task, or lost its last one. */
const update_populated = (cgrp: Cgroup, populated: boolean): void => {
  const step = populated ? 1 : -1
  let child = cgrp
  // only a group without populated ones below changes by its own tasks
  if (cgrp.nr_populated_domain_children + cgrp.nr_populated_threaded_children > 0) return
  for (;;) {
    child.notify('populated')
    const { parent } = child
    if (parent === null) return
    const before = parent.isPopulated
    if (child.isThreaded) parent.nr_populated_threaded_children += step
    else parent.nr_populated_domain_children += step
    if (parent.isPopulated === before) return
    child = parent
  }
}

const add = (task: Task, cgrp: Cgroup): void => {
  cgrp.tasks.add(task)
  if (cgrp.tasks.size === 1) update_populated(cgrp, true)
}

const remove = (task: Task, cgrp: Cgroup): void => {
  if (cgrp.tasks.delete(task) && !cgrp.hasTasks) update_populated(cgrp, false)
}

/** Charges the task from now on where its group says. */
export const rechargeTask = (task: Task): void => {
  const thread = threadOf(task)
  // what the task has made stays charged where it is
  thread.memcg = thread.cgroup.effectiveMemory
  const next = thread.cgroup.effectivePids
  if (next === thread.pids) return
  next.charge(1)
  thread.pids.uncharge(1)
  thread.pids = next
}

/** Adds a new task, which the pids controller counts already. */
export const addNewTask = (task: Task): void => {
  const { cgroup } = threadOf(task)
  cgroup.members++
  add(task, cgroup)
}

/** Moves a task to `dst`, with what it is charged for. */
export const moveTask = (task: Task, dst: Cgroup): void => {
  const thread = threadOf(task)
  const src = thread.cgroup
  thread.cgroup = dst
  dst.members++
  add(task, dst)
  src.members--
  remove(task, src)
  rechargeTask(task)
}

/** As `cgroup_exit`. */
export const exitGroup = (task: Task): void => {
  const { cgroup } = threadOf(task)
  if (isLeader(task) && signalOf(task).threads.size > 1) cgroup.dyingLeaders.add(task)
  remove(task, cgroup)
}

/** As `cgroup_release`: a removed group ends with the last zombie that names it. */
export const releaseTask = (task: Task): void => {
  const { cgroup, pids } = threadOf(task)
  pids.uncharge(1)
  cgroup.dyingLeaders.delete(task)
  if (--cgroup.members === 0 && cgroup.dead) for (const above of cgroup.ancestors()) above.nr_dying_descendants--
}

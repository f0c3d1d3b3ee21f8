/** Which tasks a group has: they are born into it, moved, exit and are reaped; what is populated hears of it. */
import type { Task } from '@lsmkit/core'
import { isLeader, signalOf, threadOf } from '../task/thread.ts'
import type { Cgroup } from './cgroup.ts'

export const cgroupMembership = () => {
  /** As `cgroup_update_populated`: `cgrp` got its first task, or lost its last one. */
  const updatePopulated = (cgrp: Cgroup, populated: boolean): void => {
    const step = populated ? 1 : -1
    let child = cgrp
    // only a group without populated ones below changes by its own tasks
    if (cgrp.nr_populated_domain_children + cgrp.nr_populated_threaded_children > 0) return
    for (;;) {
      child.files.get(null)?.notify('cgroup.events')
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
    if (cgrp.tasks.size === 1) updatePopulated(cgrp, true)
  }
  const remove = (task: Task, cgrp: Cgroup): void => {
    if (cgrp.tasks.delete(task) && !cgrp.hasTasks) updatePopulated(cgrp, false)
  }

  /** The task counts where its group says, from now on. */
  const recharge = (task: Task): void => {
    const thread = threadOf(task)
    // what it has made stays charged where it is
    thread.memcg = thread.cgroup.effectiveMemory
    const next = thread.cgroup.effectivePids
    if (next === thread.pids) return
    next.charge(1)
    thread.pids.uncharge(1)
    thread.pids = next
  }

  /** A new task, which `charged` already counts. */
  const born = (task: Task): void => {
    const { cgroup } = threadOf(task)
    cgroup.members++
    add(task, cgroup)
  }

  const move = (task: Task, dst: Cgroup): void => {
    const thread = threadOf(task)
    const src = thread.cgroup
    thread.cgroup = dst
    dst.members++
    add(task, dst)
    src.members--
    remove(task, src)
    recharge(task)
  }

  /** As `cgroup_exit`. */
  const exit = (task: Task): void => {
    const { cgroup } = threadOf(task)
    if (isLeader(task) && signalOf(task).threads.size > 1) cgroup.dyingLeaders.add(task)
    remove(task, cgroup)
  }

  /** As `cgroup_release`: a removed group goes with the last zombie that names it. */
  const release = (task: Task): void => {
    const { cgroup, pids } = threadOf(task)
    pids.uncharge(1)
    cgroup.dyingLeaders.delete(task)
    if (--cgroup.members === 0 && cgroup.dead) for (const above of cgroup.ancestors()) above.nr_dying_descendants--
  }

  return { born, move, recharge, exit, release }
}
export type Membership = ReturnType<typeof cgroupMembership>

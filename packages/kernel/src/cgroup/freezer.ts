/** Freezing groups (kernel/cgroup/freezer.c): their tasks stop where they return to the program, and wait there. */
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { threadOf } from '../state/task/thread.ts'
import type { Cgroup } from '../state/cgroup/cgroup.ts'

/** Waits in the freezer, or is stopped by a signal or a tracer, which is as good. */
const isAtRest = (task: Task): boolean => threadOf(task).frozen || threadOf(task).state !== 'running'

const shouldBeFrozen = ({ e_freeze, tasks, children }: Cgroup): boolean =>
  e_freeze > 0 && [...tasks].every(isAtRest) && [...children].every(({ frozen }) => frozen)

export const cgroupFreezer = (machine: Machine) => {
  const notify = (cgrp: Cgroup): void => cgrp.files.get(null)?.notify('cgroup.events')

  /** As `cgroup_update_frozen`: looks again whether all is at rest, here and above. */
  const update = (cgrp: Cgroup): void => {
    for (let at: Cgroup | null = cgrp; at !== null; at = at.parent) {
      const frozen = shouldBeFrozen(at)
      if (frozen === at.frozen) return
      at.frozen = frozen
      notify(at)
    }
  }

  /** As `JOBCTL_TRAP_FREEZE`: the task may not go on. */
  const isFreezing = (task: Task): boolean => threadOf(task).cgroup.e_freeze > 0

  /** As `do_freezer_trap`. */
  const enter = (task: Task): void => {
    const thread = threadOf(task)
    if (thread.frozen) return
    thread.frozen = true
    update(thread.cgroup)
  }

  /** As `cgroup_freeze_task`: makes a task what its group is. */
  const settle = (task: Task): void => {
    const thread = threadOf(task)
    if (!isFreezing(task) && thread.frozen) {
      thread.frozen = false
      machine.wake(task)
    }
    machine.callRcu(() => machine.delivery.deliver(task))
  }

  /** As `cgroup_freeze`. Groups that one above already holds, or still holds, stay as they are. */
  const freeze = (cgrp: Cgroup, on: boolean): void => {
    if (cgrp.freeze === on) return
    cgrp.freeze = on
    let applied = false
    for (const at of [...cgrp.subtree()].reverse()) {
      at.e_freeze += on ? 1 : -1
      if (at.e_freeze > (on ? 1 : 0)) continue
      for (const task of at.tasks) settle(task)
      update(at)
      applied = true
    }
    if (!applied) notify(cgrp)
  }

  return { isFreezing, enter, settle, update, freeze }
}
export type CgroupFreezer = ReturnType<typeof cgroupFreezer>

/** Freezing groups (kernel/cgroup/freezer.c): their tasks stop where they return to the program, and wait there. */
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { threadOf } from '../state/task/thread.ts'
import type { Cgroup } from '../state/cgroup/cgroup.ts'

/** Whether the task waits in the freezer, or is stopped by a signal or a tracer, which counts as well. */
const isAtRest = (task: Task): boolean => threadOf(task).frozen || threadOf(task).state !== 'running'

const shouldBeFrozen = ({ e_freeze, tasks, children }: Cgroup): boolean =>
  e_freeze > 0 && [...tasks].every(isAtRest) && [...children].every(({ frozen }) => frozen)

/** As `cgroup_update_frozen`: checks again whether all tasks are at rest, in this group and those above. */
export const updateFrozen = (cgrp: Cgroup): void => {
  for (let at: Cgroup | null = cgrp; at !== null; at = at.parent) {
    const frozen = shouldBeFrozen(at)
    if (frozen === at.frozen) return
    at.frozen = frozen
    at.notify('frozen')
  }
}

/** As `JOBCTL_TRAP_FREEZE`: whether the task has to stop. */
export const isFreezing = (task: Task): boolean => threadOf(task).cgroup.e_freeze > 0

/** As `do_freezer_trap`. */
export const enterFreezer = (task: Task): void => {
  const thread = threadOf(task)
  if (thread.frozen) return
  thread.frozen = true
  updateFrozen(thread.cgroup)
}

/** As `cgroup_freeze_task`: freezes or thaws a task as its group demands. */
export const settleFrozen = (machine: Machine, task: Task): void => {
  const thread = threadOf(task)
  if (!isFreezing(task) && thread.frozen) {
    thread.frozen = false
    machine.wake(task)
  }
  machine.callRcu(() => machine.delivery.deliver(task))
}

/** As `cgroup_freeze`. A group below another frozen group keeps its state. */
export const freezeGroup = (
  machine: Machine, cgrp: Cgroup, on: boolean, pathOf: (cgrp: Cgroup) => string,
): void => {
  const point = machine.tracing.points[on ? 'cgroup_freeze' : 'cgroup_unfreeze']
  if (cgrp.freeze === on) return
  cgrp.freeze = on
  let applied = false
  for (const at of [...cgrp.subtree()].reverse()) {
    at.e_freeze += on ? 1 : -1
    if (at.e_freeze > (on ? 1 : 0)) continue
    for (const task of at.tasks) settleFrozen(machine, task)
    updateFrozen(at)
    if (point.on) point.hit(at, pathOf(at))
    applied = true
  }
  if (!applied) cgrp.notify('frozen')
}

/** The last step of a clone: the task becomes visible, to its relatives, its tracer, its control group. */
import { CLONE_PARENT, CLONE_THREAD, CLONE_VM } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { CloneArgs } from '../interfaces/tasks.ts'
import type { Machine } from '../machine.ts'
import { spaceOf } from '../state/mm/address-space.ts'
import { has } from './clone-flags.ts'
import { signalOf, threadOf } from '../state/task/thread.ts'

/** From here nothing fails: the task becomes visible. */
export const enlist = (
  machine: Machine, task: Task, me: Task, { flags, exit_signal }: CloneArgs, trace: boolean,
): void => {
  const thread = threadOf(task)
  const mine = threadOf(me)
  const sameGroup = has(flags, CLONE_THREAD)
  task.group_leader = sameGroup ? me.group_leader : task
  task.tgid = sameGroup ? me.tgid : task.pid
  if (has(flags, CLONE_PARENT | CLONE_THREAD)) {
    task.real_parent = me.real_parent
    thread.parent_exec_id = mine.parent_exec_id
    thread.exit_signal = sameGroup ? -1 : threadOf(me.group_leader!).exit_signal
  } else {
    task.real_parent = me
    thread.parent_exec_id = mine.self_exec_id
    thread.exit_signal = exit_signal
  }
  task.parent = task.real_parent
  if (trace && me.ptrace !== 0 && me.parent !== null && me.ptracer_cred !== null) {
    task.ptrace = me.ptrace
    machine.ptrace.link(task, me.parent, me.ptracer_cred)
    machine.delivery.stopForTracer(task)
  }
  const signal = signalOf(task)
  signal.threads.add(task)
  signal.live++
  if (!sameGroup) {
    const { pid } = thread
    signal.pgrp.group.add(task)
    signal.session.session.add(task)
    if (pid.ns.child_reaper === null) {
      pid.ns.child_reaper = task
      signal.unkillable = true
    }
    if (task.real_parent !== null) {
      const parent = signalOf(task.real_parent)
      signal.has_child_subreaper = parent.has_child_subreaper || parent.is_child_subreaper
      threadOf(task.real_parent).children.add(task)
    }
  }
  machine.tasks.add(task)
  machine.cgroups.post_fork(task, flags)
  for (const step of machine.onFork) step(task, me, flags)
  if (task.mm !== null && !has(flags, CLONE_VM)) spaceOf(task.mm).memory = null
}

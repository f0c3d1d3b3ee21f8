/** The parts of a task that a clone shares or copies (`copy_files`, `copy_sighand`, `copy_mm`…). */
import {
  CLONE_CLEAR_SIGHAND, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM, DEFAULT_PRIO, PF_FORKNOEXEC, PF_KTHREAD, PF_SUPERPRIV,
  SCHED_DEADLINE, SCHED_FIFO, SCHED_NORMAL, SCHED_RR,
} from '@lsmkit/abi'
import type { Cred, Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { COST } from '../state/memory-costs.ts'
import { fdTable } from '../state/vfs/fdtable.ts'
import { has } from './clone-flags.ts'
import { Sighand, Signal, signalOf, threadOf } from '../state/task/thread.ts'

/** The parts of `struct task_struct` that dup_task_struct and sched_fork carry over. */
export const dup_task_struct = (machine: Machine, me: Task, cred: Cred): Task => {
  const task = machine.objects.task(0, 0, cred, cred)
  task.comm = me.comm
  task.flags = (me.flags & ~(PF_KTHREAD | PF_SUPERPRIV)) | PF_FORKNOEXEC
  task.personality = me.personality
  task.atomic_flags = me.atomic_flags
  task.static_prio = me.static_prio
  task.policy = me.policy
  task.rt_priority = me.rt_priority
  task.ioprio = me.ioprio
  task.loginuid = me.loginuid
  task.sessionid = me.sessionid
  if (threadOf(me).sched_reset_on_fork) {
    if (task.policy === SCHED_FIFO || task.policy === SCHED_RR || task.policy === SCHED_DEADLINE) {
      task.policy = SCHED_NORMAL
      task.rt_priority = 0
      task.static_prio = DEFAULT_PRIO
    } else if (task.static_prio < DEFAULT_PRIO) task.static_prio = DEFAULT_PRIO
  }
  return task
}

export const shareFiles = (me: Task): Task['files'] => {
  fdTable(me).count++
  return me.files
}

export const shareFs = (me: Task): Task['fs'] => {
  me.fs!.users++
  return me.fs
}

export const copy_sighand = (flags: number, from: Sighand): Sighand => {
  if (has(flags, CLONE_SIGHAND)) {
    from.count++
    return from
  }
  const own = new Sighand()
  from.action.forEach((action, sig) => {
    if (action === null) return
    const handler =
      Math.floor(flags / CLONE_CLEAR_SIGHAND) % 2 === 1 && action.handler !== 'ignore' ? 'default' : action.handler
    own.action[sig] = { ...action, handler }
  })
  return own
}

export const copy_signal = (machine: Machine, flags: number, me: Task): Signal => {
  const from = signalOf(me)
  if (has(flags, CLONE_THREAD)) return from
  const signal = new Signal(machine.account, COST.process, from.pgrp, from.session, from.rlim)
  signal.oom_score_adj = from.oom_score_adj
  signal.oom_score_adj_min = from.oom_score_adj_min
  signal.tty = from.tty
  return signal
}

export const copy_mm = (machine: Machine, flags: number, me: Task): Task['mm'] | number => {
  if (me.mm === null) return null
  if (!has(flags, CLONE_VM)) return machine.mms.dup_mm(me.mm)
  me.mm.users++
  return me.mm
}

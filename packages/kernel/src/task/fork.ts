/** Making tasks (kernel/fork.c): `kernel_clone` and `copy_process`, whose steps are in the files beside this one. */
import {
  CLONE_PARENT_SETTID, CLONE_PIDFD, CLONE_PTRACE, CLONE_THREAD, EAGAIN, EINVAL, ENOMEM, ERESTARTNOINTR,
  PF_NPROC_EXCEEDED, SCHED_DEADLINE,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { bound } from '../state/bound.ts'
import type { CloneArgs, Forks } from '../interfaces/tasks.ts'
import type { Machine } from '../machine.ts'
import { COST } from '../state/memory-costs.ts'
import { copy_creds, dropCreds, isOverProcessLimit } from './clone-creds.ts'
import { checkCloneFlags, has, traceEvent } from './clone-flags.ts'
import { dup_task_struct } from './copy-task.ts'
import { enlist } from './enlist.ts'
import { shareResources } from './share-resources.ts'
import { threadOf } from '../state/task/thread.ts'

/** As `copy_process`: a task that is complete but for its runner, or -errno with everything undone. */
const copy_process = (machine: Machine, args: CloneArgs, trace: boolean): Task | number => {
  const { task_newtask } = machine.tracing.points
  const { flags } = args
  const me = machine.current.task
  let rc = checkCloneFlags(machine, flags)
  if (rc !== 0) return rc
  if (machine.signals.signal_pending(me)) return -ERESTARTNOINTR
  const cred = copy_creds(machine, flags)
  if (typeof cred === 'number') return cred
  if (isOverProcessLimit(machine, cred)) {
    dropCreds(machine, cred)
    return -EAGAIN
  }
  me.flags &= ~PF_NPROC_EXCEEDED
  const own = COST.thread + threadOf(me).filterBytes
  const bytes = has(flags, CLONE_THREAD) ? own : own + COST.process
  const { account } = machine
  if (!account.charge(bytes)) {
    dropCreds(machine, cred)
    return -ENOMEM
  }
  const fail = (error: number): number => {
    account.uncharge(bytes)
    dropCreds(machine, cred)
    return error
  }
  const task = dup_task_struct(machine, me, cred)
  // a share of the processor's time cannot be had twice
  if (task.policy === SCHED_DEADLINE) return fail(-EAGAIN)
  rc = machine.lsm.task_alloc.ask(task, flags)
  if (rc !== 0) return fail(rc)
  rc = shareResources(machine, task, me, args, own)
  if (rc !== 0) {
    machine.lsm.task_free.tell(task)
    return fail(rc)
  }
  enlist(machine, task, me, args, trace)
  if (task_newtask.on) task_newtask.hit(task, flags)
  return task
}

/** As `kernel_clone`: the child's pid as the caller sees it, or -errno. The host runs the child when it likes. */
const kernel_clone = (machine: Machine, args: CloneArgs): number => {
  const { sched_process_fork, sched_wakeup_new } = machine.tracing.points
  if (has(args.flags, CLONE_PIDFD) && has(args.flags, CLONE_PARENT_SETTID) && args.pidfd === args.parent_tid)
    return -EINVAL
  const event = traceEvent(machine, args)
  const task = copy_process(machine, args, event !== 0 || has(args.flags, CLONE_PTRACE))
  if (typeof task === 'number') return task
  if (sched_process_fork.on) sched_process_fork.hit(machine.current.task, task)
  if (sched_wakeup_new.on) sched_wakeup_new.hit(task)
  const nr = machine.tasks.pidNr(task)
  if (has(args.flags, CLONE_PARENT_SETTID) && args.parent_tid) args.parent_tid.value = nr
  const { set_child_tid } = threadOf(task)
  if (set_child_tid !== null) set_child_tid.value = threadOf(task).pid.numbers.at(-1)!
  if (event !== 0) machine.delivery.ptraceEvent(machine.current.task, event, nr)
  return nr
}

export const createForks = (machine: Machine): Forks => bound(machine, { copy_process, kernel_clone })

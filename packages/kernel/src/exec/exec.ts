/** execve (fs/exec.c): from the call to the new program; the steps are in the files beside this one. */
import {
  AT_EMPTY_PATH, EAGAIN, ENOMEM, PF_NPROC_EXCEEDED, PTRACE_EVENT_EXEC, PT_SEIZED, PT_TRACE_EXEC, RLIMIT_NPROC, SIGSEGV,
  SIGTRAP,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { bound } from '../state/bound.ts'
import type { Exec } from '../interfaces/exec.ts'
import type { Machine } from '../machine.ts'
import { rlimit } from '../state/task/rlimits.ts'
import { LOOKUP_EMPTY } from '../state/vfs/lookup-flags.ts'
import { getname } from '../state/vfs/names.ts'
import { alloc_bprm, free_bprm } from './alloc-bprm.ts'
import { exec_binprm } from './binary-handlers.ts'
import { hostFormat } from './formats.ts'
import type { Binfmt } from '../state/exec/binfmt.ts'
import type { ExecBinprm } from '../state/exec/binprm.ts'
import { check_unsafe_exec } from './exec-privilege.ts'
import { begin_new_exec } from './new-exec.ts'
import { open_exec } from './open-exec.ts'
import { setup_stack } from './setup-stack.ts'

/** As `bprm_execve`. A failure after the point of no return kills: there is nothing to go back to. */
const bprm_execve = (machine: Machine, bprm: ExecBinprm): number => {
  const me = machine.current.task
  const next = machine.creds.prepare_exec_creds()
  if (next === null) return -ENOMEM
  bprm.cred = next
  check_unsafe_exec(machine, bprm)
  me.in_execve = 1
  let rc = machine.lsm.bprm_creds_for_exec.ask(bprm)
  if (rc === 0) rc = exec_binprm(machine, bprm)
  me.in_execve = 0
  if (rc < 0 && bprm.point_of_no_return) machine.callRcu(() => machine.exits.dieOf(me, SIGSEGV, false))
  return rc
}

/** As `ptrace_event(PTRACE_EVENT_EXEC)`: a tracer that has not asked for the event gets SIGTRAP. */
const reportExec = (machine: Machine, me: Task, old_pid: number): void => {
  if (me.ptrace === 0) return
  if (me.ptrace & PT_TRACE_EXEC) machine.delivery.ptraceEvent(me, PTRACE_EVENT_EXEC, old_pid)
  else if (!(me.ptrace & PT_SEIZED)) machine.signals.send(SIGTRAP, machine.signals.userSiginfo(SIGTRAP), me, 'thread')
}

/** As `do_execveat_common`: 0 and a new image, or -errno. */
const do_execveat = (
  machine: Machine, dfd: number, name: unknown, argv: readonly string[] | null, envp: readonly string[] | null,
  flags: number,
): number => {
  const { sched_process_exec } = machine.tracing.points
  const path = getname(name, flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0)
  if (typeof path === 'number') return path
  const me = machine.current.task
  const overLimit = () => machine.tasks.ofUser.of(me.cred.uid) > rlimit(me, RLIMIT_NPROC)
  if (me.flags & PF_NPROC_EXCEEDED && overLimit()) return -EAGAIN
  me.flags &= ~PF_NPROC_EXCEEDED
  const bprm = alloc_bprm(machine, dfd, path, flags)
  if (typeof bprm === 'number') return bprm
  const old_pid = me.pid
  let rc = bprm.copyVectors(argv, envp)
  if (rc === 0) rc = bprm_execve(machine, bprm)
  if (rc >= 0) {
    if (sched_process_exec.on) sched_process_exec.hit(me, old_pid, bprm)
    reportExec(machine, me, old_pid)
  }
  free_bprm(machine, bprm)
  return rc
}

export const createExec = (machine: Machine): Exec => {
  const formats: Binfmt[] = []
  return {
    formats,
    registerBinfmt: (format) => void formats.push(format),
    registerHostFormat: (...format) => void formats.push(hostFormat(machine, ...format)),
    ...bound(machine, { open_exec, begin_new_exec, setup_stack, do_execveat }),
  }
}

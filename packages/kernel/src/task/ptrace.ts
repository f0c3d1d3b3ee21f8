/** Permission to inspect or trace a task (kernel/ptrace.c), and the link between tracer and tracee. */
import {
  CAP_PERFMON, CAP_SYS_ADMIN, CAP_SYS_PTRACE, EACCES, EPERM, ESRCH, PT_PTRACED, PTRACE_MODE_FSCREDS,
  PTRACE_MODE_NOAUDIT, PTRACE_MODE_READ, PTRACE_MODE_REALCREDS, SUID_DUMP_USER,
} from '@lsmkit/abi'
import { capable, ns_capable, ns_capable_noaudit } from '@lsmkit/core'
import type { Cred, Task, UserNamespace } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { spaceOf } from '../state/mm/address-space.ts'
import type { AddressSpace } from '../state/mm/address-space.ts'
import { sameThreadGroup, threadOf } from '../state/task/thread.ts'
import { bound } from '../state/bound.ts'

const hasCap = (machine: Machine, ns: UserNamespace, mode: number): boolean =>
  mode & PTRACE_MODE_NOAUDIT
    ? ns_capable_noaudit(machine.lsm, machine.current, ns, CAP_SYS_PTRACE)
    : ns_capable(machine.lsm, machine.current, ns, CAP_SYS_PTRACE)

/**
 * As `__ptrace_may_access`: 0 or -errno. `mode` has exactly one of FSCREDS (calls that go by a file) and REALCREDS.
 * Ids first, then dumpability, then LSMs; threads of one process may always look at one another.
 */
const access = (machine: Machine, task: Task, mode: number): number => {
  if (!(mode & PTRACE_MODE_FSCREDS) === !(mode & PTRACE_MODE_REALCREDS)) return -EPERM
  if (sameThreadGroup(task, machine.current.task)) return 0
  const { cred } = machine.current.task
  const fs = (mode & PTRACE_MODE_FSCREDS) !== 0
  if (!idsMatch(task.real_cred, fs ? cred.fsuid : cred.uid, fs ? cred.fsgid : cred.gid) &&
      !hasCap(machine, task.real_cred.user_ns, mode)) return -EPERM
  const { mm } = task
  if (mm !== null && mm.dumpable !== SUID_DUMP_USER && !hasCap(machine, mm.user_ns, mode)) return -EPERM
  return machine.lsm.ptrace_access_check.ask(task, mode)
}

/** As `ptrace_may_access`. */
const may_access = (machine: Machine, task: Task, mode: number): boolean => access(machine, task, mode) === 0

/** As `perfmon_capable`. */
const mayWatch = ({ lsm, current }: Machine): boolean =>
  capable(lsm, current, CAP_PERFMON) || capable(lsm, current, CAP_SYS_ADMIN)

/** As `mm_access`: the address space; -ESRCH without one; -EACCES if the caller may not look. */
const mm_access = (machine: Machine, task: Task, mode: number): AddressSpace | number => {
  if (task.mm === null) return -ESRCH
  const may = task.mm === machine.current.task.mm || may_access(machine, task, mode) ||
    (machine.rules.perfmonReadsMemory && (mode & PTRACE_MODE_READ) !== 0 && mayWatch(machine))
  return may ? spaceOf(task.mm) : -EACCES
}

/** `tracer_cred` is remembered: it answers for the tracer when the tracee wants to gain privilege. */
const link = (machine: Machine, child: Task, tracer: Task, tracer_cred: Cred): void => {
  threadOf(tracer).ptraced.add(child)
  child.parent = tracer
  child.ptracer_cred = machine.creds.get_cred(tracer_cred)
}

/** As `__ptrace_unlink`. */
const unlink = (machine: Machine, child: Task): void => {
  if (child.parent !== null) threadOf(child.parent).ptraced.delete(child)
  child.ptrace = 0
  child.parent = child.real_parent
  if (child.ptracer_cred !== null) machine.creds.put_cred(child.ptracer_cred)
  child.ptracer_cred = null
  const thread = threadOf(child)
  if (thread.state === 'traced') thread.state = machine.signals.isStopped(child) ? 'stopped' : 'running'
}

/** As `ptrace_traceme`: the parent becomes the tracer, with the tracee's own credentials on record. */
const traceme = (machine: Machine): number => {
  const { task } = machine.current
  const { parent } = task
  if (task.ptrace !== 0 || parent === null) return -EPERM
  const rc = machine.lsm.ptrace_traceme.ask(parent)
  if (rc !== 0) return rc
  task.ptrace = PT_PTRACED
  link(machine, task, parent, task.cred)
  return 0
}

export const createPtrace = (machine: Machine) =>
  bound(machine, { access, may_access, mm_access, link, unlink, traceme })

const idsMatch = (target: Cred, uid: number, gid: number): boolean =>
  uid === target.euid && uid === target.suid && uid === target.uid &&
  gid === target.egid && gid === target.sgid && gid === target.gid

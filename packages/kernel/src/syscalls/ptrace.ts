/** ptrace(2), and the table of calls that inspect other processes. */
import {
  EIO, EPERM, ESRCH, PF_KTHREAD, PTRACE_ATTACH, PTRACE_INTERRUPT, PTRACE_KILL, PTRACE_MODE_ATTACH_REALCREDS,
  PTRACE_O_MASK, PTRACE_SEIZE, PTRACE_TRACEME, PT_PTRACED, PT_SEIZED, SIGSTOP,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { process_vm_rw, process_madvise } from '../mm/process-vm.ts'
import type { LocalIovec, RemoteIovec } from '../mm/process-vm.ts'
import { audit_ptrace } from '../state/audit-names.ts'
import { kcmp } from '../task/kcmp.ts'
import { check_ptrace_options, ptrace_request, PT_OPT_FLAG_SHIFT } from '../task/ptrace-requests.ts'
import type { PtraceData } from '../task/ptrace-requests.ts'
import { kernelSiginfo } from '../task/signal-info.ts'
import { sameThreadGroup, threadOf } from '../state/task/thread.ts'

/** As `ptrace_attach`. PTRACE_SEIZE does not stop the tracee. */
const ptrace_attach = (machine: Machine, task: Task, seize: boolean, addr: number, options: number): number => {
  const { current } = machine
  let flags = PT_PTRACED
  if (seize) {
    if (addr !== 0 || options & ~PTRACE_O_MASK) return -EIO
    const rc = check_ptrace_options(machine, options)
    if (rc !== 0) return rc
    flags = PT_PTRACED | PT_SEIZED | (options << PT_OPT_FLAG_SHIFT)
  }
  audit_ptrace(machine, task)
  if (task.flags & PF_KTHREAD || sameThreadGroup(task, current.task)) return -EPERM
  const rc = machine.ptrace.access(task, PTRACE_MODE_ATTACH_REALCREDS)
  if (rc !== 0) return rc
  if (task.exit_state !== 0 || task.ptrace !== 0) return -EPERM
  task.ptrace = flags
  machine.ptrace.link(task, current.task, current.task.cred)
  if (!seize) machine.signals.send(SIGSTOP, kernelSiginfo(SIGSTOP), task, 'thread')
  if (threadOf(task).state === 'stopped') machine.delivery.trap(task)
  return 0
}

/** As `ptrace_check_attach`: the task is a stopped tracee of the caller. */
const isMine = (machine: Machine, task: Task, evenRunning: boolean): boolean =>
  task.ptrace !== 0 && task.parent === machine.current.task &&
  (evenRunning || (threadOf(task).state === 'traced' && !threadOf(task).listening))

const ptrace = (machine: Machine, what: number, pid: number, addr: number, data: PtraceData): number => {
  if (what === PTRACE_TRACEME) return machine.ptrace.traceme()
  const task = machine.tasks.findByVpid(pid)
  if (task === null) return -ESRCH
  if (what === PTRACE_ATTACH || what === PTRACE_SEIZE)
    return ptrace_attach(machine, task, what === PTRACE_SEIZE, addr, typeof data === 'number' ? data : 0)
  if (!isMine(machine, task, what === PTRACE_KILL || what === PTRACE_INTERRUPT)) return -ESRCH
  return ptrace_request(machine, task, what, addr, data)
}

/** The arrays know their lengths, so the counts that user space gives are not needed. */
const process_vm_readv = (
  machine: Machine, pid: number, local: readonly LocalIovec[], _local_count: number, remote: readonly RemoteIovec[],
  _remote_count: number, flags: number,
): number => process_vm_rw(machine, pid, local, remote, flags, false)

const process_vm_writev = (
  machine: Machine, pid: number, local: readonly LocalIovec[], _local_count: number, remote: readonly RemoteIovec[],
  _remote_count: number, flags: number,
): number => process_vm_rw(machine, pid, local, remote, flags, true)

export const ptraceSyscalls = { ptrace, process_madvise, kcmp, process_vm_readv, process_vm_writev }

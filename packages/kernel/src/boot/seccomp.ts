/** The kernel's own way to run filters of seccomp(2). */
import { AUDIT_ARCH_X86_64, AUDIT_SECCOMP } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { SyscallFilter } from '../interfaces/seccomp.ts'
import type { Machine } from '../machine.ts'
import { seccomp } from '../seccomp/filters.ts'

const LOG_NOTICE = 5

/** As `audit_seccomp` writes it where no daemon listens. */
const auditText = (machine: Machine, task: Task, nr: number, action: number): string => {
  const { uid, gid } = task.cred
  const time = (machine.realtime() / 1000).toFixed(3)
  return `audit: type=${AUDIT_SECCOMP} audit(${time}:0): uid=${uid} gid=${gid} pid=${task.pid} ` +
    `comm=${JSON.stringify(task.comm)} arch=${AUDIT_ARCH_X86_64.toString(16)} syscall=${nr} compat=0 ` +
    `code=0x${action.toString(16)}`
}

/** Filters ask the listeners of this machine, and what they log goes to the kernel's log. */
export const kernelSeccomp = (machine: Machine): SyscallFilter =>
  seccomp({
    onNotify: machine.seccompNotify.ask,
    onLog: ({ task, nr, action }) => machine.log.add(LOG_NOTICE, auditText(machine, task, nr, action)),
  })

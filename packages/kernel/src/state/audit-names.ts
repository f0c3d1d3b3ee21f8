/** Inodes, IPC objects and tasks that a system call names, for the rules of the audit system (kernel/auditsc.c). */
import { inodeAuditId, ipcAuditId, taskAuditId } from '@lsmkit/core'
import type { AnyKeyMap, Inode, KernIpcPerm, Task } from '@lsmkit/core'
import type { AuditContext, AuditRules } from './audit.ts'
import { threadOf } from './task/thread.ts'

/** The kernel whose calls are audited. */
interface Audited {
  readonly auditRules: AuditRules
  readonly lsm: AnyKeyMap
  readonly current: { readonly task: Task }
}

/** The context of the call under way, if rules may speak of it. */
const contextOf = (machine: Audited): AuditContext | null => {
  if (machine.auditRules.rules.length === 0) return null
  const { audit } = threadOf(machine.current.task)
  return audit?.isOn === true ? audit : null
}

/** A path of the call has led to this inode. */
export const audit_inode = (machine: Audited, inode: Inode | null): void => {
  const context = contextOf(machine)
  if (context !== null && inode !== null) context.names.push(inodeAuditId(machine.lsm, inode))
}

export const audit_ipc_obj = (machine: Audited, perm: KernIpcPerm): void => {
  const context = contextOf(machine)
  if (context !== null) context.ipc = ipcAuditId(machine.lsm, perm)
}

/** The call sends a signal to `task`. */
export const audit_signal = (machine: Audited, task: Task): void => {
  const context = machine.auditRules.signals > 0 ? contextOf(machine) : null
  if (context !== null) context.target = taskAuditId(machine.lsm, task)
}

export const audit_ptrace = (machine: Audited, task: Task): void => {
  const context = contextOf(machine)
  if (context !== null) context.target = taskAuditId(machine.lsm, task)
}

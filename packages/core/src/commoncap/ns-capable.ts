/**
 * `capable()` and its kin (kernel/capability.c): the kernel's own questions, which go through the `capable` hook so
 * that every LSM has a say, and which leave PF_SUPERPRIV on the task that got a yes.
 */
import {
  CAP_FOWNER, CAP_OPT_INSETID, CAP_OPT_NOAUDIT, CAP_OPT_NONE, CAP_SYS_PTRACE, capValid, PF_SUPERPRIV,
} from '@lsmkit/abi'
import type { Current } from '../current.ts'
import type { Cred, UserNamespace } from '../objects/cred.ts'
import type { Task } from '../objects/task.ts'
import type { File, Inode, MntIdmap } from '../objects/fs.ts'
import { i_gid_into_vfsgid, i_uid_into_vfsuid } from './idmap.ts'
import { init_user_ns_of, kgid_has_mapping, kuid_has_mapping } from './user-ns.ts'

/** The part of an LsmTable that is needed here. */
export interface CapableHook {
  readonly capable: { ask(cred: Cred, ns: UserNamespace, cap: number, opts: number): number }
}

/** As `ns_capable_common`: `opts` are CAP_OPT_*. */
export const ns_capable_opts = (
  lsm: CapableHook,
  current: Current,
  ns: UserNamespace,
  cap: number,
  opts: number,
): boolean => {
  const { task } = current
  if (!capValid(cap) || lsm.capable.ask(task.cred, ns, cap, opts) !== 0) return false
  task.flags |= PF_SUPERPRIV
  return true
}

/** Whether the current task has `cap` over `ns`. */
export const ns_capable = (lsm: CapableHook, current: Current, ns: UserNamespace, cap: number): boolean =>
  ns_capable_opts(lsm, current, ns, cap, CAP_OPT_NONE)

export const ns_capable_noaudit = (lsm: CapableHook, current: Current, ns: UserNamespace, cap: number): boolean =>
  ns_capable_opts(lsm, current, ns, cap, CAP_OPT_NOAUDIT)

/** For set*id and setgroups: SafeSetID looks at the option. */
export const ns_capable_setid = (lsm: CapableHook, current: Current, ns: UserNamespace, cap: number): boolean =>
  ns_capable_opts(lsm, current, ns, cap, CAP_OPT_INSETID)

/** Whether the current task has `cap` over the initial namespace. */
export const capable = (lsm: CapableHook, current: Current, cap: number): boolean =>
  ns_capable(lsm, current, init_user_ns_of(current.task.cred.user_ns), cap)

/** Whether another task has `cap` over `ns`; does not count as use of privilege. */
export const has_ns_capability = (lsm: CapableHook, task: Task, ns: UserNamespace, cap: number): boolean =>
  lsm.capable.ask(task.real_cred, ns, cap, CAP_OPT_NONE) === 0

export const has_ns_capability_noaudit = (lsm: CapableHook, task: Task, ns: UserNamespace, cap: number): boolean =>
  lsm.capable.ask(task.real_cred, ns, cap, CAP_OPT_NOAUDIT) === 0

/** Whether the opener of `file` had `cap` over `ns`. */
export const file_ns_capable = (lsm: CapableHook, file: File, ns: UserNamespace, cap: number): boolean =>
  capValid(cap) && lsm.capable.ask(file.f_cred, ns, cap, CAP_OPT_NONE) === 0

/** Whether whoever traces `task` may see it gain privilege over `ns`; true when nobody does. */
export const ptracer_capable = (lsm: CapableHook, task: Task, ns: UserNamespace): boolean =>
  task.ptracer_cred === null || lsm.capable.ask(task.ptracer_cred, ns, CAP_SYS_PTRACE, CAP_OPT_NOAUDIT) === 0

/** Whether capabilities held in `ns` reach the inode: its owner and group both have a name there. */
export const privileged_wrt_inode_uidgid = (ns: UserNamespace, idmap: MntIdmap, inode: Inode): boolean =>
  kuid_has_mapping(ns, i_uid_into_vfsuid(idmap, inode)) && kgid_has_mapping(ns, i_gid_into_vfsgid(idmap, inode))

/** Whether the current task has `cap` in its own namespace and the inode belongs there. */
export const capable_wrt_inode_uidgid = (
  lsm: CapableHook,
  current: Current,
  idmap: MntIdmap,
  inode: Inode,
  cap: number,
): boolean => {
  const ns = current.task.cred.user_ns
  return privileged_wrt_inode_uidgid(ns, idmap, inode) && ns_capable(lsm, current, ns, cap)
}

/** As `inode_owner_or_capable`: the current task owns the inode, or has CAP_FOWNER where the owner has a name. */
export const inode_owner_or_capable = (
  lsm: CapableHook,
  current: Current,
  idmap: MntIdmap,
  inode: Inode,
): boolean => {
  const { fsuid, user_ns } = current.task.cred
  const owner = i_uid_into_vfsuid(idmap, inode)
  if (owner === fsuid) return true
  return kuid_has_mapping(user_ns, owner) && ns_capable(lsm, current, user_ns, CAP_FOWNER)
}

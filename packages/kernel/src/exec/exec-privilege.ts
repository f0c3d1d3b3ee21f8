/** Privileges at exec: set-id bits, the cases in which privileges must not rise, and access to the new memory. */
import {
  LSM_UNSAFE_NO_NEW_PRIVS, LSM_UNSAFE_PTRACE, LSM_UNSAFE_SHARE, MAY_EXEC, MAY_READ, PER_CLEAR_ON_SETID,
  PFA_NO_NEW_PRIVS, S_ISGID, S_ISUID,
} from '@lsmkit/abi'
import { fileSetIds, i_gid_into_vfsgid, i_uid_into_vfsuid, in_userns, privileged_wrt_inode_uidgid } from '@lsmkit/core'
import type { File } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { signalOf } from '../state/task/thread.ts'
import type { ExecBinprm } from '../state/exec/binprm.ts'

/** As `check_unsafe_exec`: circumstances in which privilege must not rise. */
export const check_unsafe_exec = (machine: Machine, bprm: ExecBinprm): void => {
  const me = machine.current.task
  if (me.ptrace !== 0) bprm.unsafe |= LSM_UNSAFE_PTRACE
  if (me.atomic_flags & PFA_NO_NEW_PRIVS) bprm.unsafe |= LSM_UNSAFE_NO_NEW_PRIVS
  let own = 0
  for (const thread of signalOf(me).threads) if (thread.fs === me.fs) own++
  if (me.fs !== null && me.fs.users > own) bprm.unsafe |= LSM_UNSAFE_SHARE
}

/** As `bprm_fill_uid`: the file's set-id bits, read again now that they cannot change any more. */
export const bprm_fill_uid = (machine: Machine, bprm: ExecBinprm, file: File): void => {
  const { mnt } = file.f_path
  const inode = file.f_inode
  const noNewPrivs = (machine.current.task.atomic_flags & PFA_NO_NEW_PRIVS) !== 0
  const maySuid = mayHaveSetIds(machine, file)
  if (!maySuid || noNewPrivs || !(inode.i_mode & (S_ISUID | S_ISGID))) return
  const uid = i_uid_into_vfsuid(mnt.mnt_idmap, inode)
  const gid = i_gid_into_vfsgid(mnt.mnt_idmap, inode)
  if (machine.vfs.inode_permission(mnt.mnt_idmap, inode, MAY_EXEC) !== 0) return
  const ids = fileSetIds({ mode: inode.i_mode, uid, gid, maySuid }, bprm.cred.user_ns, noNewPrivs)
  if (ids.euid !== null || ids.egid !== null) bprm.per_clear |= PER_CLEAR_ON_SETID
  if (ids.euid !== null) bprm.cred.euid = ids.euid
  if (ids.egid !== null) bprm.cred.egid = ids.egid
}

/** As `mnt_may_suid`. */
const mayHaveSetIds = (machine: Machine, file: File): boolean => {
  const { mnt } = file.f_path
  return machine.vfs.mnt_may_suid(mnt) && in_userns(mnt.mnt_sb.s_user_ns, machine.current.task.cred.user_ns)
}

/** As `would_dump`: a task that cannot read the program must not see its memory either. */
export const would_dump = (machine: Machine, bprm: ExecBinprm): void => {
  const { mnt } = bprm.file.f_path
  const inode = bprm.file.f_inode
  const mm = bprm.mm!
  if (machine.vfs.inode_permission(mnt.mnt_idmap, inode, MAY_READ) === 0) return
  bprm.enforce_nondump = true
  let ns = mm.user_ns
  while (ns.parent !== null && !privileged_wrt_inode_uidgid(ns, mnt.mnt_idmap, inode)) ns = ns.parent
  mm.user_ns = ns
}

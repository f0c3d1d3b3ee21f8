/** POSIX ACLs of an overlay: the real file's (fs/overlayfs/inode.c). */
import {
  ATTR_KILL_SGID, CAP_FSETID, EACCES, EOPNOTSUPP, EPERM, S_IFDIR, S_IFMT, S_ISGID, SB_POSIXACL,
  XATTR_NAME_POSIX_ACL_ACCESS, XATTR_NAME_POSIX_ACL_DEFAULT,
} from '@lsmkit/abi'
import { capable_wrt_inode_uidgid, in_group, nop_mnt_idmap } from '@lsmkit/core'
import type { Dentry, Inode, MntIdmap, PosixAcl, SuperBlock } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { AttrChange } from '../../state/vfs/iattr.ts'
import { acl_into_mount } from '../../vfs/posix-acl.ts'
import { inodeState } from '../../state/vfs/state.ts'
import { copyattr } from './inodes.ts'
import { inodeRealPath, lowerPath, ovlFs, realInode, upperOf } from './node.ts'
import { asMounter, wantWrite, removeRealAcl, setRealAcl } from './real.ts'
import { copyUpFor } from './copy-up.ts'
import { setAttributes } from './attr.ts'

const keepsAcls = (sb: SuperBlock): boolean => (sb.s_flags & SB_POSIXACL) !== 0

export const getInodeAcl = (machine: Machine, inode: Inode, name: string): PosixAcl | null => {
  const { mnt, dentry } = inodeRealPath(inode)
  const acl = machine.vfs.get_inode_acl(dentry.d_inode as Inode, name)
  return acl === null ? null : acl_into_mount(mnt.mnt_idmap, mnt.mnt_sb.s_user_ns, acl)
}

export const getAcl = (machine: Machine, _idmap: MntIdmap, dentry: Dentry, name: string): PosixAcl | number | null => {
  const inode = dentry.d_inode as Inode
  const real = inodeRealPath(inode)
  if (!keepsAcls(real.dentry.d_sb)) return null
  const acl = asMounter(machine, inode.i_sb, () => machine.vfs.vfs_get_acl(real.mnt.mnt_idmap, real.dentry, name))
  return typeof acl === 'number' ? acl : acl_into_mount(real.mnt.mnt_idmap, real.mnt.mnt_sb.s_user_ns, acl)
}

const apply = (machine: Machine, dentry: Dentry, acl: PosixAcl | null, name: string): number => {
  const ofs = ovlFs(dentry.d_sb)
  if (upperOf(dentry) === null) {
    if (acl === null) {
      const lower = lowerPath(dentry)
      const there = asMounter(
        machine, dentry.d_sb, () => machine.vfs.vfs_get_acl(lower.mnt.mnt_idmap, lower.dentry, name),
      )
      if (typeof there === 'number') return there
    }
    const rc = copyUpFor(machine, dentry)
    if (rc !== 0) return rc
  }
  let rc = wantWrite(dentry.d_sb)
  if (rc !== 0) return rc
  const upper = upperOf(dentry) as Dentry
  rc = asMounter(machine, dentry.d_sb, () => (acl === null
    ? removeRealAcl(machine, ofs, upper, name) : setRealAcl(machine, ofs, upper, name, acl)))
  copyattr(dentry.d_inode as Inode)
  return rc
}

/** The mounter may keep setgid where the caller may not: it goes beforehand. */
const dropSgid = (machine: Machine, dentry: Dentry, inode: Inode, name: string): number => {
  if ((inode.i_mode & S_ISGID) === 0 || name !== XATTR_NAME_POSIX_ACL_ACCESS) return 0
  if (in_group(machine.current.task.cred, inode.i_gid)) return 0
  if (capable_wrt_inode_uidgid(machine.lsm, machine.current, nop_mnt_idmap, inode, CAP_FSETID)) return 0
  return setAttributes(machine, nop_mnt_idmap, dentry, new AttrChange(ATTR_KILL_SGID))
}

export const setAcl = (
  machine: Machine, _idmap: MntIdmap, dentry: Dentry, acl: PosixAcl | null, name: string,
): number => {
  const inode = dentry.d_inode as Inode
  const { workdir } = ovlFs(dentry.d_sb)
  if (workdir === null || !keepsAcls(workdir.d_sb)) return -EOPNOTSUPP
  if (inodeState(realInode(inode)).i_op.set_acl === null) return -EOPNOTSUPP
  const isDir = (inode.i_mode & S_IFMT) === S_IFDIR
  if (name === XATTR_NAME_POSIX_ACL_DEFAULT && !isDir) return acl === null ? 0 : -EACCES
  if (!machine.vfs.inode_owner_or_capable(nop_mnt_idmap, inode)) return -EPERM
  const rc = dropSgid(machine, dentry, inode, name)
  return rc !== 0 ? rc : apply(machine, dentry, acl, name)
}

/** The label of an inode that is seen for the first time, by how its file system is labelled. */
import {
  ENODATA, EOPNOTSUPP, PROC_SUPER_MAGIC, S_ISLNK, XATTR_NAME_SELINUX,
} from '@lsmkit/abi'
import type { Dentry, Inode } from '@lsmkit/core'
import {
  FS_USE_MNTPOINT, FS_USE_NATIVE, FS_USE_TASK, FS_USE_TRANS, FS_USE_XATTR, LABEL_INITIALIZED,
  SE_SBGENFS, SE_SBGENFS_XATTR, SE_SBINITIALIZED,
} from './blobs.ts'
import { SECCLASS } from './class-map.ts'
import { contextText } from './context-text.ts'
import { SECINITSID_UNLABELED } from './initial-sids.ts'
import { modeClass } from './mode-class.ts'
import type { Selinux } from './state.ts'

/** As `inode_doinit_with_dentry`: `dentry` is some name of it, where the caller has one. */
export const labelInode = (selinux: Selinux, inode: Inode, dentry: Dentry | null): void => {
  const state = selinux.blobs.inode(inode)
  if (state.initialized === LABEL_INITIALIZED) return
  if (state.sclass === SECCLASS.file) state.sclass = modeClass(inode.i_mode)
  const sb = selinux.blobs.superblock(inode.i_sb)
  if ((sb.flags & SE_SBINITIALIZED) === 0) {
    sb.deferred.add(inode)
    return
  }
  const sid = sidOf(selinux, inode, dentry ?? selinux.ctx.host.d_find_alias?.(inode) ?? null)
  if (sid < 0) return
  state.sid = sid
  state.initialized = LABEL_INITIALIZED
}

const sidOf = (selinux: Selinux, inode: Inode, dentry: Dentry | null): number => {
  const state = selinux.blobs.inode(inode)
  const sb = selinux.blobs.superblock(inode.i_sb)
  switch (sb.behavior) {
    case FS_USE_NATIVE:
      return state.sid
    case FS_USE_XATTR:
      return xattrSid(selinux, inode, sb.def_sid)
    case FS_USE_TASK:
      return state.task_sid
    case FS_USE_TRANS:
      return selinux.server.transitionSid(state.task_sid, sb.sid, state.sclass)
    case FS_USE_MNTPOINT:
      return sb.mntpoint_sid
    default: {
      const isLinked = S_ISLNK(inode.i_mode) && !selinux.server.policyCap('genfs_seclabel_symlinks')
      if ((sb.flags & SE_SBGENFS) === 0 || isLinked) return sb.sid
      // without a name the path is not known yet: whoever opens it next will have one
      if (dentry === null) return -EOPNOTSUPP
      const sid = genfsSid(selinux, dentry, state.sclass)
      return sid >= 0 && (sb.flags & SE_SBGENFS_XATTR) !== 0 ? xattrSid(selinux, inode, sid) : sid
    }
  }
}

/** As `inode_doinit_use_xattr`: what is stored, or `otherwise`. A context the policy does not know is kept as text. */
const xattrSid = (selinux: Selinux, inode: Inode, otherwise: number): number => {
  const value = selinux.ctx.host.__vfs_getxattr(inode, XATTR_NAME_SELINUX)
  if (value === -ENODATA || value === -EOPNOTSUPP) return otherwise
  if (typeof value === 'number') return value
  const text = contextText(value)
  const sid = selinux.server.contextToSid(text, otherwise)
  return sid < 0 ? selinux.server.contextToSidForce(text) : sid
}

/** As `selinux_genfs_get_sid`: by the path in its file system; a process's number counts for nothing in proc. */
const genfsSid = ({ server }: Selinux, dentry: Dentry, sclass: number): number => {
  const names: string[] = []
  for (let at = dentry; at.d_parent !== null; at = at.d_parent) names.unshift(at.d_name.name)
  if (dentry.d_sb.s_magic === PROC_SUPER_MAGIC) while (/^\d+$/.test(names[0] ?? '')) names.shift()
  const sid = server.genfsSid(dentry.d_sb.s_type.name, `/${names.join('/')}`, sclass)
  return sid < 0 ? SECINITSID_UNLABELED : sid
}

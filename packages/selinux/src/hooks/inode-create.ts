/** Labels of new inodes. */
import { EACCES, EOPNOTSUPP, XATTR_NAME_SELINUX, XATTR_SELINUX_SUFFIX } from '@lsmkit/abi'
import { lsm_get_xattr_slot } from '@lsmkit/core'
import type { HookTable, Inode } from '@lsmkit/core'
import { FS_USE_MNTPOINT, LABEL_INITIALIZED, SBLABEL_MNT, SE_SBINITIALIZED } from '../blobs.ts'
import type { CredState } from '../blobs.ts'
import { inodeState } from '../checks.ts'
import { AV, laterClass, SECCLASS } from '../class-map.ts'
import { contextBytes, contextText } from '../context-text.ts'
import { SECSID_NULL } from '../initial-sids.ts'
import { labelInode } from '../inode-label.ts'
import { modeClass } from '../mode-class.ts'
import { currentSid, currentState } from '../state.ts'
import type { Selinux } from '../state.ts'

/** The name that memfd_create(2) gives its inodes. */
const MEMFD_ANON_NAME = '[memfd]'
const MEMFD_FILE = laterClass('memfd_file')

/**
 * As `selinux_determine_inode_label`: the mount's, the one the task has set, or what the policy says. SID or -errno.
 */
export const newInodeSid = (
  selinux: Selinux, task: CredState, dir: Inode, name: string | undefined, tclass: number,
): number => {
  const sb = selinux.blobs.superblock(dir.i_sb)
  if ((sb.flags & SE_SBINITIALIZED) !== 0 && sb.behavior === FS_USE_MNTPOINT) return sb.mntpoint_sid
  if ((sb.flags & SBLABEL_MNT) !== 0 && task.create_sid !== SECSID_NULL) return task.create_sid
  return selinux.server.transitionSid(task.sid, inodeState(selinux, dir).sid, tclass, name)
}

export const inodeCreateHooks: HookTable<Selinux> = {
  inode_alloc_security(selinux, inode) {
    selinux.blobs.inode(inode).task_sid = currentSid(selinux)
    return 0
  },
  inode_free_security(selinux, inode) {
    selinux.blobs.superblock(inode.i_sb).deferred.delete(inode)
  },

  inode_init_security(selinux, inode, dir, name, xattrs, count) {
    const sb = selinux.blobs.superblock(dir.i_sb)
    const tclass = modeClass(inode.i_mode)
    const sid = newInodeSid(selinux, currentState(selinux), dir, name?.name, tclass)
    if (sid < 0) return sid
    if ((sb.flags & SE_SBINITIALIZED) !== 0) selinux.blobs.inode(inode).label(sid, tclass)
    if (!selinux.server.loaded || (sb.flags & SBLABEL_MNT) === 0) return -EOPNOTSUPP
    const slot = lsm_get_xattr_slot(xattrs, count)
    if (slot === null) return 0
    const context = selinux.server.sidToContext(sid, true)
    if (typeof context === 'number') return context
    slot.name = XATTR_SELINUX_SUFFIX
    slot.value = selinux.stored.bytes(context)
    return 0
  },

  /**
   * Anonymous inodes (userfaultfd, io_uring): of their own class, unless they belong to another inode. Memory files
   * (7.0) have one where the policy has the capability memfd_class, and stay files else.
   */
  inode_init_security_anon(selinux, inode, name, context) {
    if (!selinux.server.loaded) return 0
    const isMemory = name.name === MEMFD_ANON_NAME
    if (isMemory && !selinux.server.policyCap('memfd_class')) return 0
    const state = selinux.blobs.inode(inode)
    const sid = currentSid(selinux)
    if (context !== null) {
      const from = selinux.blobs.inode(context)
      if (from.initialized !== LABEL_INITIALIZED) return -EACCES
      state.label(from.sid, from.sclass)
    } else {
      const sclass = isMemory ? MEMFD_FILE : SECCLASS.anon_inode
      const label = selinux.server.transitionSid(sid, sid, sclass, name.name)
      if (label < 0) return label
      state.label(label, sclass)
    }
    return selinux.avc.hasPerm(sid, state.sid, state.sclass, AV.file.create, 'anon_inode', name.name)
  },

  /** The label that a file system that asks early will store with the file (NFS, CIFS). */
  dentry_init_security(selinux, dentry, mode, name, xattrName, context, length) {
    const dir = (dentry.d_parent ?? dentry).d_inode!
    const sid = newInodeSid(selinux, currentState(selinux), dir, name.name, modeClass(mode))
    if (sid < 0) return sid
    const text = selinux.server.sidToContext(sid)
    if (typeof text === 'number') return text
    xattrName.value = XATTR_NAME_SELINUX
    context.value = contextBytes(text)
    length.value = context.value.length
    return 0
  },

  /** For a file system that makes files as somebody else (overlayfs). */
  dentry_create_files_as(selinux, dentry, mode, name, old, next) {
    const dir = (dentry.d_parent ?? dentry).d_inode!
    const sid = newInodeSid(selinux, selinux.blobs.cred(old), dir, name.name, modeClass(mode))
    if (sid < 0) return sid
    selinux.blobs.cred(next).create_sid = sid
    return 0
  },

  /** Nodes of kernfs (sysfs, cgroup) inherit the stored label of their directory. */
  kernfs_init_security(selinux, dir, node) {
    const stored = dir.xattrs.get(XATTR_NAME_SELINUX)
    if (stored === undefined) return 0
    const parent = selinux.server.contextToSid(contextText(stored))
    if (parent < 0) return parent
    const task = currentState(selinux)
    const sid = task.create_sid !== SECSID_NULL
      ? task.create_sid
      : selinux.server.transitionSid(task.sid, parent, modeClass(node.mode), node.name)
    if (sid < 0) return sid
    const text = selinux.server.sidToContext(sid, true)
    if (typeof text === 'number') return text
    node.xattrs.set(XATTR_NAME_SELINUX, contextBytes(text))
    return 0
  },

  d_instantiate(selinux, dentry, inode) {
    if (inode !== null) labelInode(selinux, inode, dentry)
  },
}

/** Labels of inodes as file systems and others ask for them. */
import {
  EACCES, ECANCELED, ENOMEM, EOPNOTSUPP, XATTR_NAME_SELINUX, XATTR_SELINUX_SUFFIX,
} from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { HookTable, Inode } from '@lsmkit/core'
import { LABEL_INVALID, SBLABEL_MNT } from '../blobs.ts'
import { hasMacAdmin, inodeState } from '../checks.ts'
import { contextBytes, contextText } from '../context-text.ts'
import { modeClass } from '../mode-class.ts'
import type { Selinux } from '../state.ts'

/** The context, in full only for those who may see what the policy does not know; or -errno. */
const contextOf = (selinux: Selinux, inode: Inode, name: string): string | number => {
  if (!selinux.server.loaded || name !== XATTR_SELINUX_SUFFIX) return -EOPNOTSUPP
  return selinux.server.sidToContext(inodeState(selinux, inode).sid, hasMacAdmin(selinux, false))
}

const setContext = (selinux: Selinux, inode: Inode, name: string, value: Uint8Array): number => {
  if (name !== XATTR_SELINUX_SUFFIX) return -EOPNOTSUPP
  if ((selinux.blobs.superblock(inode.i_sb).flags & SBLABEL_MNT) === 0) return -EOPNOTSUPP
  if (value.length === 0) return -EACCES
  const sid = selinux.server.contextToSid(contextText(value))
  if (sid < 0) return sid
  selinux.blobs.inode(inode).label(sid, modeClass(inode.i_mode))
  return 0
}

export const inodeSecurityHooks: HookTable<Selinux> = {
  inode_getsecurity(selinux, _idmap, inode, name, buffer, alloc) {
    const text = contextOf(selinux, inode, name)
    if (typeof text === 'number') return text
    const value = contextBytes(text)
    if (alloc) buffer.value = value
    return value.length
  },

  inode_setsecurity: (selinux, inode, name, value, size) => setContext(selinux, inode, name, value.subarray(0, size)),

  inode_listsecurity(selinux, _inode, buffer, size) {
    if (!selinux.server.loaded) return 0
    const entry = `${XATTR_NAME_SELINUX}\0`
    if (buffer !== null && entry.length <= size) buffer.value += entry
    return entry.length
  },

  inode_getsecid(selinux, inode, secid) {
    secid.value = selinux.blobs.inode(inode).sid
  },

  /** Copied up (overlayfs), a file keeps its label: what is made has it, and the attribute is not copied. */
  inode_copy_up(selinux, src, next) {
    next.value ??= selinux.ctx.host.prepare_creds()
    if (next.value === null) return -ENOMEM
    selinux.blobs.cred(next.value).create_sid = inodeState(selinux, src.d_inode!).sid
    return 0
  },
  inode_copy_up_xattr: (selinux, _src, name) =>
    name === XATTR_NAME_SELINUX && selinux.server.loaded ? -ECANCELED : -EOPNOTSUPP,

  inode_invalidate_secctx(selinux, inode) {
    selinux.blobs.inode(inode).initialized = LABEL_INVALID
  },

  /** The label from a file server; a file system that cannot have one keeps its own. */
  inode_notifysecctx(selinux, inode, context, length) {
    const value = new TextEncoder().encode(context).subarray(0, length)
    const rc = setContext(selinux, inode, XATTR_SELINUX_SUFFIX, value)
    return rc === -EOPNOTSUPP ? 0 : rc
  },

  /** As `__vfs_setxattr_noperm`. */
  inode_setsecctx(selinux, dentry, context, length) {
    const { lsm, host } = selinux.ctx
    const value = new TextEncoder().encode(context).subarray(0, length)
    const rc = host.__vfs_setxattr(nop_mnt_idmap, dentry, XATTR_NAME_SELINUX, value, 0)
    if (rc === 0) lsm.inode_post_setxattr.tell(dentry, XATTR_NAME_SELINUX, value, value.length, 0)
    if (rc !== -EOPNOTSUPP) return rc
    return lsm.inode_setsecurity.ask(dentry.d_inode!, XATTR_SELINUX_SUFFIX, value, value.length, 0)
  },

  inode_getsecctx(selinux, inode, context, length) {
    const text = contextOf(selinux, inode, XATTR_SELINUX_SUFFIX)
    if (typeof text === 'number') return text
    context.value = `${text}\0`
    length.value = context.value.length
    return 0
  },
}

/** Labels of inodes as the file system and others ask for them: getsecurity, setsecurity, contexts. */
import {
  ECANCELED, EINVAL, EOPNOTSUPP, S_ISDIR, S_ISSOCK, SOCKFS_MAGIC, XATTR_NAME_SMACK, XATTR_SMACK_IPIN,
  XATTR_SMACK_IPOUT, XATTR_SMACK_SUFFIX, XATTR_SMACK_TRANSMUTE,
} from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { HookTable, Inode, Sock, Socket } from '@lsmkit/core'
import { SMK_INODE_INSTANT, SMK_INODE_TRANSMUTE } from '../blobs.ts'
import { SMK_LONGLABEL } from '../label.ts'
import { textOf } from '../parse/bytes.ts'
import { TRANS_TRUE } from '../smack-xattr.ts'
import type { Smack } from '../state.ts'
import { relabelSocket } from './socket.ts'

/** The sock of a socket's inode, null for any other inode. */
const sockOf = (smack: Smack, inode: Inode): { socket: Socket; sk: Sock } | null => {
  if (inode.i_sb.s_magic !== SOCKFS_MAGIC) return null
  const socket = smack.ctx.host.SOCKET_I?.(inode) ?? null
  return socket === null || socket.sk === null ? null : { socket, sk: socket.sk }
}

const encoder = new TextEncoder()

/** The value of an attribute by its name without `security.`, or -errno. */
const valueOf = (smack: Smack, inode: Inode, name: string): string | number => {
  if (name === XATTR_SMACK_SUFFIX) return smack.policy.labels.text(smack.blobs.inode(inode).label)
  if (name === XATTR_SMACK_TRANSMUTE) {
    return (smack.blobs.inode(inode).flags & SMK_INODE_TRANSMUTE) !== 0 ? TRANS_TRUE : ''
  }
  const found = sockOf(smack, inode)
  if (found === null) return -EOPNOTSUPP
  const state = smack.blobs.sock(found.sk)
  if (name === XATTR_SMACK_IPIN) return smack.policy.labels.text(state.in)
  return name === XATTR_SMACK_IPOUT ? smack.policy.labels.text(state.out) : -EOPNOTSUPP
}

const setValue = (smack: Smack, inode: Inode, name: string, text: string): number => {
  if (text.length === 0 || text.length > SMK_LONGLABEL) return -EINVAL
  const state = smack.blobs.inode(inode)
  if (name === XATTR_SMACK_TRANSMUTE) {
    if (!S_ISDIR(inode.i_mode) || text !== TRANS_TRUE) return -EINVAL
    state.flags |= SMK_INODE_TRANSMUTE
    return 0
  }
  const label = smack.policy.labels.import(text, text.length)
  if (label < 0) return label
  if (name === XATTR_SMACK_SUFFIX) {
    state.label = label
    state.flags |= SMK_INODE_INSTANT
    return 0
  }
  const found = sockOf(smack, inode)
  if (found === null) return -EOPNOTSUPP
  if (name === XATTR_SMACK_IPIN) smack.blobs.sock(found.sk).in = label
  else if (name === XATTR_SMACK_IPOUT) smack.blobs.sock(found.sk).out = label
  else return -EOPNOTSUPP
  relabelSocket(smack, found.sk, name === XATTR_SMACK_IPOUT)
  return 0
}

export const inodeSecurityHooks: HookTable<Smack> = {
  inode_getsecurity(smack, _idmap, inode, name, buffer, alloc) {
    const value = valueOf(smack, inode, name)
    if (typeof value === 'number') return value
    if (alloc) buffer.value = encoder.encode(value)
    return value.length
  },

  inode_setsecurity: (smack, inode, name, value, size) => setValue(smack, inode, name, textOf(value.subarray(0, size))),

  inode_listsecurity(_smack, _inode, buffer, size) {
    const entry = `${XATTR_NAME_SMACK}\0`
    if (buffer !== null && entry.length <= size) buffer.value += entry
    return entry.length
  },

  /** The label from a file server; a socket keeps its own. */
  inode_notifysecctx: (smack, inode, context, length) =>
    S_ISSOCK(inode.i_mode) ? 0 : setValue(smack, inode, XATTR_SMACK_SUFFIX, context.slice(0, length)),

  /** As `__vfs_setxattr_locked`: with all the checks of a caller. */
  inode_setsecctx(smack, dentry, context, length) {
    const { lsm, host } = smack.ctx
    const value = encoder.encode(context).subarray(0, length)
    const refused = lsm.inode_setxattr.ask(nop_mnt_idmap, dentry, XATTR_NAME_SMACK, value, value.length, 0)
    if (refused !== 0) return refused
    const rc = host.__vfs_setxattr(nop_mnt_idmap, dentry, XATTR_NAME_SMACK, value, 0)
    if (rc === 0) lsm.inode_post_setxattr.tell(dentry, XATTR_NAME_SMACK, value, value.length, 0)
    if (rc !== -EOPNOTSUPP) return rc
    return lsm.inode_setsecurity.ask(dentry.d_inode!, XATTR_SMACK_SUFFIX, value, value.length, 0)
  },

  inode_getsecctx(smack, inode, context, length) {
    context.value = smack.policy.labels.text(smack.blobs.inode(inode).label)
    length.value = context.value.length
    return 0
  },

  /** SMACK64 of a copied-up file comes from inode_copy_up; the others go along. */
  inode_copy_up_xattr: (_smack, _src, name) => (name === XATTR_NAME_SMACK ? -ECANCELED : -EOPNOTSUPP),
}

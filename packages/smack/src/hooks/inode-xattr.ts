/** Extended attributes: who may set the SMACK64* ones, what they may say, and what that changes. */
import {
  CAP_MAC_ADMIN, EINVAL, EPERM, MAY_READ, MAY_WRITE, S_ISDIR, S_ISSOCK, XATTR_NAME_SMACK, XATTR_NAME_SMACKEXEC,
  XATTR_NAME_SMACKMMAP, XATTR_NAME_SMACKTRANSMUTE,
} from '@lsmkit/abi'
import type { HookTable, Inode } from '@lsmkit/core'
import { SMK_INODE_TRANSMUTE } from '../blobs.ts'
import type { LabelTable } from '../label-table.ts'
import { STAR, WEB } from '../label-table.ts'
import { textOf } from '../parse/bytes.ts'
import { smackNames, TRANS_TRUE } from '../smack-xattr.ts'
import { currentPrivileged } from '../state.ts'
import type { Smack } from '../state.ts'
import { currentDentryCheck } from './inode-check.ts'

/** 0, or -EINVAL for what a file of this kind cannot be told. */
const checkKind = (name: string, text: string, inode: Inode): number => {
  if (name === XATTR_NAME_SMACK) return S_ISSOCK(inode.i_mode) ? -EINVAL : 0
  if (name !== XATTR_NAME_SMACKTRANSMUTE) return 0
  return S_ISDIR(inode.i_mode) && text === TRANS_TRUE ? 0 : -EINVAL
}

/** 0, or -errno for a value that is no label, or none that a task may have. The label is made. */
const checkLabel = (labels: LabelTable, name: string, text: string): number => {
  if (name === XATTR_NAME_SMACKTRANSMUTE) return 0
  const label = text === '' ? -EINVAL : labels.import(text, text.length)
  if (label < 0) return label
  const forTasks = name === XATTR_NAME_SMACKEXEC || name === XATTR_NAME_SMACKMMAP
  return forTasks && (label === STAR || label === WEB) ? -EINVAL : 0
}

export const inodeXattrHooks: HookTable<Smack> = {
  inode_xattr_skipcap: (_smack, name) => (smackNames.has(name) ? 1 : 0),

  /** Lack of privilege outweighs a bad value of the right kind of attribute, but not SMACK64 on a socket. */
  inode_setxattr(smack, _idmap, dentry, name, value, size) {
    const inode = dentry.d_inode!
    if (smackNames.has(name)) {
      const text = textOf(value.subarray(0, size))
      const isFixed = name === XATTR_NAME_SMACK && S_ISSOCK(inode.i_mode)
      if (!isFixed && !currentPrivileged(smack, CAP_MAC_ADMIN)) return smack.ctx.audit.deny(-EPERM, 'mac_admin')
      const rc = checkKind(name, text, inode) || checkLabel(smack.policy.labels, name, text)
      if (rc !== 0) return rc
    }
    return currentDentryCheck(smack, dentry, MAY_WRITE, 'smack_inode_setxattr')
  },

  inode_post_setxattr(smack, dentry, name, value, size) {
    const state = smack.blobs.inode(dentry.d_inode!)
    if (name === XATTR_NAME_SMACKTRANSMUTE) {
      state.flags |= SMK_INODE_TRANSMUTE
      return
    }
    const field = fieldOf(name)
    if (field === null) return
    const label = smack.policy.labels.import(textOf(value.subarray(0, size)), size)
    if (label > 0) state[field] = label
  },

  inode_getxattr: (smack, dentry) => currentDentryCheck(smack, dentry, MAY_READ, 'smack_inode_getxattr'),

  inode_removexattr(smack, _idmap, dentry, name) {
    if (smackNames.has(name) && !currentPrivileged(smack, CAP_MAC_ADMIN)) {
      return smack.ctx.audit.deny(-EPERM, 'mac_admin')
    }
    const rc = currentDentryCheck(smack, dentry, MAY_WRITE, 'smack_inode_removexattr')
    if (rc !== 0) return rc
    const state = smack.blobs.inode(dentry.d_inode!)
    if (name === XATTR_NAME_SMACK) {
      if (!S_ISSOCK(dentry.d_inode!.i_mode)) state.label = smack.blobs.superblock(dentry.d_sb).default
    } else if (name === XATTR_NAME_SMACKTRANSMUTE) {
      state.flags &= ~SMK_INODE_TRANSMUTE
    } else {
      const field = fieldOf(name)
      if (field !== null) state[field] = 0
    }
    return 0
  },

  inode_set_acl: (smack, _idmap, dentry) => currentDentryCheck(smack, dentry, MAY_WRITE, 'smack_inode_set_acl'),
  inode_remove_acl: (smack, _idmap, dentry) => currentDentryCheck(smack, dentry, MAY_WRITE, 'smack_inode_remove_acl'),
  inode_get_acl: (smack, _idmap, dentry) => currentDentryCheck(smack, dentry, MAY_READ, 'smack_inode_get_acl'),
}

/** Where an attribute's label is kept; IPIN and IPOUT mean nothing on files. */
const fieldOf = (name: string): 'label' | 'exec' | 'mmap' | null => {
  switch (name) {
    case XATTR_NAME_SMACK:
      return 'label'
    case XATTR_NAME_SMACKEXEC:
      return 'exec'
    case XATTR_NAME_SMACKMMAP:
      return 'mmap'
    default:
      return null
  }
}

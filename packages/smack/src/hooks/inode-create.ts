/** Labels of new inodes, and of those that are seen for the first time. */
import {
  CGROUP2_SUPER_MAGIC, CGROUP_SUPER_MAGIC, DEVPTS_SUPER_MAGIC, EOPNOTSUPP, ERANGE, PIPEFS_MAGIC, PROC_SUPER_MAGIC,
  S_ISDIR, S_ISSOCK, SMACK_MAGIC, SOCKFS_MAGIC, TMPFS_MAGIC, XATTR_NAME_SMACK, XATTR_NAME_SMACKEXEC,
  XATTR_NAME_SMACKMMAP, XATTR_NAME_SMACKTRANSMUTE, XATTR_SMACK_SUFFIX, XATTR_SMACK_TRANSMUTE,
} from '@lsmkit/abi'
import { lsm_get_xattr_slot } from '@lsmkit/core'
import type { HookTable, Inode, Ref, XattrSlots } from '@lsmkit/core'
import { SMK_INODE_INSTANT, SMK_INODE_TRANSMUTE } from '../blobs.ts'
import { SMK_LONGLABEL } from '../label.ts'
import type { Label } from '../label.ts'
import { STAR, WEB } from '../label-table.ts'
import { MAY_TRANSMUTE } from '../modes.ts'
import { bytesOf, textOf } from '../parse/bytes.ts'
import { TRANS_TRUE } from '../smack-xattr.ts'
import { currentLabel, currentState } from '../state.ts'
import type { Smack } from '../state.ts'

/** As `smk_rule_transmutes`: only a rule of the system counts, no built-in step and none a task has set for itself. */
const ruleTransmutes = ({ policy: { rules } }: Smack, subject: Label, directory: Label): boolean => {
  const modes = rules.get(subject, directory)
  return modes > 0 && (modes & MAY_TRANSMUTE) !== 0
}

const TRANS_TRUE_BYTES = bytesOf(TRANS_TRUE)

/** As `lsm_get_xattr_slot`, filled. */
const give = (xattrs: XattrSlots | null, count: Ref<number>, name: string, value: Uint8Array): void => {
  const slot = lsm_get_xattr_slot(xattrs, count)
  if (slot === null) return
  slot.name = name
  slot.value = value
}

/** The stored label, 0 when there is none, or -errno (smk_fetch). */
const fetchLabel = ({ ctx: { host }, policy: { labels } }: Smack, inode: Inode, name: string): Label => {
  const value = host.__vfs_getxattr(inode, name)
  if (typeof value === 'number') return value
  if (value.length > SMK_LONGLABEL) return -ERANGE
  return value.length === 0 ? 0 : labels.import(textOf(value), value.length)
}

/** The label of an attribute for tasks; 0 for what no task may be. */
const fetchTaskLabel = (smack: Smack, inode: Inode, name: string): Label => {
  const label = fetchLabel(smack, inode, name)
  return label < 0 || label === STAR || label === WEB ? 0 : label
}

const isTransmuting = ({ ctx: { host } }: Smack, inode: Inode): boolean => {
  const value = host.__vfs_getxattr(inode, XATTR_NAME_SMACKTRANSMUTE)
  return typeof value !== 'number' && textOf(value) === TRANS_TRUE
}

/** What the root of a file system gets, whose mount options may not be known yet. */
const rootLabel = (smack: Smack, inode: Inode): Label => {
  const sb = smack.blobs.superblock(inode.i_sb)
  switch (inode.i_sb.s_magic) {
    case CGROUP_SUPER_MAGIC:
    case CGROUP2_SUPER_MAGIC:
      sb.root = sb.default = STAR
      return STAR
    case TMPFS_MAGIC:
    case PIPEFS_MAGIC:
      return currentLabel(smack)
    case SOCKFS_MAGIC:
      return STAR
    default:
      return sb.root
  }
}

/** Reads what is stored with the inode; `otherwise` is its label when nothing is. */
const readLabels = (smack: Smack, inode: Inode, otherwise: Label): Label => {
  if (S_ISSOCK(inode.i_mode)) return STAR
  const stored = fetchLabel(smack, inode, XATTR_NAME_SMACK)
  if (stored === -EOPNOTSUPP) return otherwise
  const state = smack.blobs.inode(inode)
  if (S_ISDIR(inode.i_mode) && isTransmuting(smack, inode)) state.flags |= SMK_INODE_TRANSMUTE
  state.exec = fetchTaskLabel(smack, inode, XATTR_NAME_SMACKEXEC)
  state.mmap = fetchTaskLabel(smack, inode, XATTR_NAME_SMACKMMAP)
  return stored > 0 ? stored : otherwise
}

const firstLabel = (smack: Smack, inode: Inode): Label => {
  const { default: otherwise } = smack.blobs.superblock(inode.i_sb)
  switch (inode.i_sb.s_magic) {
    case SMACK_MAGIC:
    case CGROUP_SUPER_MAGIC:
    case CGROUP2_SUPER_MAGIC:
      return STAR
    case DEVPTS_SUPER_MAGIC:
      return currentLabel(smack)
    case PROC_SUPER_MAGIC:
      return otherwise
    case TMPFS_MAGIC:
      return readLabels(smack, inode, STAR)
    default:
      return readLabels(smack, inode, otherwise)
  }
}

export const inodeCreateHooks: HookTable<Smack> = {
  /** A directory that transmutes gives its label when the rule that lets the task in has `t`. */
  inode_init_security(smack, inode, dir, _name, xattrs, count) {
    const state = smack.blobs.inode(inode)
    if (S_ISSOCK(inode.i_mode)) {
      // who may send is decided by the labels of the socket itself
      state.label = STAR
      state.flags |= SMK_INODE_INSTANT
      return 0
    }
    const task = currentState(smack)
    const directory = smack.blobs.inode(dir)
    const isDone = task.label === task.transmuted
    const transmutes =
      isDone ||
      ((directory.flags & SMK_INODE_TRANSMUTE) !== 0 && ruleTransmutes(smack, task.label, directory.label))
    if (transmutes && !isDone) state.label = directory.label
    if (transmutes && S_ISDIR(inode.i_mode)) {
      state.flags |= SMK_INODE_TRANSMUTE
      give(xattrs, count, XATTR_SMACK_TRANSMUTE, TRANS_TRUE_BYTES)
    }
    give(xattrs, count, XATTR_SMACK_SUFFIX, smack.policy.labels.bytes(state.label))
    state.flags |= SMK_INODE_INSTANT
    return 0
  },

  /** The same for a file system that makes files as somebody else (overlayfs): `next` gets the label. */
  dentry_create_files_as(smack, dentry, _mode, _name, old, next) {
    const to = smack.blobs.cred(next)
    const { label } = smack.blobs.cred(old)
    to.label = label
    const directory = smack.blobs.inode((dentry.d_parent ?? dentry).d_inode!)
    if ((directory.flags & SMK_INODE_TRANSMUTE) !== 0 && ruleTransmutes(smack, label, directory.label)) {
      to.label = to.transmuted = directory.label
    }
    return 0
  },

  d_instantiate(smack, dentry, inode) {
    if (inode === null) return
    const state = smack.blobs.inode(inode)
    if ((state.flags & SMK_INODE_INSTANT) !== 0) return
    state.label = dentry.d_parent === null ? rootLabel(smack, inode) : firstLabel(smack, inode)
    state.flags |= SMK_INODE_INSTANT
  },
}

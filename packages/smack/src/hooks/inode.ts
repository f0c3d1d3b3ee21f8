/** Names and inodes: links, renames, permissions, attributes. Directories are judged by inode_permission alone. */
import {
  ATTR_FORCE, EACCES, ECHILD, MAY_APPEND, MAY_EXEC, MAY_NOT_BLOCK, MAY_READ, MAY_WRITE,
} from '@lsmkit/abi'
import { alwaysBlocks } from '@lsmkit/core'
import type { Dentry, HookGroup, HookTable, Inode } from '@lsmkit/core'
import { SMK_SB_UNTRUSTED } from '../blobs.ts'
import { MAY_READWRITE } from '../modes.ts'
import { currentLabel } from '../state.ts'
import type { Smack } from '../state.ts'
import { currentDentryCheck, currentInodeCheck, isKnown } from './inode-check.ts'

// constants of this module are folded into the hooks; what is imported is read at each use
const PERMISSIONS = MAY_READ | MAY_WRITE | MAY_EXEC | MAY_APPEND
const NOT_BLOCK = MAY_NOT_BLOCK
const COME_AGAIN = -ECHILD

/** The old one, and what already has the new name. */
const both = (smack: Smack, old: Dentry, existing: Dentry, request: number, fn: string): number =>
  currentDentryCheck(smack, old, request, fn) ||
  (existing.d_inode === null ? 0 : currentDentryCheck(smack, existing, request, fn))

const isUntrusted = (smack: Smack, inode: Inode): boolean => {
  const sb = smack.blobs.superblock(inode.i_sb)
  return (sb.flags & SMK_SB_UNTRUSTED) !== 0 && smack.blobs.inode(inode).label !== sb.root
}

const remove = (smack: Smack, dir: Inode, dentry: Dentry, fn: string): number =>
  currentDentryCheck(smack, dentry, MAY_WRITE, fn) || currentInodeCheck(smack, dir, MAY_WRITE, fn, 'inode', dir)

/**
 * A walk that must not wait gets -ECHILD and comes again. Nothing can be asked about a label of an untrusted mount.
 */
const permission = (smack: Smack, inode: Inode, mask: number): number => {
  const request = mask & PERMISSIONS
  if (request === 0) return 0
  if (smack.seen.untrusted && isUntrusted(smack, inode)) {
    return smack.ctx.audit.deny(-EACCES, 'the file system is untrusted')
  }
  if ((mask & NOT_BLOCK) !== 0) return COME_AGAIN
  return currentInodeCheck(smack, inode, request, 'smack_inode_permission', 'inode', inode)
}

/** The two usual ends first: they are small enough to become part of a walk. */
const inode_permission = (smack: Smack, inode: Inode, mask: number): number => {
  if (smack.seen.untrusted) return permission(smack, inode, mask)
  if ((mask & NOT_BLOCK) !== 0 && (mask & PERMISSIONS) !== 0) return COME_AGAIN
  return mask <= PERMISSIONS && isKnown(smack, inode, mask) ? 0 : permission(smack, inode, mask)
}

export const inodeHooks: HookTable<Smack> = {
  inode_alloc_security(smack, inode) {
    const state = smack.blobs.inode(inode)
    state.label = currentLabel(smack)
    state.flags = 0
    return 0
  },

  inode_link: (smack, old, _dir, next) => both(smack, old, next, MAY_WRITE, 'smack_inode_link'),
  inode_unlink: (smack, dir, dentry) => remove(smack, dir, dentry, 'smack_inode_unlink'),
  inode_rmdir: (smack, dir, dentry) => remove(smack, dir, dentry, 'smack_inode_rmdir'),
  inode_rename: (smack, _oldDir, old, _newDir, next) => both(smack, old, next, MAY_READWRITE, 'smack_inode_rename'),

  /** ATTR_FORCE: the kernel clears set-id bits. */
  inode_setattr: (smack, _idmap, dentry, { ia_valid }) =>
    (ia_valid & ATTR_FORCE) !== 0 ? 0 : currentDentryCheck(smack, dentry, MAY_WRITE, 'smack_inode_setattr'),

  inode_getattr: (smack, path) =>
    currentInodeCheck(smack, path.dentry.d_inode!, MAY_READ, 'smack_inode_getattr', 'path', path),
}

/** `inode_permission` carries a mark of its instance: whether a call that must not block always has to come again. */
export const inodePermission = (smack: Smack): HookGroup => ({
  inode_permission: alwaysBlocks((inode: Inode, mask: number) => inode_permission(smack, inode, mask), smack.blocks),
})

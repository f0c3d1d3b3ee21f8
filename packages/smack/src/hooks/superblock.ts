/** File systems: the labels that hold where files have none of their own. */
import { CAP_MAC_ADMIN, EPERM, MAY_READ, RAMFS_MAGIC, SYSFS_MAGIC, TMPFS_MAGIC } from '@lsmkit/abi'
import type { HookTable, SuperBlock } from '@lsmkit/core'
import { SMK_INODE_TRANSMUTE, SMK_SB_INITIALIZED, SMK_SB_UNTRUSTED } from '../blobs.ts'
import { noteCurrent } from '../bringup.ts'
import { currentCheck, errnoOf } from '../checks.ts'
import { currentLabel, currentPrivileged, meetUntrusted } from '../state.ts'
import type { Smack } from '../state.ts'
import type { MountLabels } from './mount-options.ts'

/** Without a backing store that somebody else may have written: their labels can be believed. */
const trusted = new Set([SYSFS_MAGIC, TMPFS_MAGIC, RAMFS_MAGIC])

/** Of another user namespace, and made of data from there. */
const isForeign = (sb: SuperBlock): boolean => sb.s_user_ns.parent !== null && !trusted.has(sb.s_magic)

export const superblockHooks: HookTable<Smack> = {
  /** The blob starts with the labels it shall have. */
  sb_alloc_security: () => 0,

  sb_statfs(smack, dentry) {
    const { floor } = smack.blobs.superblock(dentry.d_sb)
    const decision = currentCheck(smack, floor, MAY_READ, 'smack_sb_statfs', 'dentry', dentry)
    noteCurrent(smack, 'statfs', floor, MAY_READ, decision)
    return errnoOf(smack, decision, currentLabel(smack), floor, MAY_READ)
  },

  /** The first to come settles it. Without CAP_MAC_ADMIN nothing can be chosen, and all is the mounter's label. */
  sb_set_mnt_opts(smack, sb, given) {
    const options = given as MountLabels | null
    const state = smack.blobs.superblock(sb)
    if ((state.flags & SMK_SB_INITIALIZED) !== 0) return 0
    let transmute = false
    if (!currentPrivileged(smack, CAP_MAC_ADMIN)) {
      if (options !== null) return -EPERM
      state.root = state.default = currentLabel(smack)
      if (isForeign(sb)) {
        transmute = true
        state.flags |= SMK_SB_UNTRUSTED
        meetUntrusted(smack)
      }
    }
    state.flags |= SMK_SB_INITIALIZED
    if (options !== null) {
      state.default = options.default || state.default
      state.floor = options.floor || state.floor
      state.hat = options.hat || state.hat
      state.root = options.transmute || options.root || state.root
      transmute ||= options.transmute !== 0
    }
    const root = smack.blobs.inode(sb.s_root!.d_inode!)
    root.label = state.root
    root.flags = transmute ? SMK_INODE_TRANSMUTE : 0
    return 0
  },
}

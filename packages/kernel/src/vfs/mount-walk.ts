/** How a walk crosses mounts: down into a mount on a name, up from the root of a mount. */
import { ECHILD, ELOOP, ENOENT, EXDEV, MAXSYMLINKS } from '@lsmkit/abi'
import type { Dentry, VfsMount } from '@lsmkit/core'
import { DCACHE_MOUNTED, DCACHE_NEED_AUTOMOUNT, is_subdir } from './dcache.ts'
import {
  LOOKUP_AUTOMOUNT, LOOKUP_BENEATH, LOOKUP_CREATE, LOOKUP_DIRECTORY, LOOKUP_NO_XDEV, LOOKUP_OPEN, LOOKUP_PARENT,
  LOOKUP_RCU,
} from '../state/vfs/lookup-flags.ts'
import { lookup_mnt } from '../state/vfs/mount.ts'
import { ND_JUMPED, try_to_unlazy } from './path/nameidata.ts'
import type { Nameidata } from './path/nameidata.ts'
import { superState } from '../state/vfs/state.ts'

/** The topmost mount on `dentry` of `mnt`: where the walk arrives. */
export const topMount = (mnt: VfsMount, dentry: Dentry): VfsMount => {
  let top = mnt
  for (let at = dentry; (at.d_flags & DCACHE_MOUNTED) !== 0; at = top.mnt_root) {
    const next = lookup_mnt(top, at)
    if (next === null) break
    top = next
  }
  return top
}

/** A walk with one of these flags triggers an automount. Only looking at the directory does not. */
const GOES_IN = LOOKUP_PARENT | LOOKUP_DIRECTORY | LOOKUP_OPEN | LOOKUP_CREATE | LOOKUP_AUTOMOUNT

/** As `follow_automount`: 0 if the walk may go on, with or without a mount, or -errno. */
const follow_automount = (nd: Nameidata, mnt: VfsMount, dentry: Dentry): number => {
  if ((nd.flags & GOES_IN) === 0 && dentry.d_inode !== null) return 0
  if ((nd.flags & LOOKUP_RCU) !== 0 && !try_to_unlazy(nd)) return -ECHILD
  if (nd.total_link_count++ >= MAXSYMLINKS) return -ELOOP
  return superState(dentry.d_sb).s_op.d_automount?.({ mnt, dentry }) ?? 0
}

/** The mount that the walk is in after it steps on `dentry`, or -EXDEV, -ENOENT (no such name) or -ECHILD. */
export const handle_mounts = (nd: Nameidata, mnt: VfsMount, dentry: Dentry): VfsMount | number => {
  if ((dentry.d_flags & (DCACHE_MOUNTED | DCACHE_NEED_AUTOMOUNT)) !== 0) {
    if ((dentry.d_flags & DCACHE_NEED_AUTOMOUNT) !== 0 && lookup_mnt(mnt, dentry) === null) {
      const rc = follow_automount(nd, mnt, dentry)
      if (rc !== 0) return rc
    }
    const top = topMount(mnt, dentry)
    if (top !== mnt) {
      if ((nd.flags & LOOKUP_NO_XDEV) !== 0) {
        return (nd.flags & LOOKUP_RCU) !== 0 && !try_to_unlazy(nd) ? -ECHILD : -EXDEV
      }
      nd.state |= ND_JUMPED
      return top
    }
  }
  return dentry.d_inode === null ? -ENOENT : mnt
}

/** Leaves mounts at whose root the walk is. False at the walk's own root or the outermost mount. */
const leaveMount = (nd: Nameidata): boolean => {
  let mnt = nd.mnt as VfsMount
  while (mnt.mnt_parent !== null && mnt.mnt_mountpoint !== null) {
    const at = mnt.mnt_mountpoint
    mnt = mnt.mnt_parent
    if (nd.rootDentry === at && nd.rootMnt === mnt) return false
    if (at !== mnt.mnt_root) {
      nd.goto(mnt, at)
      return true
    }
  }
  return false
}

/** The parent for `..`, or -errno. The root of the walk is its own parent. */
export const follow_dotdot = (nd: Nameidata): Dentry | number => {
  const atRoot = nd.mnt === nd.rootMnt && nd.dentry === nd.rootDentry
  const leaves = !atRoot && nd.dentry === (nd.mnt as VfsMount).mnt_root
  if (atRoot || (leaves && !leaveMount(nd))) {
    if ((nd.flags & LOOKUP_BENEATH) === 0) return nd.dentry as Dentry
    return (nd.flags & LOOKUP_RCU) !== 0 ? -ECHILD : -EXDEV
  }
  if (leaves && (nd.flags & LOOKUP_NO_XDEV) !== 0) return (nd.flags & LOOKUP_RCU) !== 0 ? -ECHILD : -EXDEV
  const mnt = nd.mnt as VfsMount
  const dentry = nd.dentry as Dentry
  const parent = dentry.d_parent ?? dentry
  // the directory of a bind mount may have been moved out of it
  if (mnt.mnt_root !== mnt.mnt_sb.s_root && !is_subdir(parent, mnt.mnt_root)) {
    return (nd.flags & LOOKUP_RCU) !== 0 ? -ECHILD : -ENOENT
  }
  return parent
}

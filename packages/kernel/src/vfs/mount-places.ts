/** Where mounts may be attached, and by whom (fs/namespace.c). */
import {
  CAP_SYS_ADMIN, EINVAL, ENOENT, ENOTDIR, EPERM, MNT_INTERNAL, MNT_LOCKED, MNT_SHARED, MNT_UNBINDABLE,
  SB_I_USERNS_VISIBLE, SB_NOUSER,
} from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { Dentry, Path, SuperBlock } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { asMount } from '../state/vfs/mount.ts'
import type { Mount } from '../state/vfs/mount.ts'
import { d_is_dir, DCACHE_CANT_MOUNT, d_unlinked, is_subdir } from './dcache.ts'
import { is_empty_dir_inode } from './empty-dir.ts'
import { can_change_locked_flags } from './mount-flags.ts'
import { currentMntNs, attach_tree, check_mnt, alloc_mount, mntget } from './mount-tree.ts'
import { topMount } from './mount-walk.ts'

export const may_mount = (machine: Machine): boolean =>
  ns_capable(machine.lsm, machine.current, currentMntNs(machine).user_ns, CAP_SYS_ADMIN)

/** As `lock_mount`: the place for a mount on `path`, on top of the mounts that are there. */
export const topPlace = (path: Path): Path | number => {
  const mnt = topMount(path.mnt, path.dentry)
  const dentry = mnt === path.mnt ? path.dentry : mnt.mnt_root
  return (dentry.d_flags & DCACHE_CANT_MOUNT) !== 0 || !asMount(mnt).attached ? -ENOENT : { mnt, dentry }
}

/**
 * As `graft_tree`: attaches a tree. 0 or -errno. A directory goes on a directory, a file on a file; removed names and
 * too many mounts are refused.
 */
export const graft = (machine: Machine, mount: Mount, { mnt, dentry }: Path): number => {
  if ((mount.mnt_sb.s_flags & SB_NOUSER) !== 0) return -EINVAL
  if (d_is_dir(dentry) !== d_is_dir(mount.mnt_root)) return -ENOTDIR
  if (d_unlinked(mount.mnt_root)) return -ENOENT
  return attach_tree(machine, mount, asMount(mnt), dentry)
}

/** Whether a locked mount covers a name that is not an empty directory. */
const hides = ({ mnt_flags, mnt_mountpoint }: Mount): boolean =>
  (mnt_flags & MNT_LOCKED) !== 0 && !is_empty_dir_inode(mnt_mountpoint!.d_inode!)

/**
 * As `mount_too_revealing`: in a less privileged namespace a new mount of proc or sysfs may show no more than an
 * existing one.
 */
export const too_revealing = (machine: Machine, sb: SuperBlock, mnt_flags: number): boolean => {
  const ns = currentMntNs(machine)
  if (ns.user_ns === machine.init_user_ns || (sb.s_iflags & SB_I_USERNS_VISIBLE) === 0) return false
  return ![...ns.mounts].some(
    (mount) =>
      mount.mnt_sb.s_type === sb.s_type &&
      mount.mnt_root === mount.mnt_sb.s_root &&
      can_change_locked_flags(mount, mnt_flags) &&
      ![...mount.children.values()].some(hides),
  )
}

/** Whether a locked mount lies below `dentry`. A bind without MS_REC would uncover the names under it. */
export const hasLockedChildren = (mount: Mount, dentry: Dentry): boolean => {
  for (const child of mount.children.values()) {
    if ((child.mnt_flags & MNT_LOCKED) !== 0 && is_subdir(child.mnt_mountpoint!, dentry)) return true
  }
  return false
}

/** As `clone_private_mount`: an unattached mount of this place, for a file system on top of it. The caller holds it. */
export const clone_private_mount = (machine: Machine, { mnt, dentry }: Path): Mount | number => {
  const old = asMount(mnt)
  if ((old.mnt_flags & MNT_UNBINDABLE) !== 0 || !check_mnt(machine, old)) return -EINVAL
  if (!ns_capable(machine.lsm, machine.current, currentMntNs(machine).user_ns, CAP_SYS_ADMIN)) return -EPERM
  if (hasLockedChildren(old, dentry)) return -EINVAL
  const mount = alloc_mount(machine, dentry, old.mnt_flags & ~(MNT_INTERNAL | MNT_SHARED), old.mnt_devname)
  mount.mnt_idmap = old.mnt_idmap
  mntget(mount)
  return mount
}

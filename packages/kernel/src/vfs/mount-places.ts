/** Where mounts may go, and who may put them there (fs/namespace.c). */
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

/** As `lock_mount`: where a mount on this place goes; the topmost mount that is there already. */
export const topPlace = (path: Path): Path | number => {
  const mnt = topMount(path.mnt, path.dentry)
  const dentry = mnt === path.mnt ? path.dentry : mnt.mnt_root
  return (dentry.d_flags & DCACHE_CANT_MOUNT) !== 0 || !asMount(mnt).attached ? -ENOENT : { mnt, dentry }
}

/** As `graft_tree`: directories on directories, files on files, nothing that has been removed, nor too many. */
export const graft = (machine: Machine, mount: Mount, { mnt, dentry }: Path): number => {
  if ((mount.mnt_sb.s_flags & SB_NOUSER) !== 0) return -EINVAL
  if (d_is_dir(dentry) !== d_is_dir(mount.mnt_root)) return -ENOTDIR
  if (d_unlinked(mount.mnt_root)) return -ENOENT
  return attach_tree(machine, mount, asMount(mnt), dentry)
}

/** Something is locked on a name that could have shown more than an empty place. */
const hides = ({ mnt_flags, mnt_mountpoint }: Mount): boolean =>
  (mnt_flags & MNT_LOCKED) !== 0 && !is_empty_dir_inode(mnt_mountpoint!.d_inode!)

/**
 * As `mount_too_revealing`: in a less privileged namespace proc and sysfs may show no more than a mount that is
 * there.
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

/** Something is locked on a name below `dentry`: a plain bind would uncover what lies under it. */
export const hasLockedChildren = (mount: Mount, dentry: Dentry): boolean => {
  for (const child of mount.children.values()) {
    if ((child.mnt_flags & MNT_LOCKED) !== 0 && is_subdir(child.mnt_mountpoint!, dentry)) return true
  }
  return false
}

/**
 * As `clone_private_mount`: a mount of this place that lies nowhere, for a file system that stands on it. Whoever
 * asked for it holds it.
 */
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

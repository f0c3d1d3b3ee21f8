/** Moving mounts: move_mount(2), mount(MS_MOVE), pivot_root(2) (fs/namespace.c). */
import { CAP_SYS_ADMIN, EBUSY, EINVAL, ELOOP, ENOENT, EPERM, MNT_LOCKED, MNT_SHARED, MNT_UNBINDABLE } from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { FsStruct, Path } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { asMount, path_equal, path_is_under, path_mounted } from '../state/vfs/mount.ts'
import type { Mount } from '../state/vfs/mount.ts'
import { isShared, receivers } from '../state/vfs/propagation.ts'
import { d_is_dir, d_unlinked, is_subdir } from './dcache.ts'
import { set_fs_root, set_fs_pwd } from './fs-struct.ts'
import { topPlace, hasLockedChildren } from './mount-places.ts'
import { check_mnt, subtree, keepsNamespace, currentMntNs, detach, attach_tree, attach } from './mount-tree.ts'

const isDetached = (mount: Mount): boolean =>
  mount.mnt_parent === null && mount.mnt_ns !== null && mount.mnt_ns.isAnonymous

/** Whether the mount may be detached from its place. */
const mayTake = (machine: Machine, old: Mount, from: Path, to: Path): number => {
  if (!check_mnt(machine, to.mnt) || !old.attached) return -EINVAL
  if (!(old.mnt_parent === null ? isDetached(old) : check_mnt(machine, old))) return -EINVAL
  if ((old.mnt_flags & MNT_LOCKED) !== 0 || !path_mounted(from)) return -EINVAL
  if (d_is_dir(to.dentry) !== d_is_dir(from.dentry)) return -EINVAL
  return old.mnt_parent !== null && isShared(old.mnt_parent) ? -EINVAL : 0
}

const hasUnbindable = (tree: Mount): boolean => {
  for (const { mnt_flags } of subtree(tree)) if ((mnt_flags & MNT_UNBINDABLE) !== 0) return true
  return false
}

/** Whether the mount may be attached on `dest`. */
const mayPut = (machine: Machine, old: Mount, dest: Mount): number => {
  if (isShared(dest) && hasUnbindable(old)) return -EINVAL
  if (keepsNamespace(machine, old)) return -ELOOP
  for (let at: Mount | null = dest; at !== null; at = at.mnt_parent) if (at === old) return -ELOOP
  return 0
}

/**
 * As `can_move_mount_beneath`: 0 or -errno. `top` may be lifted, and nothing would be propagated over it or over `old`.
 */
const mayGoBeneath = (machine: Machine, old: Mount, from: Path, to: Path): number => {
  const top = asMount(to.mnt)
  const parent = top.mnt_parent
  if (parent === null || !path_mounted(to) || (top.mnt_flags & MNT_LOCKED) !== 0) return -EINVAL
  if (old.children.has(from.dentry)) return -EINVAL
  if (top === (machine.current.task.fs as FsStruct).root.mnt || parent === currentMntNs(machine).root) return -EINVAL
  for (let at: Mount | null = old; at !== null; at = at.mnt_parent) if (at === top) return -EINVAL
  const receiving = receivers(machine.mountTable.peerGroups, parent)
  return receiving.some(({ mount }) => mount === top || mount === old) ? -EINVAL : 0
}

const putBeneath = (machine: Machine, old: Mount, top: Mount, wasAttached: boolean): number => {
  const parent = top.mnt_parent!
  const at = top.mnt_mountpoint!
  detach(machine, top)
  const rc = attach_tree(machine, old, parent, at, wasAttached)
  if (rc === 0) attach(machine, top, old, old.mnt_root)
  else attach(machine, top, parent, at)
  return rc
}

export const do_move_mount = (machine: Machine, from: Path, path: Path, beneath = false): number => {
  const to = topPlace(path)
  if (typeof to === 'number') return to
  const old = asMount(from.mnt)
  let rc = mayTake(machine, old, from, to)
  if (rc === 0 && beneath) rc = mayGoBeneath(machine, old, from, to)
  const dest = beneath && rc === 0 ? asMount(to.mnt).mnt_parent! : asMount(to.mnt)
  if (rc === 0) rc = mayPut(machine, old, dest)
  if (rc === 0 && d_unlinked(old.mnt_root)) rc = -ENOENT
  if (rc !== 0) return rc
  const before = old.mnt_parent === null ? null : { mnt: old.mnt_parent, dentry: old.mnt_mountpoint! }
  if (before !== null) detach(machine, old)
  rc = beneath ? putBeneath(machine, old, asMount(to.mnt), before !== null)
    : attach_tree(machine, old, dest, to.dentry, before !== null)
  if (rc !== 0 && before !== null) attach(machine, old, before.mnt, before.dentry)
  return rc
}

export const may_change_propagation = (machine: Machine, mount: Mount): number => {
  if (mount.mnt_ns === null) return -EINVAL
  return ns_capable(machine.lsm, machine.current, mount.mnt_ns.user_ns, CAP_SYS_ADMIN) ? 0 : -EPERM
}

/** MOVE_MOUNT_SET_GROUP: a private mount joins the peers and masters of another of the same file system. */
export const do_set_group = (machine: Machine, from_path: Path, to_path: Path): number => {
  const from = asMount(from_path.mnt)
  const to = asMount(to_path.mnt)
  let rc = may_change_propagation(machine, from)
  if (rc === 0) rc = may_change_propagation(machine, to)
  if (rc !== 0) return rc
  if (!path_mounted(from_path) || !path_mounted(to_path) || from.mnt_sb !== to.mnt_sb) return -EINVAL
  if (!is_subdir(to.mnt_root, from.mnt_root) || hasLockedChildren(from, to.mnt_root)) return -EINVAL
  if (isShared(to) || to.master !== 0 || (!isShared(from) && from.master === 0)) return -EINVAL
  machine.mountTable.peerGroups.follow(to, from.master)
  if (isShared(from)) {
    machine.mountTable.peerGroups.join(to, from.group)
    to.mnt_flags |= MNT_SHARED
  }
  return 0
}

/** As `chroot_fs_refs`: moves tasks whose root or working directory is there. */
const moveTasks = (machine: Machine, old: Path, to: Path): void => {
  for (const { fs } of machine.tasks.threads()) {
    if (fs === null) continue
    if (path_equal(fs.root, old)) set_fs_root(machine, fs, to)
    if (path_equal(fs.pwd, old)) set_fs_pwd(machine, fs, to)
  }
}

/** The checks of pivot_root(2) on the three mounts: 0 or -errno. */
const mayPivot = (machine: Machine, next: Path, put: Path, root: Path): number => {
  const new_mnt = asMount(next.mnt)
  const root_mnt = asMount(root.mnt)
  const old_mnt = asMount(put.mnt)
  if (!check_mnt(machine, root_mnt) || !check_mnt(machine, new_mnt)) return -EINVAL
  if ([old_mnt, new_mnt.mnt_parent, root_mnt.mnt_parent].some((mount) => mount !== null && isShared(mount)))
    return -EINVAL
  if ((new_mnt.mnt_flags & MNT_LOCKED) !== 0) return -EINVAL
  if (d_unlinked(next.dentry)) return -ENOENT
  if (new_mnt === root_mnt || old_mnt === root_mnt) return -EBUSY
  if (!path_mounted(root) || root_mnt.mnt_parent === null || !path_mounted(next) || new_mnt.mnt_parent === null)
    return -EINVAL
  return path_is_under(put, next) && path_is_under(next, root) ? 0 : -EINVAL
}

/** As pivot_root(2): moves the caller's root to `put`, and makes `next`, a mount below it, the root. */
export const path_pivot_root = (machine: Machine, next: Path, put: Path): number => {
  const rcHook = machine.lsm.sb_pivotroot.ask(put, next)
  if (rcHook !== 0) return rcHook
  const { root } = machine.current.task.fs as FsStruct
  const at = topPlace(put)
  if (typeof at === 'number') return at
  const rc = mayPivot(machine, next, at, root)
  if (rc !== 0) return rc
  const new_mnt = asMount(next.mnt)
  const root_mnt = asMount(root.mnt)
  const root_parent = root_mnt.mnt_parent!
  const root_mp = root_mnt.mnt_mountpoint!
  detach(machine, new_mnt)
  detach(machine, root_mnt)
  if ((root_mnt.mnt_flags & MNT_LOCKED) !== 0) {
    new_mnt.mnt_flags |= MNT_LOCKED
    root_mnt.mnt_flags &= ~MNT_LOCKED
  }
  attach(machine, root_mnt, asMount(at.mnt), at.dentry)
  attach(machine, new_mnt, root_parent, root_mp)
  moveTasks(machine, root, next)
  return 0
}

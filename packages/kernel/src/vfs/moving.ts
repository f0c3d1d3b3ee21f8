/** Mounts that change their place: move_mount(2), mount(MS_MOVE), pivot_root(2) (fs/namespace.c). */
import { CAP_SYS_ADMIN, EBUSY, EINVAL, ELOOP, ENOENT, EPERM, MNT_LOCKED, MNT_SHARED, MNT_UNBINDABLE } from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { FsStruct, KeyMap, Path } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { d_is_dir, d_unlinked, is_subdir } from './dcache.ts'
import type { FsStructs } from './fs-struct.ts'
import type { MountPlaces } from './mount-places.ts'
import type { MountTree } from './mount-tree.ts'
import { asMount, path_equal, path_is_under, path_mounted } from '../state/vfs/mount.ts'
import type { Mount } from '../state/vfs/mount.ts'
import { isShared, receivers } from '../state/vfs/propagation.ts'

const isDetached = (mount: Mount): boolean =>
  mount.mnt_parent === null && mount.mnt_ns !== null && mount.mnt_ns.isAnonymous

export const moving = (
  lsm: KeyMap,
  machine: Machine,
  { currentMntNs, check_mnt, attach, attach_tree, detach, subtree, keepsNamespace, peerGroups }: MountTree,
  { topPlace, hasLockedChildren }: MountPlaces,
  { set_fs_pwd, set_fs_root }: FsStructs,
) => {
  const { current, tasks } = machine

  /** Whether the mount may be taken from where it is. */
  const mayTake = (old: Mount, from: Path, to: Path): number => {
    if (!check_mnt(to.mnt) || !old.attached) return -EINVAL
    if (!(old.mnt_parent === null ? isDetached(old) : check_mnt(old))) return -EINVAL
    if ((old.mnt_flags & MNT_LOCKED) !== 0 || !path_mounted(from)) return -EINVAL
    if (d_is_dir(to.dentry) !== d_is_dir(from.dentry)) return -EINVAL
    return old.mnt_parent !== null && isShared(old.mnt_parent) ? -EINVAL : 0
  }

  const hasUnbindable = (tree: Mount): boolean => {
    for (const { mnt_flags } of subtree(tree)) if ((mnt_flags & MNT_UNBINDABLE) !== 0) return true
    return false
  }

  /** Whether it may go onto `dest`. */
  const mayPut = (old: Mount, dest: Mount): number => {
    if (isShared(dest) && hasUnbindable(old)) return -EINVAL
    if (keepsNamespace(old)) return -ELOOP
    for (let at: Mount | null = dest; at !== null; at = at.mnt_parent) if (at === old) return -ELOOP
    return 0
  }

  /**
   * As `can_move_mount_beneath`: `top` is a mount that may be lifted, and nothing would spread over it or over
   * `old`.
   */
  const mayGoBeneath = (old: Mount, from: Path, to: Path): number => {
    const top = asMount(to.mnt)
    const parent = top.mnt_parent
    if (parent === null || !path_mounted(to) || (top.mnt_flags & MNT_LOCKED) !== 0) return -EINVAL
    if (old.children.has(from.dentry)) return -EINVAL
    if (top === (current.task.fs as FsStruct).root.mnt || parent === currentMntNs().root) return -EINVAL
    for (let at: Mount | null = old; at !== null; at = at.mnt_parent) if (at === top) return -EINVAL
    return receivers(peerGroups, parent).some(({ mount }) => mount === top || mount === old) ? -EINVAL : 0
  }

  const putBeneath = (old: Mount, top: Mount, wasAttached: boolean): number => {
    const parent = top.mnt_parent!
    const at = top.mnt_mountpoint!
    detach(top)
    const rc = attach_tree(old, parent, at, wasAttached)
    if (rc === 0) attach(top, old, old.mnt_root)
    else attach(top, parent, at)
    return rc
  }

  const do_move_mount = (from: Path, path: Path, beneath = false): number => {
    const to = topPlace(path)
    if (typeof to === 'number') return to
    const old = asMount(from.mnt)
    let rc = mayTake(old, from, to)
    if (rc === 0 && beneath) rc = mayGoBeneath(old, from, to)
    const dest = beneath && rc === 0 ? asMount(to.mnt).mnt_parent! : asMount(to.mnt)
    if (rc === 0) rc = mayPut(old, dest)
    if (rc === 0 && d_unlinked(old.mnt_root)) rc = -ENOENT
    if (rc !== 0) return rc
    const before = old.mnt_parent === null ? null : { mnt: old.mnt_parent, dentry: old.mnt_mountpoint! }
    if (before !== null) detach(old)
    rc = beneath ? putBeneath(old, asMount(to.mnt), before !== null)
      : attach_tree(old, dest, to.dentry, before !== null)
    if (rc !== 0 && before !== null) attach(old, before.mnt, before.dentry)
    return rc
  }

  const may_change_propagation = (mount: Mount): number => {
    if (mount.mnt_ns === null) return -EINVAL
    return ns_capable(lsm, current, mount.mnt_ns.user_ns, CAP_SYS_ADMIN) ? 0 : -EPERM
  }

  /** MOVE_MOUNT_SET_GROUP: a private mount joins the peers and masters of another of the same file system. */
  const do_set_group = (from_path: Path, to_path: Path): number => {
    const from = asMount(from_path.mnt)
    const to = asMount(to_path.mnt)
    let rc = may_change_propagation(from)
    if (rc === 0) rc = may_change_propagation(to)
    if (rc !== 0) return rc
    if (!path_mounted(from_path) || !path_mounted(to_path) || from.mnt_sb !== to.mnt_sb) return -EINVAL
    if (!is_subdir(to.mnt_root, from.mnt_root) || hasLockedChildren(from, to.mnt_root)) return -EINVAL
    if (isShared(to) || to.master !== 0 || (!isShared(from) && from.master === 0)) return -EINVAL
    peerGroups.follow(to, from.master)
    if (isShared(from)) {
      peerGroups.join(to, from.group)
      to.mnt_flags |= MNT_SHARED
    }
    return 0
  }

  /** As `chroot_fs_refs`: who has its root or working directory there moves along. */
  const moveTasks = (old: Path, to: Path): void => {
    for (const { fs } of tasks.threads()) {
      if (fs === null) continue
      if (path_equal(fs.root, old)) set_fs_root(fs, to)
      if (path_equal(fs.pwd, old)) set_fs_pwd(fs, to)
    }
  }

  /** What pivot_root asks of the three mounts. */
  const mayPivot = (next: Path, put: Path, root: Path): number => {
    const new_mnt = asMount(next.mnt)
    const root_mnt = asMount(root.mnt)
    const old_mnt = asMount(put.mnt)
    if (!check_mnt(root_mnt) || !check_mnt(new_mnt)) return -EINVAL
    if ([old_mnt, new_mnt.mnt_parent, root_mnt.mnt_parent].some((mount) => mount !== null && isShared(mount)))
      return -EINVAL
    if ((new_mnt.mnt_flags & MNT_LOCKED) !== 0) return -EINVAL
    if (d_unlinked(next.dentry)) return -ENOENT
    if (new_mnt === root_mnt || old_mnt === root_mnt) return -EBUSY
    if (!path_mounted(root) || root_mnt.mnt_parent === null || !path_mounted(next) || new_mnt.mnt_parent === null)
      return -EINVAL
    return path_is_under(put, next) && path_is_under(next, root) ? 0 : -EINVAL
  }

  /** The caller's root goes to `put`, and `next`, a mount below it, takes its place. */
  const path_pivot_root = (next: Path, put: Path): number => {
    const rcHook = lsm.sb_pivotroot.ask(put, next)
    if (rcHook !== 0) return rcHook
    const { root } = current.task.fs as FsStruct
    const at = topPlace(put)
    if (typeof at === 'number') return at
    const rc = mayPivot(next, at, root)
    if (rc !== 0) return rc
    const new_mnt = asMount(next.mnt)
    const root_mnt = asMount(root.mnt)
    const root_parent = root_mnt.mnt_parent!
    const root_mp = root_mnt.mnt_mountpoint!
    detach(new_mnt)
    detach(root_mnt)
    if ((root_mnt.mnt_flags & MNT_LOCKED) !== 0) {
      new_mnt.mnt_flags |= MNT_LOCKED
      root_mnt.mnt_flags &= ~MNT_LOCKED
    }
    attach(root_mnt, asMount(at.mnt), at.dentry)
    attach(new_mnt, root_parent, root_mp)
    moveTasks(root, next)
    return 0
  }

  return { do_move_mount, do_set_group, path_pivot_root, may_change_propagation }
}

export type Moving = ReturnType<typeof moving>

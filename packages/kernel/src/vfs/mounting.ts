/** mount(2) and umount2(2): new mounts, binds, moves, remounts, propagation (path_mount, path_umount of fs/namespace.c). */
import {
  AT_FDCWD, CAP_SYS_ADMIN, EAGAIN, EBUSY, EINVAL, ELOOP, ENODEV, ENOENT, ENOTDIR, EPERM, MNT_ATIME_MASK, MNT_DETACH,
  MNT_EXPIRE, MNT_FORCE, MNT_INTERNAL_FLAGS, MNT_LOCK_ATIME, MNT_LOCK_NODEV, MNT_LOCK_NOEXEC, MNT_LOCK_NOSUID,
  MNT_LOCK_READONLY, MNT_LOCKED, MNT_NOATIME, MNT_NODEV, MNT_NODIRATIME, MNT_NOEXEC, MNT_NOSUID, MNT_NOSYMFOLLOW,
  MNT_READONLY, MNT_RELATIME, MNT_SHRINKABLE, MNT_UNBINDABLE, MNT_USER_SETTABLE_MASK, MS_BIND, MS_MOVE, MS_NOATIME,
  MS_NODEV, MS_NODIRATIME, MS_NOEXEC, MS_NOSUID, MS_NOSYMFOLLOW, MS_NOUSER, MS_PRIVATE, MS_RDONLY, MS_REC, MS_RELATIME,
  MS_REMOUNT, MS_SHARED, MS_SILENT, MS_SLAVE, MS_STRICTATIME, MS_UNBINDABLE, SB_DIRSYNC, SB_I_USERNS_VISIBLE,
  SB_I_VERSION, SB_LAZYTIME, SB_MANDLOCK, SB_NOUSER, SB_POSIXACL, SB_RDONLY, SB_SILENT, SB_SYNCHRONOUS,
} from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { Dentry, FsStruct, KeyMap, Path, SuperBlock } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { d_is_dir, d_is_symlink, DCACHE_CANT_MOUNT, is_subdir } from './dcache.ts'
import { REMOUNTABLE, textParameter } from './fs-context.ts'
import type { FsContexts, MountContext } from './fs-context.ts'
import { LOOKUP_AUTOMOUNT, LOOKUP_FOLLOW } from './lookup-flags.ts'
import type { Lookups } from './lookup.ts'
import type { MountTree } from './mount-tree.ts'
import { topMount } from './mount-walk.ts'
import { asMount, mntIsReadonly, path_mounted } from './mount.ts'
import type { Mount } from './mount.ts'
import { getname } from './names.ts'
import { changePropagation, isShared, PROPAGATION_TYPES } from './propagation.ts'

/** The flags of mount(2) that belong to the mount rather than the file system. */
const MOUNT_FLAGS: readonly (readonly [number, number])[] = [
  [MS_NOSUID, MNT_NOSUID], [MS_NODEV, MNT_NODEV], [MS_NOEXEC, MNT_NOEXEC], [MS_NOATIME, MNT_NOATIME],
  [MS_NODIRATIME, MNT_NODIRATIME], [MS_RDONLY, MNT_READONLY], [MS_NOSYMFOLLOW, MNT_NOSYMFOLLOW],
]
const SUPER_FLAGS =
  SB_RDONLY | SB_SYNCHRONOUS | SB_MANDLOCK | SB_DIRSYNC | SB_SILENT | SB_POSIXACL | SB_LAZYTIME | SB_I_VERSION
const LOCKS: readonly (readonly [number, number])[] = [
  [MNT_LOCK_READONLY, MNT_READONLY], [MNT_LOCK_NODEV, MNT_NODEV], [MNT_LOCK_NOSUID, MNT_NOSUID], [MNT_LOCK_NOEXEC, MNT_NOEXEC],
]
const MS_MGC_VAL = 0xc0ed
const SAME_ATIME = MS_NOATIME | MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME

/** MNT_* of mount(2)'s flags; relatime unless something else is said, and a remount keeps what it does not mention. */
const mountFlags = (flags: number, path: Path): number => {
  let mnt_flags = (flags & MS_NOATIME) === 0 ? MNT_RELATIME : 0
  for (const [ms, mnt] of MOUNT_FLAGS) if ((flags & ms) !== 0) mnt_flags |= mnt
  if ((flags & MS_STRICTATIME) !== 0) mnt_flags &= ~(MNT_RELATIME | MNT_NOATIME)
  if ((flags & MS_REMOUNT) !== 0 && (flags & SAME_ATIME) === 0) {
    mnt_flags = (mnt_flags & ~MNT_ATIME_MASK) | (path.mnt.mnt_flags & MNT_ATIME_MASK)
  }
  return mnt_flags
}

/** Flags that a more privileged namespace has locked must stay. */
export const can_change_locked_flags = (mount: Mount, mnt_flags: number): boolean => {
  const own = mount.mnt_flags
  for (const [lock, flag] of LOCKS) if ((own & lock) !== 0 && (mnt_flags & flag) === 0) return false
  return (own & MNT_LOCK_ATIME) === 0 || (own & MNT_ATIME_MASK) === (mnt_flags & MNT_ATIME_MASK)
}

export const mounting = (
  lsm: KeyMap,
  machine: Machine,
  { filename_lookup }: Lookups,
  {
    currentMntNs, check_mnt, alloc_mount, freeIfUnused, attach_tree, detach, subtree, umount_tree,
    umount_propagated, clone_mnt, copy_tree, allMounts, newGroup,
  }: MountTree,
  {
    fs_context_for_mount, fs_context_for_reconfigure, put_fs_context, vfs_parse_fs_param, parse_monolithic_mount_data,
    mount_capable, vfs_get_tree, reconfigure_super,
  }: FsContexts,
) => {
  const { current } = machine

  const may_mount = (): boolean => ns_capable(lsm, current, currentMntNs().user_ns, CAP_SYS_ADMIN)

  /** As `lock_mount`: where a mount on this place goes; the topmost mount that is there already. */
  const topPlace = (path: Path): Path | number => {
    const mnt = topMount(path.mnt, path.dentry)
    const dentry = mnt === path.mnt ? path.dentry : mnt.mnt_root
    return (dentry.d_flags & DCACHE_CANT_MOUNT) !== 0 || !asMount(mnt).attached ? -ENOENT : { mnt, dentry }
  }

  /** As `graft_tree`: directories on directories, files on files. */
  const graft = (mount: Mount, { mnt, dentry }: Path): number => {
    if ((mount.mnt_sb.s_flags & SB_NOUSER) !== 0) return -EINVAL
    if (d_is_dir(dentry) !== d_is_dir(mount.mnt_root)) return -ENOTDIR
    attach_tree(mount, asMount(mnt), dentry, asMount(mnt).mnt_ns!)
    return 0
  }

  /** As `mount_too_revealing`: in a less privileged namespace proc and sysfs may show no more than a mount that is there. */
  const too_revealing = (sb: SuperBlock, mnt_flags: number): boolean => {
    const ns = currentMntNs()
    if (ns.user_ns === machine.init_user_ns || (sb.s_iflags & SB_I_USERNS_VISIBLE) === 0) return false
    return ![...ns.mounts].some(
      (mount) =>
        mount.mnt_sb.s_type === sb.s_type && mount.mnt_root === mount.mnt_sb.s_root && can_change_locked_flags(mount, mnt_flags) &&
        ![...mount.children.values()].some((child) => (child.mnt_flags & MNT_LOCKED) !== 0),
    )
  }

  /** The context's tree as a mount on `path`. */
  const do_new_mount_fc = (fc: MountContext, path: Path, mnt_flags: number): number => {
    const root = fc.root as Dentry
    const rc = lsm.sb_kern_mount.ask(root.d_sb)
    if (rc !== 0) return rc
    if (too_revealing(root.d_sb, mnt_flags)) return -EPERM
    const mount = alloc_mount(root, mnt_flags & ~MNT_INTERNAL_FLAGS, fc.source ?? 'none')
    const error = addMount(mount, path)
    if (error !== 0) freeIfUnused(mount)
    return error
  }

  const addMount = (mount: Mount, path: Path): number => {
    const at = topPlace(path)
    if (typeof at === 'number') return at
    if (!check_mnt(at.mnt) && (mount.mnt_flags & MNT_SHRINKABLE) === 0) return -EINVAL
    if (at.mnt.mnt_sb === mount.mnt_sb && path_mounted(at)) return -EBUSY
    return d_is_symlink(mount.mnt_root) ? -EINVAL : graft(mount, at)
  }

  const configure = (fc: MountContext, source: string | null, data: string | null): number => {
    let rc = source === null ? 0 : vfs_parse_fs_param(fc, textParameter('source', source))
    if (rc === 0) rc = parse_monolithic_mount_data(fc, data)
    if (rc === 0 && !mount_capable(fc)) rc = -EPERM
    return rc === 0 ? vfs_get_tree(fc) : rc
  }

  const do_new_mount = (
    path: Path, type: string | null, sb_flags: number, mnt_flags: number, source: string | null, data: string | null,
  ): number => {
    if (type === null) return -EINVAL
    const fs = machine.filesystem(type)
    if (fs === null) return -ENODEV
    const fc = fs_context_for_mount(fs, sb_flags)
    fc.oldapi = true
    let rc = configure(fc, source, data)
    if (rc === 0) rc = do_new_mount_fc(fc, path, mnt_flags)
    put_fs_context(fc)
    return rc
  }

  const kern_path = (name: string | null, flags: number): Path | number => {
    if (name === null || name === '') return -EINVAL
    const text = getname(name)
    return typeof text === 'number' ? text : filename_lookup(AT_FDCWD, text, flags, null)
  }

  /** Something is locked on a name below `dentry`: a plain bind would uncover what lies under it. */
  const hasLockedChildren = (mount: Mount, dentry: Dentry): boolean => {
    for (const child of mount.children.values()) {
      if ((child.mnt_flags & MNT_LOCKED) !== 0 && is_subdir(child.mnt_mountpoint!, dentry)) return true
    }
    return false
  }

  /** As `__do_loopback`: a copy of the mount, or of the tree on it, from this place down. */
  const loopback = ({ mnt, dentry }: Path, recurse: boolean): Mount | number => {
    const old = asMount(mnt)
    if ((old.mnt_flags & MNT_UNBINDABLE) !== 0) return -EINVAL
    if (!check_mnt(old) && !machine.isNamespaceFile(dentry)) return -EINVAL
    if (recurse && old.mnt_ns === null) return -EINVAL
    if (!recurse && hasLockedChildren(old, dentry)) return -EINVAL
    const copy = recurse ? copy_tree(old, dentry, {}) : clone_mnt(old, dentry, {})
    if (typeof copy !== 'number') copy.mnt_flags &= ~MNT_LOCKED
    return copy
  }

  const do_loopback = (path: Path, source: string | null, recurse: boolean): number => {
    const from = kern_path(source, LOOKUP_FOLLOW | LOOKUP_AUTOMOUNT)
    if (typeof from === 'number') return from
    const at = topPlace(path)
    if (typeof at === 'number') return at
    if (!check_mnt(at.mnt)) return -EINVAL
    const copy = loopback(from, recurse)
    if (typeof copy === 'number') return copy
    const rc = graft(copy, at)
    if (rc !== 0) umount_tree(copy)
    return rc
  }

  /** Both kinds of remount: of the caller's tree, the mount itself, and no locked flag cleared. */
  const mayRemount = (path: Path, mnt_flags: number): number => {
    if (!check_mnt(path.mnt) || !path_mounted(path)) return -EINVAL
    return can_change_locked_flags(asMount(path.mnt), mnt_flags) ? 0 : -EPERM
  }

  const set_mount_attributes = (mount: Mount, mnt_flags: number): void => {
    mount.mnt_flags = (mnt_flags & MNT_USER_SETTABLE_MASK) | (mount.mnt_flags & ~MNT_USER_SETTABLE_MASK)
  }

  const do_reconfigure_mnt = (path: Path, mnt_flags: number): number => {
    const rc = mayRemount(path, mnt_flags)
    if (rc !== 0) return rc
    const mount = asMount(path.mnt)
    if ((mnt_flags & MNT_READONLY) !== 0 && !mntIsReadonly(mount) && mount.writers > 0) return -EBUSY
    set_mount_attributes(mount, mnt_flags)
    return 0
  }

  const do_remount = (path: Path, sb_flags: number, mnt_flags: number, data: string | null): number => {
    let rc = mayRemount(path, mnt_flags)
    if (rc !== 0) return rc
    const fc = fs_context_for_reconfigure(path.dentry, sb_flags, REMOUNTABLE)
    fc.oldapi = true
    rc = parse_monolithic_mount_data(fc, data)
    if (rc === 0 && !ns_capable(lsm, current, path.mnt.mnt_sb.s_user_ns, CAP_SYS_ADMIN)) rc = -EPERM
    if (rc === 0) rc = reconfigure_super(fc)
    if (rc === 0) set_mount_attributes(asMount(path.mnt), mnt_flags)
    put_fs_context(fc)
    return rc
  }

  const changeType = (mount: Mount, type: number, recurse: boolean): void => {
    for (const each of recurse ? [...subtree(mount)] : [mount]) changePropagation(allMounts, each, type, newGroup)
  }

  const do_change_type = (path: Path, flags: number): number => {
    if (!path_mounted(path)) return -EINVAL
    const type = flags & ~(MS_REC | MS_SILENT)
    if (!PROPAGATION_TYPES.includes(type)) return -EINVAL
    const mount = asMount(path.mnt)
    if (mount.mnt_ns === null) return -EINVAL
    if (!ns_capable(lsm, current, mount.mnt_ns.user_ns, CAP_SYS_ADMIN)) return -EPERM
    changeType(mount, type, (flags & MS_REC) !== 0)
    return 0
  }

  /** Whether the mount may be taken from where it is and put there. */
  const mayMove = (old: Mount, from: Path, to: Path): number => {
    const anonymous = old.mnt_parent === null && old.mnt_ns !== null && old.mnt_ns.isAnonymous
    if (!check_mnt(to.mnt) || !old.attached || !(old.mnt_parent === null ? anonymous : check_mnt(old))) return -EINVAL
    if ((old.mnt_flags & MNT_LOCKED) !== 0 || !path_mounted(from)) return -EINVAL
    if (d_is_dir(to.dentry) !== d_is_dir(from.dentry)) return -EINVAL
    if (old.mnt_parent !== null && isShared(asMount(old.mnt_parent))) return -EINVAL
    if (isShared(asMount(to.mnt)) && [...subtree(old)].some((m) => (m.mnt_flags & MNT_UNBINDABLE) !== 0)) return -EINVAL
    for (let at: Mount | null = asMount(to.mnt); at !== null; at = at.mnt_parent) if (at === old) return -ELOOP
    return 0
  }

  const do_move_mount = (from: Path, path: Path): number => {
    const to = topPlace(path)
    if (typeof to === 'number') return to
    const old = asMount(from.mnt)
    const rc = mayMove(old, from, to)
    if (rc !== 0) return rc
    if (old.mnt_parent !== null) detach(old)
    attach_tree(old, asMount(to.mnt), to.dentry, asMount(to.mnt).mnt_ns!)
    return 0
  }

  const do_move_mount_old = (path: Path, source: string | null): number => {
    const from = kern_path(source, LOOKUP_FOLLOW)
    return typeof from === 'number' ? from : do_move_mount(from, path)
  }

  const path_mount = (source: string | null, path: Path, type: string | null, flags: number, data: string | null): number => {
    if (flags >>> 16 === MS_MGC_VAL) flags &= 0xffff
    if ((flags & MS_NOUSER) !== 0) return -EINVAL
    const rc = lsm.sb_mount.ask(source, path, type, flags, data)
    if (rc !== 0) return rc
    if (!may_mount()) return -EPERM
    const mnt_flags = mountFlags(flags, path)
    const sb_flags = flags & SUPER_FLAGS
    if ((flags & (MS_REMOUNT | MS_BIND)) === (MS_REMOUNT | MS_BIND)) return do_reconfigure_mnt(path, mnt_flags)
    if ((flags & MS_REMOUNT) !== 0) return do_remount(path, sb_flags, mnt_flags, data)
    if ((flags & MS_BIND) !== 0) return do_loopback(path, source, (flags & MS_REC) !== 0)
    if ((flags & (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)) !== 0) return do_change_type(path, flags)
    if ((flags & MS_MOVE) !== 0) return do_move_mount_old(path, source)
    return do_new_mount(path, type, sb_flags, mnt_flags, source, data)
  }

  /** Unmounting the caller's root makes it read-only instead. */
  const umountRoot = (sb: SuperBlock): number => {
    if (!ns_capable(lsm, current, sb.s_user_ns, CAP_SYS_ADMIN)) return -EPERM
    if ((sb.s_flags & SB_RDONLY) !== 0) return 0
    const fc = fs_context_for_reconfigure(sb.s_root as Dentry, SB_RDONLY, SB_RDONLY)
    const rc = reconfigure_super(fc)
    put_fs_context(fc)
    return rc
  }

  const isBusy = (mount: Mount): boolean => mount.users > 0 || mount.children.size > 0

  const do_umount = (mount: Mount, flags: number): number => {
    const rc = lsm.sb_umount.ask(mount, flags)
    if (rc !== 0) return rc
    const isOwnRoot = (current.task.fs as FsStruct).root.mnt === mount
    if ((flags & MNT_EXPIRE) !== 0) {
      if (isOwnRoot || (flags & (MNT_FORCE | MNT_DETACH)) !== 0) return -EINVAL
      if (mount.users > 0) return -EBUSY
      if (!mount.expires) {
        mount.expires = true
        return -EAGAIN
      }
    }
    if (isOwnRoot && (flags & MNT_DETACH) === 0) return umountRoot(mount.mnt_sb)
    if ((mount.mnt_flags & MNT_LOCKED) !== 0) return -EINVAL
    if ((flags & MNT_DETACH) === 0 && isBusy(mount)) return -EBUSY
    umount_propagated(mount)
    return 0
  }

  const path_umount = (path: Path, flags: number): number => {
    if (!may_mount()) return -EPERM
    const mount = asMount(path.mnt)
    if (!path_mounted(path) || !check_mnt(mount) || (mount.mnt_flags & MNT_LOCKED) !== 0) return -EINVAL
    if ((flags & MNT_FORCE) !== 0 && !ns_capable(lsm, current, path.dentry.d_sb.s_user_ns, CAP_SYS_ADMIN)) return -EPERM
    return do_umount(mount, flags)
  }

  return {
    may_mount, path_mount, path_umount, do_new_mount, do_move_mount, loopback, topPlace, too_revealing, changeType,
  }
}

export type Mounting = ReturnType<typeof mounting>

/** mount(2): new mounts, binds, remounts, propagation (path_mount of fs/namespace.c). */
import {
  AT_FDCWD, CAP_SYS_ADMIN, EBUSY, EINVAL, ENODEV, ENOMEM, EPERM, MNT_INTERNAL_FLAGS, MNT_LOCKED, MNT_READONLY,
  MNT_SHRINKABLE, MNT_UNBINDABLE, MNT_USER_SETTABLE_MASK, MS_BIND, MS_MOVE, MS_NOUSER, MS_PRIVATE, MS_REC, MS_REMOUNT,
  MS_SHARED, MS_SILENT, MS_SLAVE, MS_UNBINDABLE, SB_DIRSYNC, SB_I_VERSION, SB_LAZYTIME, SB_MANDLOCK, SB_POSIXACL,
  SB_RDONLY, SB_SILENT, SB_SUBMOUNT, SB_SYNCHRONOUS,
} from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { Dentry, KeyMap, Path } from '@lsmkit/core'
import type { FileSystem } from '../state/vfs/driver.ts'
import type { Machine } from '../machine.ts'
import { d_is_symlink } from './dcache.ts'
import { REMOUNTABLE, textParameter } from './fs-context.ts'
import type { FsContexts } from './fs-context.ts'
import { LOOKUP_AUTOMOUNT, LOOKUP_FOLLOW } from '../state/vfs/lookup-flags.ts'
import type { Lookups } from './path/lookup.ts'
import type { MountContext } from '../state/vfs/mount-context.ts'
import { can_change_locked_flags, mountFlags } from './mount-flags.ts'
import type { MountPlaces } from './mount-places.ts'
import type { MountTree } from './mount-tree.ts'
import { asMount, path_mounted } from '../state/vfs/mount.ts'
import type { Mount } from '../state/vfs/mount.ts'
import type { Moving } from './moving.ts'
import { getname } from '../state/vfs/names.ts'
import { changePropagation, PROPAGATION_TYPES } from '../state/vfs/propagation.ts'

const SUPER_FLAGS =
  SB_RDONLY | SB_SYNCHRONOUS | SB_MANDLOCK | SB_DIRSYNC | SB_SILENT | SB_POSIXACL | SB_LAZYTIME | SB_I_VERSION
const MS_MGC_VAL = 0xc0ed

export const mounting = (
  lsm: KeyMap,
  machine: Machine,
  { filename_lookup }: Lookups,
  {
    check_mnt, alloc_mount, freeIfUnused, subtree, keepsNamespace, umount_tree, clone_mnt, copy_tree, hasRoomFor,
    peerGroups,
  }: MountTree,
  { may_mount, topPlace, graft, too_revealing, hasLockedChildren }: MountPlaces,
  { do_move_mount, may_change_propagation }: Moving,
  {
    fs_context_for_mount, fs_context_for_reconfigure, put_fs_context, vfs_parse_fs_param, parse_monolithic_mount_data,
    mount_capable, vfs_get_tree, reconfigure_super,
  }: FsContexts,
) => {
  const { current } = machine

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
    const fs = machine.get_fs_type(type)
    if (fs === null) return -ENODEV
    const fc = fs_context_for_mount(fs, sb_flags)
    fc.oldapi = true
    let rc = configure(fc, source, data)
    if (rc === 0) rc = do_new_mount_fc(fc, path, mnt_flags)
    put_fs_context(fc)
    return rc
  }

  /** As `vfs_submount` and `finish_automount`: what a file system mounts on a place of its own that was gone into. */
  const vfs_submount = (path: Path, type: FileSystem, source: string): number => {
    if (path.dentry.d_sb.s_user_ns !== machine.init_user_ns) return -EPERM
    const fc = fs_context_for_mount(type, SB_SUBMOUNT)
    let rc = vfs_parse_fs_param(fc, textParameter('source', source))
    if (rc === 0) rc = vfs_get_tree(fc)
    const flags = (path.mnt.mnt_flags & ~MNT_INTERNAL_FLAGS) | MNT_SHRINKABLE
    const mount = rc === 0 ? alloc_mount(fc.root as Dentry, flags, source) : null
    put_fs_context(fc)
    if (mount === null) return rc
    rc = addMount(mount, path)
    if (rc !== 0) freeIfUnused(mount)
    return rc === -EBUSY ? 0 : rc
  }

  const kern_path = (name: string | null, flags: number): Path | number => {
    if (name === null || name === '') return -EINVAL
    const text = getname(name)
    return typeof text === 'number' ? text : filename_lookup(AT_FDCWD, text, flags, null)
  }

  /** As `__do_loopback`: a copy of the mount, or of the tree on it, from this place down. */
  const loopback = ({ mnt, dentry }: Path, recurse: boolean): Mount | number => {
    const old = asMount(mnt)
    if ((old.mnt_flags & MNT_UNBINDABLE) !== 0) return -EINVAL
    if (!check_mnt(old) && !machine.isNamespaceFile(dentry)) return -EINVAL
    if (recurse && old.mnt_ns === null) return -EINVAL
    if (!recurse && hasLockedChildren(old, dentry)) return -EINVAL
    const copy = recurse ? copy_tree(old, dentry, { mntNsFiles: true })
      : hasRoomFor(1) ? clone_mnt(old, dentry, {}) : -ENOMEM
    if (typeof copy !== 'number') copy.mnt_flags &= ~MNT_LOCKED
    return copy
  }

  const do_loopback = (path: Path, source: string | null, recurse: boolean): number => {
    const from = kern_path(source, LOOKUP_FOLLOW | LOOKUP_AUTOMOUNT)
    if (typeof from === 'number') return from
    if (machine.nsfs.isLoop(from.dentry)) return -EINVAL
    const at = topPlace(path)
    if (typeof at === 'number') return at
    if (!check_mnt(at.mnt)) return -EINVAL
    const copy = loopback(from, recurse)
    if (typeof copy === 'number') return copy
    const rc = keepsNamespace(copy) ? -EINVAL : graft(copy, at)
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

  /** 0, or -EBUSY while the mount would become read-only under files that are open for writing. */
  const holdWriters = (mount: Mount, mnt_flags: number): number =>
    (mnt_flags & MNT_READONLY) !== 0 && (mount.mnt_flags & MNT_READONLY) === 0 && mount.writers > 0 ? -EBUSY : 0

  const do_reconfigure_mnt = (path: Path, mnt_flags: number): number => {
    let rc = mayRemount(path, mnt_flags)
    const mount = asMount(path.mnt)
    if (rc === 0) rc = holdWriters(mount, mnt_flags)
    if (rc !== 0) return rc
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
    for (const each of recurse ? [...subtree(mount)] : [mount]) changePropagation(peerGroups, each, type)
  }

  const do_change_type = (path: Path, flags: number): number => {
    if (!path_mounted(path)) return -EINVAL
    const type = flags & ~(MS_REC | MS_SILENT)
    if (!PROPAGATION_TYPES.includes(type)) return -EINVAL
    const mount = asMount(path.mnt)
    const rc = may_change_propagation(mount)
    if (rc !== 0) return rc
    changeType(mount, type, (flags & MS_REC) !== 0)
    return 0
  }

  const do_move_mount_old = (path: Path, source: string | null): number => {
    const from = kern_path(source, LOOKUP_FOLLOW)
    return typeof from === 'number' ? from : do_move_mount(from, path)
  }

  const path_mount = (
    source: string | null,
    path: Path,
    type: string | null,
    flags: number,
    data: string | null,
  ): number => {
    if (flags >>> 16 === MS_MGC_VAL) flags &= 0xffff
    if ((flags & MS_NOUSER) !== 0) return -EINVAL
    const rc = lsm.sb_mount.ask(source, path, type, flags, data)
    if (rc !== 0) return rc
    if (!may_mount()) return -EPERM
    const mnt_flags = mountFlags(flags, path.mnt.mnt_flags)
    const sb_flags = flags & SUPER_FLAGS
    if ((flags & (MS_REMOUNT | MS_BIND)) === (MS_REMOUNT | MS_BIND)) return do_reconfigure_mnt(path, mnt_flags)
    if ((flags & MS_REMOUNT) !== 0) return do_remount(path, sb_flags, mnt_flags, data)
    if ((flags & MS_BIND) !== 0) return do_loopback(path, source, (flags & MS_REC) !== 0)
    if ((flags & (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)) !== 0) return do_change_type(path, flags)
    if ((flags & MS_MOVE) !== 0) return do_move_mount_old(path, source)
    return do_new_mount(path, type, sb_flags, mnt_flags, source, data)
  }

  return { path_mount, do_new_mount, vfs_submount, loopback, changeType, holdWriters }
}

export type Mounting = ReturnType<typeof mounting>

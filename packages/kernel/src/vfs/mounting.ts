/** mount(2): new mounts, binds, remounts, propagation (path_mount of fs/namespace.c). */
import {
  AT_FDCWD, CAP_SYS_ADMIN, EBUSY, EINVAL, ENODEV, ENOMEM, EPERM, MNT_INTERNAL_FLAGS, MNT_LOCKED, MNT_READONLY,
  MNT_SHRINKABLE, MNT_UNBINDABLE, MNT_USER_SETTABLE_MASK, MS_BIND, MS_MOVE, MS_NOUSER, MS_PRIVATE, MS_REC, MS_REMOUNT,
  MS_SHARED, MS_SILENT, MS_SLAVE, MS_UNBINDABLE, SB_DIRSYNC, SB_I_VERSION, SB_LAZYTIME, SB_MANDLOCK, SB_POSIXACL,
  SB_RDONLY, SB_SILENT, SB_SUBMOUNT, SB_SYNCHRONOUS,
} from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { Dentry, Path } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { FileSystem } from '../state/vfs/driver.ts'
import { LOOKUP_AUTOMOUNT, LOOKUP_FOLLOW } from '../state/vfs/lookup-flags.ts'
import type { MountContext } from '../state/vfs/mount-context.ts'
import { asMount, path_mounted } from '../state/vfs/mount.ts'
import type { Mount } from '../state/vfs/mount.ts'
import { getname } from '../state/vfs/names.ts'
import { changePropagation, PROPAGATION_TYPES } from '../state/vfs/propagation.ts'
import { d_is_symlink } from './dcache.ts'
import {
  REMOUNTABLE, textParameter, vfs_parse_fs_param, parse_monolithic_mount_data, mount_capable, vfs_get_tree,
  fs_context_for_mount, put_fs_context, fs_context_for_reconfigure, reconfigure_super,
} from './fs-context.ts'
import { can_change_locked_flags, mountFlags } from './mount-flags.ts'
import { too_revealing, topPlace, graft, hasLockedChildren, may_mount } from './mount-places.ts'
import {
  alloc_mount, freeIfUnused, check_mnt, copy_tree, hasRoomFor, clone_mnt, keepsNamespace, umount_tree, subtree,
} from './mount-tree.ts'
import { may_change_propagation, do_move_mount } from './moving.ts'
import { filename_lookup } from './path/lookup.ts'

const SUPER_FLAGS =
  SB_RDONLY | SB_SYNCHRONOUS | SB_MANDLOCK | SB_DIRSYNC | SB_SILENT | SB_POSIXACL | SB_LAZYTIME | SB_I_VERSION
const MS_MGC_VAL = 0xc0ed

/** Mounts the context's tree on `path`: 0 or -errno. */
const do_new_mount_fc = (machine: Machine, fc: MountContext, path: Path, mnt_flags: number): number => {
  const root = fc.root as Dentry
  const rc = machine.lsm.sb_kern_mount.ask(root.d_sb)
  if (rc !== 0) return rc
  if (too_revealing(machine, root.d_sb, mnt_flags)) return -EPERM
  const mount = alloc_mount(machine, root, mnt_flags & ~MNT_INTERNAL_FLAGS, fc.source ?? 'none')
  const error = addMount(machine, mount, path)
  if (error !== 0) freeIfUnused(machine, mount)
  return error
}

const addMount = (machine: Machine, mount: Mount, path: Path): number => {
  const at = topPlace(path)
  if (typeof at === 'number') return at
  if (!check_mnt(machine, at.mnt) && (mount.mnt_flags & MNT_SHRINKABLE) === 0) return -EINVAL
  if (at.mnt.mnt_sb === mount.mnt_sb && path_mounted(at)) return -EBUSY
  return d_is_symlink(mount.mnt_root) ? -EINVAL : graft(machine, mount, at)
}

const configure = (machine: Machine, fc: MountContext, source: string | null, data: string | null): number => {
  let rc = source === null ? 0 : vfs_parse_fs_param(machine, fc, textParameter('source', source))
  if (rc === 0) rc = parse_monolithic_mount_data(machine, fc, data)
  if (rc === 0 && !mount_capable(machine, fc)) rc = -EPERM
  return rc === 0 ? vfs_get_tree(machine, fc) : rc
}

export const do_new_mount = (
  machine: Machine, path: Path, type: string | null, sb_flags: number, mnt_flags: number, source: string | null,
  data: string | null,
): number => {
  if (type === null) return -EINVAL
  const fs = machine.get_fs_type(type)
  if (fs === null) return -ENODEV
  const fc = fs_context_for_mount(machine, fs, sb_flags)
  fc.oldapi = true
  let rc = configure(machine, fc, source, data)
  if (rc === 0) rc = do_new_mount_fc(machine, fc, path, mnt_flags)
  put_fs_context(machine, fc)
  return rc
}

/** As `vfs_submount` and `finish_automount`: a mount that a file system makes when a walk enters `path`. */
export const vfs_submount = (machine: Machine, path: Path, type: FileSystem, source: string): number => {
  if (path.dentry.d_sb.s_user_ns !== machine.init_user_ns) return -EPERM
  const fc = fs_context_for_mount(machine, type, SB_SUBMOUNT)
  let rc = machine.rules.automountsBelow ? machine.lsm.fs_context_submount.ask(fc, path.dentry.d_sb) : 0
  if (rc === 0) rc = vfs_parse_fs_param(machine, fc, textParameter('source', source))
  if (rc === 0) rc = vfs_get_tree(machine, fc)
  const flags = (path.mnt.mnt_flags & ~MNT_INTERNAL_FLAGS) | MNT_SHRINKABLE
  const mount = rc === 0 ? alloc_mount(machine, fc.root as Dentry, flags, source) : null
  put_fs_context(machine, fc)
  if (mount === null) return rc
  rc = addMount(machine, mount, path)
  if (rc !== 0) freeIfUnused(machine, mount)
  return rc === -EBUSY ? 0 : rc
}

const kern_path = (machine: Machine, name: string | null, flags: number): Path | number => {
  if (name === null || name === '') return -EINVAL
  const text = getname(name)
  return typeof text === 'number' ? text : filename_lookup(machine, AT_FDCWD, text, flags, null)
}

/** As `__do_loopback`: a copy of the mount, or of its whole tree, from this place down. */
export const loopback = (machine: Machine, { mnt, dentry }: Path, recurse: boolean): Mount | number => {
  const old = asMount(mnt)
  if ((old.mnt_flags & MNT_UNBINDABLE) !== 0) return -EINVAL
  if (!check_mnt(machine, old) && !machine.isNamespaceFile(dentry)) return -EINVAL
  if (recurse && old.mnt_ns === null) return -EINVAL
  if (!recurse && hasLockedChildren(old, dentry)) return -EINVAL
  const copy = recurse ? copy_tree(machine, old, dentry, { mntNsFiles: true })
    : hasRoomFor(machine, 1) ? clone_mnt(machine, old, dentry, {}) : -ENOMEM
  if (typeof copy !== 'number') copy.mnt_flags &= ~MNT_LOCKED
  return copy
}

const do_loopback = (machine: Machine, path: Path, source: string | null, recurse: boolean): number => {
  const from = kern_path(machine, source, LOOKUP_FOLLOW | LOOKUP_AUTOMOUNT)
  if (typeof from === 'number') return from
  if (machine.nsfs.isLoop(from.dentry)) return -EINVAL
  const at = topPlace(path)
  if (typeof at === 'number') return at
  if (!check_mnt(machine, at.mnt)) return -EINVAL
  const copy = loopback(machine, from, recurse)
  if (typeof copy === 'number') return copy
  const rc = keepsNamespace(machine, copy) ? -EINVAL : graft(machine, copy, at)
  if (rc !== 0) umount_tree(machine, copy)
  return rc
}

/** 0 or -errno for both kinds of remount: the mount is in the caller's tree, and no locked flag is cleared. */
const mayRemount = (machine: Machine, path: Path, mnt_flags: number): number => {
  if (!check_mnt(machine, path.mnt) || !path_mounted(path)) return -EINVAL
  return can_change_locked_flags(asMount(path.mnt), mnt_flags) ? 0 : -EPERM
}

const set_mount_attributes = (mount: Mount, mnt_flags: number): void => {
  mount.mnt_flags = (mnt_flags & MNT_USER_SETTABLE_MASK) | (mount.mnt_flags & ~MNT_USER_SETTABLE_MASK)
}

/** 0, or -EBUSY if the mount would become read-only while files are open for writing. */
export const holdWriters = (mount: Mount, mnt_flags: number): number =>
  (mnt_flags & MNT_READONLY) !== 0 && (mount.mnt_flags & MNT_READONLY) === 0 && mount.writers > 0 ? -EBUSY : 0

const do_reconfigure_mnt = (machine: Machine, path: Path, mnt_flags: number): number => {
  let rc = mayRemount(machine, path, mnt_flags)
  const mount = asMount(path.mnt)
  if (rc === 0) rc = holdWriters(mount, mnt_flags)
  if (rc !== 0) return rc
  set_mount_attributes(mount, mnt_flags)
  return 0
}

const do_remount = (machine: Machine, path: Path, sb_flags: number, mnt_flags: number, data: string | null): number => {
  let rc = mayRemount(machine, path, mnt_flags)
  if (rc !== 0) return rc
  const fc = fs_context_for_reconfigure(machine, path.dentry, sb_flags, REMOUNTABLE)
  fc.oldapi = true
  rc = parse_monolithic_mount_data(machine, fc, data)
  if (rc === 0 && !ns_capable(machine.lsm, machine.current, path.mnt.mnt_sb.s_user_ns, CAP_SYS_ADMIN)) rc = -EPERM
  if (rc === 0) rc = reconfigure_super(machine, fc)
  if (rc === 0) set_mount_attributes(asMount(path.mnt), mnt_flags)
  put_fs_context(machine, fc)
  return rc
}

export const changeType = ({ mountTable }: Machine, mount: Mount, type: number, recurse: boolean): void => {
  for (const each of recurse ? [...subtree(mount)] : [mount]) changePropagation(mountTable.peerGroups, each, type)
}

const do_change_type = (machine: Machine, path: Path, flags: number): number => {
  if (!path_mounted(path)) return -EINVAL
  const type = flags & ~(MS_REC | MS_SILENT)
  if (!PROPAGATION_TYPES.includes(type)) return -EINVAL
  const mount = asMount(path.mnt)
  const rc = may_change_propagation(machine, mount)
  if (rc !== 0) return rc
  changeType(machine, mount, type, (flags & MS_REC) !== 0)
  return 0
}

const do_move_mount_old = (machine: Machine, path: Path, source: string | null): number => {
  const from = kern_path(machine, source, LOOKUP_FOLLOW)
  return typeof from === 'number' ? from : do_move_mount(machine, from, path)
}

export const path_mount = (
  machine: Machine, source: string | null,
  path: Path,
  type: string | null,
  flags: number,
  data: string | null,
): number => {
  if (flags >>> 16 === MS_MGC_VAL) flags &= 0xffff
  if ((flags & MS_NOUSER) !== 0) return -EINVAL
  const rc = machine.lsm.sb_mount.ask(source, path, type, flags, data)
  if (rc !== 0) return rc
  if (!may_mount(machine)) return -EPERM
  const mnt_flags = mountFlags(flags, path.mnt.mnt_flags)
  const sb_flags = flags & SUPER_FLAGS
  if ((flags & (MS_REMOUNT | MS_BIND)) === (MS_REMOUNT | MS_BIND)) return do_reconfigure_mnt(machine, path, mnt_flags)
  if ((flags & MS_REMOUNT) !== 0) return do_remount(machine, path, sb_flags, mnt_flags, data)
  if ((flags & MS_BIND) !== 0) return do_loopback(machine, path, source, (flags & MS_REC) !== 0)
  if ((flags & (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)) !== 0) return do_change_type(machine, path, flags)
  if ((flags & MS_MOVE) !== 0) return do_move_mount_old(machine, path, source)
  return do_new_mount(machine, path, type, sb_flags, mnt_flags, source, data)
}

/** mount, umount2, pivot_root, and the newer calls on descriptors (fs/namespace.c). */
import {
  AT_EMPTY_PATH, AT_FDCWD, AT_NO_AUTOMOUNT, AT_RECURSIVE, AT_SYMLINK_NOFOLLOW, E2BIG, EFAULT, EINVAL, EPERM,
  FMODE_NEED_UNMOUNT, MNT_DETACH, MNT_EXPIRE, MNT_FORCE, MOUNT_ATTR__ATIME, MOUNT_ATTR_IDMAP, MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NODIRATIME, MOUNT_ATTR_NOEXEC, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NOSYMFOLLOW, MOUNT_ATTR_RDONLY,
  MOVE_MOUNT__MASK, MOVE_MOUNT_BENEATH, MOVE_MOUNT_F_AUTOMOUNTS, MOVE_MOUNT_F_EMPTY_PATH, MOVE_MOUNT_F_SYMLINKS,
  MOVE_MOUNT_SET_GROUP, MOVE_MOUNT_T_AUTOMOUNTS, MOVE_MOUNT_T_EMPTY_PATH, MOVE_MOUNT_T_SYMLINKS, O_CLOEXEC, O_PATH,
  OPEN_TREE_CLONE, PATH_MAX, UMOUNT_NOFOLLOW,
} from '@lsmkit/abi'
import type { File, Path } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import {
  LOOKUP_AUTOMOUNT, LOOKUP_DIRECTORY, LOOKUP_EMPTY, LOOKUP_FOLLOW, LOOKUP_MOUNTPOINT,
} from '../state/vfs/lookup-flags.ts'
import { buildMountChange } from '../vfs/mount-setattr.ts'
import { byteLength, decodeName, encodeName } from '../state/vfs/names.ts'
import { PROPAGATION_TYPES } from '../state/vfs/propagation.ts'

/** `struct mount_attr`. */
export interface MountAttr {
  readonly attr_set: number
  readonly attr_clr: number
  /** MS_SHARED, MS_PRIVATE, MS_SLAVE, MS_UNBINDABLE, or 0 for no change. */
  readonly propagation: number
  /** Of the user namespace whose mapping MOUNT_ATTR_IDMAP gives the mount. */
  readonly userns_fd: number
}

const PLACE_FLAGS = AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW
export const MOUNT_ATTR_KNOWN =
  MOUNT_ATTR_RDONLY |
  MOUNT_ATTR_NOSUID |
  MOUNT_ATTR_NODEV |
  MOUNT_ATTR_NOEXEC |
  MOUNT_ATTR__ATIME |
  MOUNT_ATTR_NODIRATIME |
  MOUNT_ATTR_NOSYMFOLLOW
const MOUNT_ATTR_SIZE_VER0 = 32
const PAGE_SIZE = 4096

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** As `copy_mount_string`: type and source have room for a path. */
const isTooLong = (value: unknown): boolean => {
  const given = text(value)
  return given !== null && (given.length >= PATH_MAX || byteLength(given) >= PATH_MAX)
}
/** As `copy_mount_options`: takes a page of the options, without its last byte. */
const optionsOf = (value: unknown): string | null => {
  const given = text(value)?.slice(0, PAGE_SIZE - 1) ?? null
  return given === null || byteLength(given) < PAGE_SIZE ? given
    : decodeName(encodeName(given).subarray(0, PAGE_SIZE - 1))
}

const mount = (
  machine: Machine, source: unknown, target: unknown, type: unknown, flags: number, data: unknown,
): number => {
  if (isTooLong(type) || isTooLong(source)) return -EINVAL
  const path = machine.vfs.user_path_at(AT_FDCWD, target, LOOKUP_FOLLOW | LOOKUP_AUTOMOUNT)
  return typeof path === 'number' ? path : machine.vfs.path_mount(
    text(source), path, text(type), flags >>> 0, optionsOf(data),
  )
}

const umount2 = (machine: Machine, target: unknown, flags: number): number => {
  if ((flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW)) !== 0) return -EINVAL
  const lookup = LOOKUP_MOUNTPOINT | ((flags & UMOUNT_NOFOLLOW) === 0 ? LOOKUP_FOLLOW : 0)
  const path = machine.vfs.user_path_at(AT_FDCWD, target, lookup)
  return typeof path === 'number' ? path : machine.vfs.path_umount(path, flags)
}

const pivot_root = (machine: Machine, new_root: unknown, put_old: unknown): number => {
  const { pivotLooksFirst } = machine.rules
  if (!pivotLooksFirst && !machine.vfs.may_mount()) return -EPERM
  const next = machine.vfs.user_path_at(AT_FDCWD, new_root, LOOKUP_FOLLOW | LOOKUP_DIRECTORY)
  if (typeof next === 'number') return next
  const put = machine.vfs.user_path_at(AT_FDCWD, put_old, LOOKUP_FOLLOW | LOOKUP_DIRECTORY)
  if (typeof put === 'number') return put
  return pivotLooksFirst && !machine.vfs.may_mount() ? -EPERM : machine.vfs.path_pivot_root(next, put)
}

const lookupFlags = (flags: number): number =>
  ((flags & AT_NO_AUTOMOUNT) === 0 ? LOOKUP_AUTOMOUNT : 0) |
  ((flags & AT_SYMLINK_NOFOLLOW) === 0 ? LOOKUP_FOLLOW : 0) |
  ((flags & AT_EMPTY_PATH) !== 0 ? LOOKUP_EMPTY : 0)

/** A copy of the tree. It goes away with its file, unless it is mounted before. */
const open_detached_copy = (machine: Machine, path: Path, recursive: boolean): File | number => {
  const copy = machine.vfs.loopback(path, recursive)
  if (typeof copy === 'number') return copy
  machine.vfs.setApart(copy)
  const file = machine.vfs.dentry_open({ mnt: copy, dentry: path.dentry }, O_PATH, machine.current.task.cred)
  if (typeof file === 'number') machine.vfs.dissolve_on_fput(copy)
  else file.f_mode |= FMODE_NEED_UNMOUNT
  return file
}

const open_tree = (machine: Machine, dfd: number, filename: unknown, flags: number): number => {
  const detached = (flags & OPEN_TREE_CLONE) !== 0
  if ((flags & ~(PLACE_FLAGS | OPEN_TREE_CLONE | O_CLOEXEC)) !== 0) return -EINVAL
  if ((flags & AT_RECURSIVE) !== 0 && !detached) return -EINVAL
  if (detached && !machine.vfs.may_mount()) return -EPERM
  return machine.vfs.installNew(() => {
    const path = machine.vfs.user_path_at(dfd, filename, lookupFlags(flags))
    if (typeof path === 'number') return path
    return detached
      ? open_detached_copy(machine, path, (flags & AT_RECURSIVE) !== 0)
      : machine.vfs.dentry_open(path, O_PATH, machine.current.task.cred)
  }, (flags & O_CLOEXEC) !== 0)
}

const sideFlags = (flags: number, symlinks: number, automounts: number, empty: number): number =>
  ((flags & symlinks) !== 0 ? LOOKUP_FOLLOW : 0) | ((flags & automounts) !== 0 ? LOOKUP_AUTOMOUNT : 0) |
  ((flags & empty) !== 0 ? LOOKUP_EMPTY : 0)

const move_mount = (
  machine: Machine, from_dfd: number, from_name: unknown, to_dfd: number, to_name: unknown, flags: number,
): number => {
  if (!machine.vfs.may_mount()) return -EPERM
  const both = MOVE_MOUNT_BENEATH | MOVE_MOUNT_SET_GROUP
  if ((flags & ~MOVE_MOUNT__MASK) !== 0 || (flags & both) === both) return -EINVAL
  const findFrom = (): Path | number => machine.vfs.user_path_at(
    from_dfd, from_name,
    sideFlags(flags, MOVE_MOUNT_F_SYMLINKS, MOVE_MOUNT_F_AUTOMOUNTS, MOVE_MOUNT_F_EMPTY_PATH),
  )
  const findTo = (): Path | number => machine.vfs.user_path_at(
    to_dfd, to_name,
    sideFlags(flags, MOVE_MOUNT_T_SYMLINKS, MOVE_MOUNT_T_AUTOMOUNTS, MOVE_MOUNT_T_EMPTY_PATH),
  )
  const early = machine.rules.moveTargetFirst ? findTo() : null
  if (typeof early === 'number') return early
  const from = findFrom()
  if (typeof from === 'number') return from
  const to = early ?? findTo()
  if (typeof to === 'number') return to
  const rc = machine.lsm.move_mount.ask(from, to)
  if (rc !== 0) return rc
  if ((flags & MOVE_MOUNT_SET_GROUP) !== 0) return machine.vfs.do_set_group(from, to)
  return machine.vfs.do_move_mount(from, to, (flags & MOVE_MOUNT_BENEATH) !== 0)
}

/** `size`: bytes of the struct in the caller's headers. */
const mount_setattr = (
  machine: Machine, dfd: number, pathname: unknown, flags: number, attr: MountAttr | null,
  size = MOUNT_ATTR_SIZE_VER0,
): number => {
  if ((flags & ~PLACE_FLAGS) !== 0) return -EINVAL
  if (size > PAGE_SIZE) return -E2BIG
  if (size < MOUNT_ATTR_SIZE_VER0) return -EINVAL
  if (!machine.vfs.may_mount()) return -EPERM
  if (attr === null) return -EFAULT
  const { attr_set, attr_clr, propagation, userns_fd } = attr
  if (attr_set === 0 && attr_clr === 0 && propagation === 0) return 0
  if (propagation !== 0 && !PROPAGATION_TYPES.includes(propagation)) return -EINVAL
  if (((attr_set | attr_clr) & ~(MOUNT_ATTR_KNOWN | MOUNT_ATTR_IDMAP)) !== 0) return -EINVAL
  const change = buildMountChange(attr_set, attr_clr, propagation, (flags & AT_RECURSIVE) !== 0)
  if (typeof change === 'number') return change
  const idmapped = machine.vfs.idmapNamespace(attr_set, attr_clr, userns_fd)
  if (typeof idmapped === 'number') return idmapped
  const path = machine.vfs.user_path_at(dfd, pathname, lookupFlags(flags))
  return typeof path === 'number' ? path : machine.vfs.do_mount_setattr(path, change, idmapped)
}

export const mountSyscalls = { mount, umount2, pivot_root, open_tree, move_mount, mount_setattr }

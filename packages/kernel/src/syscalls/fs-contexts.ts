/** fsopen, fsconfig, fsmount and fspick: mounts in steps (fs/fsopen.c, fs/namespace.c). */
import {
  AT_FDCWD, EBADF, EBUSY, EFAULT, EINVAL, EMSGSIZE, ENAMETOOLONG, ENODATA, ENODEV, EOPNOTSUPP, EPERM,
  FMODE_NEED_UNMOUNT, FSCONFIG_CMD_CREATE, FSCONFIG_CMD_CREATE_EXCL, FSCONFIG_CMD_RECONFIGURE, FSCONFIG_SET_BINARY,
  FSCONFIG_SET_FD, FSCONFIG_SET_FLAG, FSCONFIG_SET_PATH, FSCONFIG_SET_PATH_EMPTY, FSCONFIG_SET_STRING, FSMOUNT_CLOEXEC,
  FSOPEN_CLOEXEC, FSPICK_CLOEXEC, FSPICK_EMPTY_PATH, FSPICK_NO_AUTOMOUNT, FSPICK_SYMLINK_NOFOLLOW,
  FS_CONTEXT_AWAITING_MOUNT, FS_CONTEXT_AWAITING_RECONF, FS_CONTEXT_CREATE_PARAMS, FS_CONTEXT_CREATING,
  FS_CONTEXT_FAILED, FS_CONTEXT_RECONF_PARAMS, FS_CONTEXT_RECONFIGURING, fs_value_is_blob, fs_value_is_file,
  fs_value_is_filename, fs_value_is_flag, fs_value_is_string, O_PATH, O_RDWR, SB_NOUSER, CAP_SYS_ADMIN,
} from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { Dentry, File, FsParameter } from '@lsmkit/core'
import { copyIn, give } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import { fileOperations } from '../state/vfs/driver.ts'
import type { FileOperations } from '../state/vfs/driver.ts'
import type { Machine } from '../machine.ts'
import { fget } from '../state/vfs/fdtable.ts'
import { LOOKUP_AUTOMOUNT, LOOKUP_EMPTY, LOOKUP_FOLLOW } from '../state/vfs/lookup-flags.ts'
import type { MountContext } from '../state/vfs/mount-context.ts'
import { attr_flags_to_mnt_flags } from '../vfs/mount-flags.ts'
import { atimeFlags } from '../vfs/mount-setattr.ts'
import { byteLength, encodeName, getname } from '../state/vfs/names.ts'
import { fileState } from '../state/vfs/state.ts'
import { MOUNT_ATTR_KNOWN } from './mounts.ts'

/** Bytes of a key or a string value, the NUL counted. */
const MAX_TEXT = 256
const MAX_BLOB = 1 << 20

/** Commands that legacy file systems, which take their options as one text, do not know. */
const NOT_LEGACY: readonly number[] = [
  FSCONFIG_SET_BINARY, FSCONFIG_SET_PATH, FSCONFIG_SET_PATH_EMPTY, FSCONFIG_SET_FD, FSCONFIG_CMD_CREATE_EXCL,
]

const isGiven = (value: unknown): boolean => value !== null && value !== undefined

/** Checks which of key, value and aux a command takes. */
const argumentsFit = (cmd: number, key: unknown, value: unknown, aux: number): number => {
  switch (cmd) {
    case FSCONFIG_SET_FLAG:
      return isGiven(key) && !isGiven(value) && aux === 0 ? 0 : -EINVAL
    case FSCONFIG_SET_STRING:
      return isGiven(key) && isGiven(value) && aux === 0 ? 0 : -EINVAL
    case FSCONFIG_SET_BINARY:
      return isGiven(key) && isGiven(value) && aux > 0 && aux <= MAX_BLOB ? 0 : -EINVAL
    case FSCONFIG_SET_PATH:
    case FSCONFIG_SET_PATH_EMPTY:
      return isGiven(key) && isGiven(value) && (aux === AT_FDCWD || aux >= 0) ? 0 : -EINVAL
    case FSCONFIG_SET_FD:
      return isGiven(key) && !isGiven(value) && aux >= 0 ? 0 : -EINVAL
    case FSCONFIG_CMD_CREATE:
    case FSCONFIG_CMD_CREATE_EXCL:
    case FSCONFIG_CMD_RECONFIGURE:
      return isGiven(key) || isGiven(value) || aux !== 0 ? -EINVAL : 0
    default:
      return -EOPNOTSUPP
  }
}

/** Each read gives one message. A message that does not fit stays in the log. */
const fscontextOps = (machine: Machine): FileOperations => fileOperations({
  read(file, buf, off, len) {
    const { log } = fileState(file).data as MountContext
    const message = log[0]
    if (message === undefined) return -ENODATA
    const bytes = encodeName(message)
    if (bytes.length > len) return -EMSGSIZE
    log.shift()
    return give(bytes, buf, off)
  },
  release: (_inode, file) => machine.vfs.put_fs_context(fileState(file).data as MountContext),
})

/** The operations of the files of fsopen(2) and fspick(2). */
class FsContextFiles {
  readonly fops: FileOperations

  constructor(machine: Machine) {
    this.fops = fscontextOps(machine)
  }
}

const contextFd = (machine: Machine, fc: MountContext, cloexec: boolean): number => {
  const fd = machine.vfs.anon_inode_getfd('[fscontext]', machine.part(FsContextFiles).fops, fc, O_RDWR, cloexec)
  if (fd < 0) machine.vfs.put_fs_context(fc)
  return fd
}

const contextOf = (machine: Machine, fd: number): MountContext | number => {
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  const { f_op, data } = fileState(file)
  return f_op === machine.part(FsContextFiles).fops ? (data as MountContext) : -EINVAL
}

const fsopen = (machine: Machine, fs_name: unknown, flags: number): number => {
  if (!machine.vfs.may_mount()) return -EPERM
  if ((flags & ~FSOPEN_CLOEXEC) !== 0) return -EINVAL
  if (typeof fs_name !== 'string') return -EFAULT
  const type = machine.get_fs_type(fs_name)
  if (type === null) return -ENODEV
  return contextFd(machine, machine.vfs.fs_context_for_mount(type, 0), (flags & FSOPEN_CLOEXEC) !== 0)
}

const fspick = (machine: Machine, dfd: number, path: unknown, flags: number): number => {
  if (!machine.vfs.may_mount()) return -EPERM
  if ((flags & ~(FSPICK_CLOEXEC | FSPICK_SYMLINK_NOFOLLOW | FSPICK_NO_AUTOMOUNT | FSPICK_EMPTY_PATH)) !== 0)
    return -EINVAL
  const lookup =
    ((flags & FSPICK_SYMLINK_NOFOLLOW) === 0 ? LOOKUP_FOLLOW : 0) |
    ((flags & FSPICK_NO_AUTOMOUNT) === 0 ? LOOKUP_AUTOMOUNT : 0) |
    ((flags & FSPICK_EMPTY_PATH) !== 0 ? LOOKUP_EMPTY : 0)
  const target = machine.vfs.user_path_at(dfd, path, lookup)
  if (typeof target === 'number') return target
  if (target.mnt.mnt_root !== target.dentry || (target.dentry.d_sb.s_flags & SB_NOUSER) !== 0) return -EINVAL
  return contextFd(machine, machine.vfs.fs_context_for_reconfigure(target.dentry, 0, 0), (flags & FSPICK_CLOEXEC) !== 0)
}

const create = (machine: Machine, fc: MountContext, exclusive: boolean): number => {
  if (fc.phase !== FS_CONTEXT_CREATE_PARAMS) return -EBUSY
  if (!machine.vfs.mount_capable(fc)) return -EPERM
  fc.phase = FS_CONTEXT_CREATING
  fc.exclusive = exclusive
  let rc = machine.vfs.vfs_get_tree(fc)
  if (rc === 0) {
    rc = machine.lsm.sb_kern_mount.ask((fc.root as Dentry).d_sb)
    if (rc !== 0) dropRoot(machine, fc)
  }
  fc.phase = rc === 0 ? FS_CONTEXT_AWAITING_MOUNT : FS_CONTEXT_FAILED
  return rc
}

const dropRoot = (machine: Machine, fc: MountContext): void => {
  const { d_sb } = fc.root as Dentry
  fc.root = null
  machine.vfs.sput(d_sb)
}

const reconfigure = (machine: Machine, fc: MountContext): number => {
  if (fc.phase !== FS_CONTEXT_RECONF_PARAMS) return -EBUSY
  fc.phase = FS_CONTEXT_RECONFIGURING
  const allowed = ns_capable(machine.lsm, machine.current, (fc.root as Dentry).d_sb.s_user_ns, CAP_SYS_ADMIN)
  const rc = allowed ? machine.vfs.reconfigure_super(fc) : -EPERM
  if (rc !== 0) fc.phase = FS_CONTEXT_FAILED
  else machine.vfs.vfs_clean_context(fc)
  return rc
}

/** The value in the type that the command says, or -errno. */
const parameter = (machine: Machine, cmd: number, key: string, value: unknown, aux: number): FsParameter | number => {
  const param = {
    key,
    type: fs_value_is_flag,
    string: null as string | null,
    blob: null as Uint8Array | null,
    file: null as File | null,
  }
  if (byteLength(key) >= MAX_TEXT) return -EINVAL
  switch (cmd) {
    case FSCONFIG_SET_STRING:
      if (byteLength(value as string) >= MAX_TEXT) return -EINVAL
      return { ...param, type: fs_value_is_string, string: value as string }
    case FSCONFIG_SET_BINARY:
      return { ...param, type: fs_value_is_blob, blob: copyIn(value as GuestBytes, 0, aux) }
    case FSCONFIG_SET_PATH:
    case FSCONFIG_SET_PATH_EMPTY: {
      const name = getname(value, cmd === FSCONFIG_SET_PATH_EMPTY ? LOOKUP_EMPTY : 0)
      return typeof name === 'number' ? name : { ...param, type: fs_value_is_filename, string: name }
    }
    case FSCONFIG_SET_FD: {
      const file = fget(machine.current.task, aux)
      return file === null ? -EBADF : { ...param, type: fs_value_is_file, file }
    }
    default:
      return param
  }
}

const setParameter = (
  machine: Machine, fc: MountContext, cmd: number, key: unknown, value: unknown, aux: number,
): number => {
  if (typeof key !== 'string') return -ENAMETOOLONG
  const param = parameter(machine, cmd, key, value, aux)
  if (typeof param === 'number') return param
  if (fc.phase !== FS_CONTEXT_CREATE_PARAMS && fc.phase !== FS_CONTEXT_RECONF_PARAMS) return -EBUSY
  return machine.vfs.vfs_parse_fs_param(fc, param)
}

/** `value`: a string, bytes for FSCONFIG_SET_BINARY, or null. */
const fsconfig = (machine: Machine, fd: number, cmd: number, key: unknown, value: unknown, aux: number): number => {
  if (fd < 0) return -EINVAL
  const rc = argumentsFit(cmd, key, value, aux)
  if (rc !== 0) return rc
  const fc = contextOf(machine, fd)
  if (typeof fc === 'number') return fc
  if (fc.fs_type.isLegacy === true && NOT_LEGACY.includes(cmd)) return -EOPNOTSUPP
  if (fc.phase === FS_CONTEXT_AWAITING_RECONF) fc.phase = FS_CONTEXT_RECONF_PARAMS
  if (cmd === FSCONFIG_CMD_CREATE || cmd === FSCONFIG_CMD_CREATE_EXCL)
    return create(machine, fc, cmd === FSCONFIG_CMD_CREATE_EXCL)
  return cmd === FSCONFIG_CMD_RECONFIGURE ? reconfigure(machine, fc) : setParameter(machine, fc, cmd, key, value, aux)
}

/** A file for a mount of the context's tree that is not attached yet. */
const openMount = (machine: Machine, fc: MountContext, mnt_flags: number): File | number => {
  const root = fc.root as Dentry
  const mount = machine.vfs.alloc_mount(root, mnt_flags, fc.source ?? 'none')
  machine.vfs.vfs_clean_context(fc)
  machine.vfs.setApart(mount)
  const file = machine.vfs.dentry_open({ mnt: mount, dentry: root }, O_PATH, fc.cred)
  if (typeof file === 'number') machine.vfs.dissolve_on_fput(mount)
  else file.f_mode |= FMODE_NEED_UNMOUNT
  return file
}

const fsmount = (machine: Machine, fs_fd: number, flags: number, attr_flags: number): number => {
  if (!machine.vfs.may_mount()) return -EPERM
  if ((flags & ~FSMOUNT_CLOEXEC) !== 0 || (attr_flags & ~MOUNT_ATTR_KNOWN) !== 0) return -EINVAL
  const atime = atimeFlags(attr_flags)
  if (atime < 0) return atime
  const mnt_flags = attr_flags_to_mnt_flags(attr_flags) | atime
  const fc = contextOf(machine, fs_fd)
  if (typeof fc === 'number') return fc
  if (fc.root === null) return -EINVAL
  if (machine.vfs.too_revealing(fc.root.d_sb, mnt_flags)) return -EPERM
  if (fc.phase !== FS_CONTEXT_AWAITING_MOUNT) return -EBUSY
  return (fc.root.d_sb.s_flags & SB_NOUSER) !== 0
    ? -EINVAL
    : machine.vfs.installNew(() => openMount(machine, fc, mnt_flags), (flags & FSMOUNT_CLOEXEC) !== 0)
}

export const fsContextSyscalls = { fsopen, fspick, fsconfig, fsmount }

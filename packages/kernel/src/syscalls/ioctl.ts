/**
 * ioctl(2): commands that every open file has. The driver takes all others (fs/ioctl.c).
 *
 * `arg` is a `Ref` for a pointer to an int, an object for a pointer to a struct, or a number for a command without a
 * pointer.
 */
import {
  CAP_SYS_ADMIN, CAP_SYS_RAWIO, EBADF, EFAULT, EINVAL, EISDIR, ENOIOCTLCMD, ENOTTY, EOPNOTSUPP, EPERM, EXDEV,
  FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, FALLOC_FL_ZERO_RANGE, FIBMAP, FICLONE, FICLONERANGE, FIDEDUPERANGE,
  FIFREEZE, FIGETBSZ, FIOASYNC, FIOCLEX, FIONBIO, FIONCLEX, FIONREAD, FIOQSIZE, FITHAW, FMODE_PATH, FMODE_READ,
  FMODE_WRITE, FS_IOC_FIEMAP, FS_IOC_FSGETXATTR, FS_IOC_FSSETXATTR, FS_IOC_GETFLAGS, FS_IOC_RESVSP, FS_IOC_RESVSP64,
  FS_IOC_SETFLAGS, FS_IOC_UNRESVSP, FS_IOC_UNRESVSP64, FS_IOC_ZERO_RANGE, O_APPEND, O_NONBLOCK, S_IFDIR, S_IFLNK,
  S_IFMT, S_IFREG, SEEK_CUR, SEEK_END, SEEK_SET,
} from '@lsmkit/abi'
import { capable, ns_capable } from '@lsmkit/core'
import type { File, Ref } from '@lsmkit/core'
import type { FileAttr } from '../state/vfs/driver.ts'
import type { Machine } from '../machine.ts'
import { fdTable, fget, fget_raw } from '../state/vfs/fdtable.ts'
import { fileattr_of_flags, flags_of_xflags } from '../vfs/fileattr.ts'
import { mnt_want_write } from '../state/vfs/mount.ts'
import { FASYNC } from '../state/vfs/open-flags.ts'
import { fileState } from '../state/vfs/state.ts'

/** Bytes of the blocks that st_blocks counts. */
const BLOCK_SIZE = 512

/** `struct space_resv`. */
interface SpaceResv {
  readonly l_whence: number
  readonly l_start: number
  readonly l_len: number
}
/** `struct fsxattr`. */
interface Fsxattr {
  fsx_xflags: number
  fsx_extsize: number
  fsx_nextents: number
  fsx_projid: number
  fsx_cowextsize: number
}
/** `struct file_clone_range`. */
interface CloneRange {
  readonly src_fd: number
}

const driverIoctl = (file: File, cmd: number, arg: unknown): number => {
  const { ioctl } = fileState(file).f_op
  const rc = ioctl === null ? -ENOTTY : ioctl(file, cmd, arg)
  return rc === -ENOIOCTLCMD ? -ENOTTY : rc
}

const isReg = (file: File): boolean => (file.f_inode.i_mode & S_IFMT) === S_IFREG

const setFlag = (file: File, flag: number, on: boolean): number => {
  file.f_flags = on ? file.f_flags | flag : file.f_flags & ~flag
  return 0
}

/** Only pipes and sockets can signal input. */
const fioasync = (file: File, on: boolean): number => {
  if (((file.f_flags & FASYNC) !== 0) === on) return 0
  const { fasync } = fileState(file).f_op
  if (fasync === null) return -ENOTTY
  fasync(file, on)
  return setFlag(file, FASYNC, on)
}

/** As `ioctl_file_clone`. No file system of this kernel can share blocks. */
const clone = (machine: Machine, output: File, srcfd: number): number => {
  const input = fget(machine.current.task, srcfd)
  if (input === null) return -EBADF
  if (input.f_inode.i_sb !== output.f_inode.i_sb) return -EXDEV
  const [a, b] = [input.f_inode.i_mode & S_IFMT, output.f_inode.i_mode & S_IFMT]
  if (a === S_IFDIR || b === S_IFDIR) return -EISDIR
  if (a !== S_IFREG || b !== S_IFREG) return -EINVAL
  const allowed = (input.f_mode & FMODE_READ) !== 0 && (output.f_mode & FMODE_WRITE) !== 0
  return allowed && (output.f_flags & O_APPEND) === 0 ? -EOPNOTSUPP : -EBADF
}

const dedupe = (file: File): number => {
  if ((file.f_mode & FMODE_READ) === 0) return -EINVAL
  const type = file.f_inode.i_mode & S_IFMT
  return type === S_IFDIR ? -EISDIR : type === S_IFREG ? -EOPNOTSUPP : -EINVAL
}

const freeze = (machine: Machine, file: File): number => {
  if (!ns_capable(machine.lsm, machine.current, file.f_inode.i_sb.s_user_ns, CAP_SYS_ADMIN)) return -EPERM
  return -EOPNOTSUPP
}

const getflags = (machine: Machine, file: File, out: Ref<number>): number => {
  const fa = machine.vfs.vfs_fileattr_get(file.f_path.dentry)
  if (typeof fa === 'number') return fa
  out.value = fa.flags
  return 0
}

const setAttr = (machine: Machine, file: File, fa: FileAttr): number => {
  const { mnt, dentry } = file.f_path
  const rc = mnt_want_write(mnt)
  return rc !== 0 ? rc : machine.vfs.vfs_fileattr_set(mnt.mnt_idmap, dentry, fa)
}

const fsgetxattr = (machine: Machine, file: File, out: Fsxattr): number => {
  const fa = machine.vfs.vfs_fileattr_get(file.f_path.dentry)
  if (typeof fa === 'number') return fa
  const { fsx_xflags, fsx_extsize, fsx_projid, fsx_cowextsize } = fa
  Object.assign(out, { fsx_xflags, fsx_extsize, fsx_nextents: 0, fsx_projid, fsx_cowextsize })
  return 0
}

const fssetxattr = (
  machine: Machine, file: File, { fsx_xflags, fsx_extsize, fsx_projid, fsx_cowextsize }: Fsxattr,
): number =>
  setAttr(machine, file, {
    flags: flags_of_xflags(fsx_xflags), fsx: true, fsx_xflags, fsx_extsize, fsx_projid, fsx_cowextsize,
  })

const preallocate = (machine: Machine, file: File, mode: number, { l_whence, l_start, l_len }: SpaceResv): number => {
  if (l_whence !== SEEK_SET && l_whence !== SEEK_CUR && l_whence !== SEEK_END) return -EINVAL
  const base = l_whence === SEEK_SET ? 0 : l_whence === SEEK_CUR ? file.f_pos : file.f_inode.i_size
  return machine.vfs.vfs_fallocate(file, mode | FALLOC_FL_KEEP_SIZE, base + l_start, l_len)
}

/** Commands that only regular files have. */
const file_ioctl = (machine: Machine, file: File, cmd: number, arg: unknown): number => {
  switch (cmd) {
    case FIBMAP:
      if (!capable(machine.lsm, machine.current, CAP_SYS_RAWIO)) return -EPERM
      return arg === null ? -EFAULT : -EINVAL
    case FS_IOC_RESVSP:
    case FS_IOC_RESVSP64:
      return preallocate(machine, file, 0, arg as SpaceResv)
    case FS_IOC_UNRESVSP:
    case FS_IOC_UNRESVSP64:
      return preallocate(machine, file, FALLOC_FL_PUNCH_HOLE, arg as SpaceResv)
    case FS_IOC_ZERO_RANGE:
      return preallocate(machine, file, FALLOC_FL_ZERO_RANGE, arg as SpaceResv)
    default:
      return -ENOIOCTLCMD
  }
}

const attributeIoctl = (machine: Machine, file: File, cmd: number, arg: unknown): number => {
  switch (cmd) {
    case FS_IOC_GETFLAGS:
      return getflags(machine, file, arg as Ref<number>)
    case FS_IOC_SETFLAGS:
      return setAttr(machine, file, fileattr_of_flags((arg as Ref<number>).value))
    case FS_IOC_FSGETXATTR:
      return fsgetxattr(machine, file, arg as Fsxattr)
    default:
      return fssetxattr(machine, file, arg as Fsxattr)
  }
}

const sizeIoctl = (file: File, cmd: number, out: Ref<number>): number => {
  const { i_mode, i_sb, i_size, i_blocks } = file.f_inode
  if (cmd === FIGETBSZ) {
    if (i_sb.s_blocksize === 0) return -EINVAL
    out.value = i_sb.s_blocksize
    return 0
  }
  if (cmd === FIONREAD) {
    if (!isReg(file)) return driverIoctl(file, cmd, out)
    out.value = i_size - file.f_pos
    return 0
  }
  const type = i_mode & S_IFMT
  if (type !== S_IFDIR && type !== S_IFREG && type !== S_IFLNK) return -ENOTTY
  out.value = i_blocks * BLOCK_SIZE
  return 0
}

const do_vfs_ioctl = (machine: Machine, file: File, fd: number, cmd: number, arg: unknown): number => {
  switch (cmd) {
    case FIOCLEX:
    case FIONCLEX:
      fdTable(machine.current.task).close_on_exec[fd] = cmd === FIOCLEX
      return 0
    case FIONBIO:
      return setFlag(file, O_NONBLOCK, (arg as Ref<number>).value !== 0)
    case FIOASYNC:
      return fioasync(file, (arg as Ref<number>).value !== 0)
    case FIOQSIZE:
    case FIGETBSZ:
    case FIONREAD:
      return sizeIoctl(file, cmd, arg as Ref<number>)
    case FIFREEZE:
    case FITHAW:
      return freeze(machine, file)
    case FS_IOC_FIEMAP:
      return -EOPNOTSUPP
    case FICLONE:
      return clone(machine, file, arg as number)
    case FICLONERANGE:
      return clone(machine, file, (arg as CloneRange).src_fd)
    case FIDEDUPERANGE:
      return dedupe(file)
    case FS_IOC_GETFLAGS:
    case FS_IOC_SETFLAGS:
    case FS_IOC_FSGETXATTR:
    case FS_IOC_FSSETXATTR:
      return attributeIoctl(machine, file, cmd, arg)
    default:
      return isReg(file) ? file_ioctl(machine, file, cmd, arg) : -ENOIOCTLCMD
  }
}

/** Commands whose argument is a pointer that this file reads or writes. */
const TAKES_POINTER: ReadonlySet<number> = new Set([
  FIONBIO, FIOASYNC, FIOQSIZE, FIGETBSZ, FIONREAD, FICLONERANGE, FS_IOC_GETFLAGS, FS_IOC_SETFLAGS, FS_IOC_FSGETXATTR,
  FS_IOC_FSSETXATTR,
  FS_IOC_RESVSP, FS_IOC_RESVSP64, FS_IOC_UNRESVSP, FS_IOC_UNRESVSP64, FS_IOC_ZERO_RANGE,
])

const ioctl = (machine: Machine, fd: number, cmd: number, arg: unknown): number => {
  const file = fget_raw(machine.current.task, fd)
  if (file === null || (file.f_mode & FMODE_PATH) !== 0) return -EBADF
  cmd >>>= 0
  const rc = machine.lsm.file_ioctl.ask(file, cmd, typeof arg === 'number' ? arg : 0)
  if (rc !== 0) return rc
  if (TAKES_POINTER.has(cmd) && (typeof arg !== 'object' || arg === null)) return -EFAULT
  const answer = do_vfs_ioctl(machine, file, fd, cmd, arg)
  return answer === -ENOIOCTLCMD ? driverIoctl(file, cmd, arg) : answer
}

export const ioctlSyscalls = { ioctl }

/** read and write, also with several buffers or at a position (fs/read_write.c). */
import {
  EAGAIN, EBADF, EFAULT, EINVAL, ENOMEM, EOPNOTSUPP, EPERM, ERESTARTSYS, ESPIPE, FMODE_CAN_READ, FMODE_CAN_WRITE,
  FMODE_PREAD, FMODE_PWRITE, FMODE_READ, FMODE_STREAM, FMODE_WRITE, IN_MODIFY, MAY_READ, MAY_WRITE, O_APPEND,
  RWF_APPEND, RWF_DSYNC, RWF_HIPRI, RWF_NOAPPEND, RWF_NOWAIT, RWF_SYNC, S_APPEND, S_IFMT, S_IFREG,
} from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import { gather, totalOf } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import type { Machine } from '../machine.ts'
import { fget } from '../state/vfs/fdtable.ts'
import { fileState } from '../state/vfs/state.ts'

/** Most buffers of a call. */
const UIO_MAXIOV = 1024
const KNOWN_RWF = RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT | RWF_APPEND | RWF_NOAPPEND

export type Vector = readonly GuestBytes[]

const isRegular = (file: File): boolean => (file.f_inode.i_mode & S_IFMT) === S_IFREG

/** Bytes of all pieces, or -EINVAL for too many. */
const totalLength = (vec: Vector): number =>
  vec.length > UIO_MAXIOV ? -EINVAL : totalOf(vec)

/** Joins the buffers: a stream gets them as one write. */
const joined = (vec: Vector, total: number): Vector => (vec.length <= 1 ? vec : [gather(vec, total)])

/** Moves the position after a transfer of `n` bytes at `pos`. A stream has no position. */
const advance = (file: File, pos: number, n: number): void => {
  if (n > 0 && (file.f_mode & FMODE_STREAM) === 0) file.f_pos = pos + n
}

/** Moves the position after a write. Some files keep it. */
const moveBehind = (file: File, pos: number, n: number): void => {
  if (!fileState(file).f_op.write_keeps_pos) advance(file, pos, n)
}

const posOf = (file: File): number => ((file.f_mode & FMODE_STREAM) !== 0 ? 0 : file.f_pos)

const read = (machine: Machine, fd: number, buf: GuestBytes | null): number => {
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  if (buf === null) return -EFAULT
  const pos = posOf(file)
  const n = machine.vfs.vfs_read(file, buf, 0, buf.length, pos)
  advance(file, pos, n)
  return n
}

const write = (machine: Machine, fd: number, buf: GuestBytes | null): number => {
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  if (buf === null) return -EFAULT
  const pos = machine.vfs.writePos(file, posOf(file))
  const n = machine.vfs.vfs_write(file, buf, 0, buf.length, pos)
  moveBehind(file, pos, n)
  return n
}

const pread64 = (machine: Machine, fd: number, buf: GuestBytes | null, pos: number): number => {
  if (pos < 0) return -EINVAL
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  if ((file.f_mode & FMODE_PREAD) === 0) return -ESPIPE
  return buf === null ? -EFAULT : machine.vfs.vfs_read(file, buf, 0, buf.length, pos)
}

const pwrite64 = (machine: Machine, fd: number, buf: GuestBytes | null, pos: number): number => {
  if (pos < 0) return -EINVAL
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  if ((file.f_mode & FMODE_PWRITE) === 0) return -ESPIPE
  return buf === null ? -EFAULT : machine.vfs.vfs_write(file, buf, 0, buf.length, machine.vfs.writePos(file, pos))
}

/** Transfers the buffers one after another, until a transfer is short. Only an error of the first one counts. */
const transfer = (
  operation: (file: File, buf: GuestBytes, off: number, len: number, pos: number) => number,
  file: File,
  vec: Vector,
  pos: number,
  keepsPos = false,
): number => {
  let done = 0
  for (const piece of vec) {
    if (piece.length === 0) continue
    const n = operation(file, piece, 0, piece.length, keepsPos ? pos : pos + done)
    if (n < 0) return done === 0 ? n : done
    done += n
    if (n < piece.length) break
  }
  return done
}

/** As `kiocb_set_rw_flags`: checks the flags of preadv2 and pwritev2 just before the transfer. */
const rwfAllowed = (file: File, flags: number): number => {
  if ((flags & ~KNOWN_RWF) !== 0) return -EOPNOTSUPP
  if ((flags & RWF_APPEND) !== 0 && (flags & RWF_NOAPPEND) !== 0) return -EINVAL
  // files on a disk could promise not to wait; files in memory never do
  if ((flags & RWF_NOWAIT) !== 0 && isRegular(file)) return -EOPNOTSUPP
  const keepsEnd = (file.f_flags & O_APPEND) !== 0 && (file.f_inode.i_flags & S_APPEND) !== 0
  return (flags & RWF_NOAPPEND) !== 0 && keepsEnd ? -EPERM : 0
}

/** With RWF_NOWAIT a transfer that would sleep fails with -EAGAIN. */
const orAgain = (n: number, flags: number): number => (n === -ERESTARTSYS && (flags & RWF_NOWAIT) !== 0 ? -EAGAIN : n)

const readPieces = (machine: Machine, file: File, vec: Vector, pos: number, total: number, flags: number): number => {
  const rc = machine.vfs.rw_verify_area(file, MAY_READ, pos, total) || rwfAllowed(file, flags)
  const { read: operation } = fileState(file).f_op
  return rc !== 0 ? rc : operation === null ? -EINVAL : orAgain(transfer(operation, file, vec, pos), flags)
}

const readVector = (machine: Machine, file: File, vec: Vector | null, pos: number, flags: number): number => {
  if ((file.f_mode & FMODE_READ) === 0) return -EBADF
  if ((file.f_mode & FMODE_CAN_READ) === 0) return -EINVAL
  if (vec === null) return -EFAULT
  const total = totalLength(vec)
  if (total < 0) return total
  const n = total === 0 ? 0 : readPieces(machine, file, vec, pos, total, flags)
  // as in Linux, only vectored reads notify even when nothing was read
  if (n >= 0) machine.fsnotify.access(file)
  return n
}

const writeVector = (machine: Machine, file: File, vec: Vector | null, pos: number, flags: number): number => {
  if ((file.f_mode & FMODE_WRITE) === 0) return -EBADF
  if ((file.f_mode & FMODE_CAN_WRITE) === 0) return -EINVAL
  if (vec === null) return -EFAULT
  const total = totalLength(vec)
  if (total <= 0) return total
  const rc = machine.vfs.rw_verify_area(file, MAY_WRITE, pos, total) || rwfAllowed(file, flags)
  if (rc !== 0) return rc
  const { write: operation, write_keeps_pos } = fileState(file).f_op
  const isStream = (file.f_mode & FMODE_STREAM) !== 0
  // the buffers may be the same memory again and again
  if (isStream && vec.length > 1 && !machine.account.hasRoom(total)) return -ENOMEM
  const pieces = isStream ? joined(vec, total) : vec
  const n = operation === null ? -EINVAL : orAgain(transfer(operation, file, pieces, pos, write_keeps_pos), flags)
  if (n > 0) machine.fsnotify.file(IN_MODIFY, file)
  return n
}

/** Where pwritev2 writes: its flags override the flags of the file. */
const placeOf = (machine: Machine, file: File, pos: number, flags: number): number => {
  if ((flags & RWF_NOAPPEND) !== 0) return pos
  return (flags & RWF_APPEND) !== 0 && isRegular(file) ? file.f_inode.i_size : machine.vfs.writePos(file, pos)
}

const do_readv = (machine: Machine, fd: number, vec: Vector | null, flags: number): number => {
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  const pos = posOf(file)
  const n = readVector(machine, file, vec, pos, flags)
  advance(file, pos, n)
  return n
}

const do_writev = (machine: Machine, fd: number, vec: Vector | null, flags: number): number => {
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  const pos = placeOf(machine, file, posOf(file), flags)
  const n = writeVector(machine, file, vec, pos, flags)
  moveBehind(file, pos, n)
  return n
}

const do_preadv = (machine: Machine, fd: number, vec: Vector | null, pos: number, flags: number): number => {
  if (pos < 0) return -EINVAL
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  return (file.f_mode & FMODE_PREAD) === 0 ? -ESPIPE : readVector(machine, file, vec, pos, flags)
}

const do_pwritev = (machine: Machine, fd: number, vec: Vector | null, pos: number, flags: number): number => {
  if (pos < 0) return -EINVAL
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  if ((file.f_mode & FMODE_PWRITE) === 0) return -ESPIPE
  return writeVector(machine, file, vec, placeOf(machine, file, pos, flags), flags)
}

const readv = (machine: Machine, fd: number, vec: Vector | null): number => do_readv(machine, fd, vec, 0)

const writev = (machine: Machine, fd: number, vec: Vector | null): number => do_writev(machine, fd, vec, 0)

const preadv = (
  machine: Machine, fd: number, vec: Vector | null, pos: number,
): number => do_preadv(machine, fd, vec, pos, 0)

const pwritev = (
  machine: Machine, fd: number, vec: Vector | null, pos: number,
): number => do_pwritev(machine, fd, vec, pos, 0)

const preadv2 = (machine: Machine, fd: number, vec: Vector | null, pos: number, flags: number): number =>
  pos === -1 ? do_readv(machine, fd, vec, flags) : do_preadv(machine, fd, vec, pos, flags)

const pwritev2 = (machine: Machine, fd: number, vec: Vector | null, pos: number, flags: number): number =>
  pos === -1 ? do_writev(machine, fd, vec, flags) : do_pwritev(machine, fd, vec, pos, flags)

export const readWriteSyscalls = { read, write, pread64, pwrite64, readv, writev, preadv, pwritev, preadv2, pwritev2 }

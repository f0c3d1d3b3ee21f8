/** read, write and their vectored and positioned forms (fs/read_write.c). */
import {
  EBADF, EFAULT, EINVAL, EOPNOTSUPP, ESPIPE, FMODE_CAN_READ, FMODE_CAN_WRITE, FMODE_PREAD, FMODE_PWRITE, FMODE_READ,
  FMODE_STREAM, FMODE_WRITE, MAY_READ, MAY_WRITE, RWF_APPEND, RWF_DSYNC, RWF_HIPRI, RWF_NOAPPEND, RWF_NOWAIT, RWF_SYNC,
} from '@lsmkit/abi'
import type { File, KeyMap } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { fget } from '../vfs/fdtable.ts'
import { fileState } from '../vfs/state.ts'

/** Pieces of a vectored call (UIO_MAXIOV). */
const UIO_MAXIOV = 1024
const KNOWN_RWF = RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT | RWF_APPEND | RWF_NOAPPEND

export type Vector = readonly Uint8Array[]

/** Bytes of all pieces, or -EINVAL for too many. */
const totalLength = (vec: Vector): number =>
  vec.length > UIO_MAXIOV ? -EINVAL : vec.reduce((sum, piece) => sum + piece.length, 0)

/** What goes to a stream goes in one piece, as one write. */
const gather = (vec: Vector, total: number): Vector => {
  if (vec.length <= 1) return vec
  const all = new Uint8Array(total)
  let at = 0
  for (const piece of vec) {
    all.set(piece, at)
    at += piece.length
  }
  return [all]
}

export const readWriteSyscalls = (_lsm: KeyMap, machine: Machine) => {
  const { current } = machine
  const { vfs_read, vfs_write, writePos, rw_verify_area } = machine.vfs

  /** After a write of `n` bytes at `pos`. */
  const moveBehind = (file: File, pos: number, n: number): void => {
    if (n > 0 && !fileState(file).f_op.write_keeps_pos) file.f_pos = pos + n
  }

  const posOf = (file: File): number => ((file.f_mode & FMODE_STREAM) !== 0 ? 0 : file.f_pos)

  const read = (fd: number, buf: Uint8Array | null): number => {
    const file = fget(current.task, fd)
    if (file === null) return -EBADF
    if (buf === null) return -EFAULT
    const pos = posOf(file)
    const n = vfs_read(file, buf, 0, buf.length, pos)
    if (n > 0) file.f_pos = pos + n
    return n
  }

  const write = (fd: number, buf: Uint8Array | null): number => {
    const file = fget(current.task, fd)
    if (file === null) return -EBADF
    if (buf === null) return -EFAULT
    const pos = writePos(file, posOf(file))
    const n = vfs_write(file, buf, 0, buf.length, pos)
    moveBehind(file, pos, n)
    return n
  }

  const pread64 = (fd: number, buf: Uint8Array | null, pos: number): number => {
    if (pos < 0) return -EINVAL
    const file = fget(current.task, fd)
    if (file === null) return -EBADF
    if ((file.f_mode & FMODE_PREAD) === 0) return -ESPIPE
    return buf === null ? -EFAULT : vfs_read(file, buf, 0, buf.length, pos)
  }

  const pwrite64 = (fd: number, buf: Uint8Array | null, pos: number): number => {
    if (pos < 0) return -EINVAL
    const file = fget(current.task, fd)
    if (file === null) return -EBADF
    if ((file.f_mode & FMODE_PWRITE) === 0) return -ESPIPE
    return buf === null ? -EFAULT : vfs_write(file, buf, 0, buf.length, writePos(file, pos))
  }

  /** The pieces one after another until one comes up short; an error counts only for the first. */
  const transfer = (
    operation: (file: File, buf: Uint8Array, off: number, len: number, pos: number) => number,
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

  const readVector = (file: File, vec: Vector, pos: number): number => {
    if ((file.f_mode & FMODE_READ) === 0) return -EBADF
    if ((file.f_mode & FMODE_CAN_READ) === 0) return -EINVAL
    const total = totalLength(vec)
    if (total <= 0) return total
    const rc = rw_verify_area(file, MAY_READ, pos, total)
    const { read: operation } = fileState(file).f_op
    return rc !== 0 ? rc : operation === null ? -EINVAL : transfer(operation, file, vec, pos)
  }

  const writeVector = (file: File, vec: Vector, pos: number): number => {
    if ((file.f_mode & FMODE_WRITE) === 0) return -EBADF
    if ((file.f_mode & FMODE_CAN_WRITE) === 0) return -EINVAL
    const total = totalLength(vec)
    if (total <= 0) return total
    const rc = rw_verify_area(file, MAY_WRITE, pos, total)
    if (rc !== 0) return rc
    const { write: operation, write_keeps_pos } = fileState(file).f_op
    const pieces = (file.f_mode & FMODE_STREAM) !== 0 ? gather(vec, total) : vec
    return operation === null ? -EINVAL : transfer(operation, file, pieces, pos, write_keeps_pos)
  }

  const readv = (fd: number, vec: Vector | null): number => {
    const file = fget(current.task, fd)
    if (file === null) return -EBADF
    if (vec === null) return -EFAULT
    const pos = posOf(file)
    const n = readVector(file, vec, pos)
    if (n > 0) file.f_pos = pos + n
    return n
  }

  const writev = (fd: number, vec: Vector | null): number => {
    const file = fget(current.task, fd)
    if (file === null) return -EBADF
    if (vec === null) return -EFAULT
    const pos = writePos(file, posOf(file))
    const n = writeVector(file, vec, pos)
    moveBehind(file, pos, n)
    return n
  }

  const preadv = (fd: number, vec: Vector | null, pos: number): number => {
    if (pos < 0) return -EINVAL
    const file = fget(current.task, fd)
    if (file === null) return -EBADF
    if ((file.f_mode & FMODE_PREAD) === 0) return -ESPIPE
    return vec === null ? -EFAULT : readVector(file, vec, pos)
  }

  const pwritev = (fd: number, vec: Vector | null, pos: number): number => {
    if (pos < 0) return -EINVAL
    const file = fget(current.task, fd)
    if (file === null) return -EBADF
    if ((file.f_mode & FMODE_PWRITE) === 0) return -ESPIPE
    return vec === null ? -EFAULT : writeVector(file, vec, writePos(file, pos))
  }

  const preadv2 = (fd: number, vec: Vector | null, pos: number, flags: number): number => {
    if ((flags & ~KNOWN_RWF) !== 0) return -EOPNOTSUPP
    return pos === -1 ? readv(fd, vec) : preadv(fd, vec, pos)
  }

  const pwritev2 = (fd: number, vec: Vector | null, pos: number, flags: number): number => {
    if ((flags & ~KNOWN_RWF) !== 0) return -EOPNOTSUPP
    return pos === -1 ? writev(fd, vec) : pwritev(fd, vec, pos)
  }

  return { read, write, pread64, pwrite64, readv, writev, preadv, pwritev, preadv2, pwritev2 }
}

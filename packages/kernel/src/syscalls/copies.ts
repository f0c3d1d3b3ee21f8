/** Copies between open files inside the kernel: sendfile, copy_file_range, splice, tee, vmsplice (fs/splice.c). */
import {
  EAGAIN, EBADF, EFAULT, EINVAL, ENOMEM, EOVERFLOW, ESPIPE, FMODE_LSEEK, FMODE_PREAD, FMODE_PWRITE, FMODE_READ,
  FMODE_WRITE, IN_ACCESS, IN_MODIFY, MAX_RW_COUNT, MAY_READ, MAY_WRITE, O_APPEND, O_NONBLOCK, SPLICE_F_GIFT,
  SPLICE_F_MORE, SPLICE_F_MOVE, SPLICE_F_NONBLOCK,
} from '@lsmkit/abi'
import type { File, Ref } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { fget } from '../state/vfs/fdtable.ts'
import type { Pipe } from '../state/vfs/pipe-buffer.ts'
import { pipeOf } from '../vfs/pipe.ts'
import { fileState } from '../state/vfs/state.ts'
import type { Vector } from './read-write.ts'

const SPLICE_FLAGS = SPLICE_F_MOVE | SPLICE_F_NONBLOCK | SPLICE_F_MORE | SPLICE_F_GIFT

/** Notifies about bytes that were copied. */
const notifyCopied = (machine: Machine, input: File, output: File): void => {
  machine.fsnotify.access(input)
  machine.fsnotify.file(IN_MODIFY, output)
}

const pipeOfFile = (file: File): Pipe | null => pipeOf(file.f_inode)

/** File into pipe, as much as there is room for. Waits for room, unless the flags forbid it. */
const fileToPipe = (
  machine: Machine, input: File, from: number, pipe: Pipe, len: number, nonblock: boolean,
): number => {
  if (pipe.readers === 0) return machine.vfs.brokenPipe()
  if (pipe.isFull) return nonblock ? -EAGAIN : machine.sleep(pipe.wr_wait)
  const { read, splice: can } = fileState(input).f_op
  if (read === null || !can) return -EINVAL
  if (pipe.room === 0) return -ENOMEM
  const buf = new Uint8Array(Math.min(len, pipe.room))
  const n = read(input, buf, 0, buf.length, from)
  if (n > 0) {
    pipe.put(buf, 0, n, false)
    pipe.filled()
  }
  return n
}

const pipeToFile = (machine: Machine, pipe: Pipe, output: File, to: number, len: number, nonblock: boolean): number => {
  const { write, splice: can } = fileState(output).f_op
  if (write === null || !can) return -EINVAL
  if (pipe.isEmpty) return pipe.writers === 0 ? 0 : nonblock ? -EAGAIN : machine.sleep(pipe.rd_wait)
  const buf = new Uint8Array(Math.min(len, pipe.bytes))
  const n = pipe.peek(buf, 0, buf.length)
  const written = write(output, buf, 0, n, to)
  if (written > 0) {
    pipe.take(buf, 0, written)
    pipe.drained()
  }
  return written
}

/** Pipe into pipe; `keep` leaves the bytes where they are (tee). */
const pipeToPipe = (machine: Machine, from: Pipe, to: Pipe, len: number, nonblock: boolean, keep: boolean): number => {
  if (to.readers === 0) return machine.vfs.brokenPipe()
  if (from.isEmpty) return from.writers === 0 ? 0 : nonblock ? -EAGAIN : machine.sleep(from.rd_wait)
  if (to.isFull) return nonblock ? -EAGAIN : machine.sleep(to.wr_wait)
  if (to.room === 0) return -ENOMEM
  const buf = new Uint8Array(Math.min(len, from.bytes, to.room))
  const n = keep ? from.peek(buf, 0, buf.length) : from.take(buf, 0, buf.length)
  to.put(buf, 0, n, false)
  to.filled()
  if (!keep) from.drained()
  return n
}

const sendfile = (
  machine: Machine, out_fd: number, in_fd: number, offset: Ref<number> | null, count: number,
): number => {
  const input = fget(machine.current.task, in_fd)
  if (input === null || (input.f_mode & FMODE_READ) === 0) return -EBADF
  if (offset !== null && (input.f_mode & FMODE_PREAD) === 0) return -ESPIPE
  const from = offset === null ? input.f_pos : offset.value
  let rc = machine.vfs.rw_verify_area(input, MAY_READ, from, count)
  if (rc !== 0) return rc
  const output = fget(machine.current.task, out_fd)
  if (output === null || (output.f_mode & FMODE_WRITE) === 0) return -EBADF
  const len = Math.min(count, MAX_RW_COUNT)
  if (from >= Math.min(input.f_inode.i_sb.s_maxbytes, output.f_inode.i_sb.s_maxbytes)) return -EOVERFLOW
  const pipe = pipeOfFile(output)
  if (pipe !== null) rc = fileToPipe(machine, input, from, pipe, len, (output.f_flags & O_NONBLOCK) !== 0)
  else {
    rc = machine.vfs.rw_verify_area(output, MAY_WRITE, output.f_pos, len)
    if (rc !== 0) return rc
    if ((output.f_flags & O_APPEND) !== 0 || (input.f_mode & FMODE_LSEEK) === 0) return -EINVAL
    rc = machine.vfs.splice_direct(input, from, output, output.f_pos, len)
    if (rc > 0) output.f_pos += rc
  }
  if (rc <= 0) return rc
  if (offset !== null) offset.value = from + rc
  else input.f_pos = from + rc
  notifyCopied(machine, input, output)
  return rc
}

const copy_file_range = (
  machine: Machine, fd_in: number, off_in: Ref<number> | null, fd_out: number, off_out: Ref<number> | null, len: number,
  flags: number,
): number => {
  const input = fget(machine.current.task, fd_in)
  const output = fget(machine.current.task, fd_out)
  if (input === null || output === null) return -EBADF
  if (flags !== 0) return -EINVAL
  const from = off_in === null ? input.f_pos : off_in.value
  const to = off_out === null ? output.f_pos : off_out.value
  const rc = machine.vfs.vfs_copy_file_range(input, from, output, to, len)
  if (rc <= 0) return rc
  if (off_in === null) input.f_pos = from + rc
  else off_in.value = from + rc
  if (off_out === null) output.f_pos = to + rc
  else off_out.value = to + rc
  return rc
}

const spliceFromPipe = (
  machine: Machine, pipe: Pipe, output: File, off: Ref<number> | null, len: number, nonblock: boolean,
): number => {
  if (off !== null && (output.f_mode & FMODE_PWRITE) === 0) return -EINVAL
  if ((output.f_flags & O_APPEND) !== 0) return -EINVAL
  const to = off === null ? output.f_pos : off.value
  const rc = machine.vfs.rw_verify_area(output, MAY_WRITE, to, len)
  if (rc !== 0) return rc
  const n = pipeToFile(machine, pipe, output, to, len, nonblock)
  if (n > 0) {
    if (off === null) output.f_pos = to + n
    else off.value = to + n
  }
  return n
}

const spliceToPipe = (
  machine: Machine, input: File, off: Ref<number> | null, pipe: Pipe, len: number, nonblock: boolean,
): number => {
  if (off !== null && (input.f_mode & FMODE_PREAD) === 0) return -EINVAL
  const from = off === null ? input.f_pos : off.value
  const rc = machine.vfs.rw_verify_area(input, MAY_READ, from, len)
  if (rc !== 0) return rc
  const n = fileToPipe(machine, input, from, pipe, len, nonblock)
  if (n > 0) {
    if (off === null) input.f_pos = from + n
    else off.value = from + n
  }
  return n
}

const splice = (
  machine: Machine, fd_in: number, off_in: Ref<number> | null, fd_out: number, off_out: Ref<number> | null, len: number,
  flags: number,
): number => {
  if (len === 0) return 0
  if ((flags & ~SPLICE_FLAGS) !== 0) return -EINVAL
  const input = fget(machine.current.task, fd_in)
  const output = fget(machine.current.task, fd_out)
  if (input === null || output === null) return -EBADF
  const [ipipe, opipe] = [pipeOfFile(input), pipeOfFile(output)]
  if ((ipipe !== null && off_in !== null) || (opipe !== null && off_out !== null)) return -ESPIPE
  if ((input.f_mode & FMODE_READ) === 0 || (output.f_mode & FMODE_WRITE) === 0) return -EBADF
  const asked = (flags & SPLICE_F_NONBLOCK) !== 0
  const waitsFor = (file: File): boolean => !asked && (file.f_flags & O_NONBLOCK) === 0
  let done = -EINVAL
  if (ipipe !== null && opipe !== null) {
    if (ipipe !== opipe) done = pipeToPipe(machine, ipipe, opipe, len, !waitsFor(input) || !waitsFor(output), false)
  } else if (ipipe !== null) done = spliceFromPipe(machine, ipipe, output, off_out, len, !waitsFor(input))
  else if (opipe !== null) done = spliceToPipe(machine, input, off_in, opipe, len, !waitsFor(output))
  // the other way round than everywhere else, as the kernel does
  if (done > 0) {
    machine.fsnotify.file(IN_MODIFY, output)
    machine.fsnotify.access(input)
  }
  return done
}

const tee = (machine: Machine, fdin: number, fdout: number, len: number, flags: number): number => {
  if ((flags & ~SPLICE_FLAGS) !== 0) return -EINVAL
  if (len === 0) return 0
  const input = fget(machine.current.task, fdin)
  const output = fget(machine.current.task, fdout)
  if (input === null || output === null) return -EBADF
  if ((input.f_mode & FMODE_READ) === 0 || (output.f_mode & FMODE_WRITE) === 0) return -EBADF
  const [from, to] = [pipeOfFile(input), pipeOfFile(output)]
  if (from === null || to === null || from === to) return -EINVAL
  const nonblock = (flags & SPLICE_F_NONBLOCK) !== 0 || ((input.f_flags | output.f_flags) & O_NONBLOCK) !== 0
  const done = pipeToPipe(machine, from, to, len, nonblock, true)
  if (done > 0) notifyCopied(machine, input, output)
  return done
}

const vmsplice = (machine: Machine, fd: number, vec: Vector | null, flags: number): number => {
  if ((flags & ~SPLICE_FLAGS) !== 0) return -EINVAL
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  const pipe = pipeOfFile(file)
  if (pipe === null) return -EBADF
  if (vec === null) return -EFAULT
  const nonblock = (flags & SPLICE_F_NONBLOCK) !== 0
  let done = 0
  for (const piece of vec) {
    const writes = (file.f_mode & FMODE_WRITE) !== 0
    if (writes && pipe.readers === 0) return done > 0 ? done : machine.vfs.brokenPipe()
    const n = writes ? pipe.put(piece, 0, piece.length, false) : pipe.take(piece, 0, piece.length)
    done += n
    if (n < piece.length) break
  }
  if (done > 0) {
    if ((file.f_mode & FMODE_WRITE) !== 0) pipe.filled()
    else pipe.drained()
    machine.fsnotify.file((file.f_mode & FMODE_WRITE) !== 0 ? IN_MODIFY : IN_ACCESS, file)
  } else if (vec.some((piece) => piece.length > 0)) {
    if (!pipe.isFull && (file.f_mode & FMODE_WRITE) !== 0) return -ENOMEM
    return nonblock ? -EAGAIN : machine.sleep(pipe.queueOf(file.f_mode))
  }
  return done
}

export const copySyscalls = { sendfile, copy_file_range, splice, tee, vmsplice }

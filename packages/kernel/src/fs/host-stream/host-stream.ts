/**
 * Pipes whose other end is the host, for the standard input and output of a program.
 *
 * To LSMs they are pipes of the task they are given to (class fifo_file, labelled after it); as a terminal they are
 * character devices, so that isatty is true.
 */
import {
  EAGAIN, EBADF, EINVAL, ENOIOCTLCMD, ENOMEM, EPOLLIN, EPOLLOUT, EPOLLRDNORM, EPOLLWRNORM, ERESTARTSYS, O_NONBLOCK,
  O_RDONLY, O_RDWR, O_WRONLY, S_IFCHR, S_IFIFO, S_IRUSR, S_IWUSR, TCGETS, TIOCGWINSZ,
} from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { File, Task } from '@lsmkit/core'
import { copyIn, copyOutOf } from '../../state/guest-bytes.ts'
import type { GuestBytes } from '../../state/guest-bytes.ts'
import type { Machine } from '../../machine.ts'
import { fdLimit, fdTable } from '../../state/vfs/fdtable.ts'
import type { FdTable } from '../../state/vfs/fdtable.ts'
import { stream_open } from '../../vfs/pipe.ts'
import { fileOperations, inodeOperations } from '../../state/vfs/driver.ts'
import type { FileOperations } from '../../state/vfs/driver.ts'

/** The host's end. Neither function may throw. */
export interface HostStream {
  /**
   * Fills the buffer, which is valid during the call only, from its start: how many bytes, 0 at the end, or -errno.
   * -EAGAIN means that there is nothing yet; a reader that may wait gets -ERESTARTSYS, and tries again.
   */
  readonly read?: (buf: Uint8Array) => number
  /** Whether `read` has something, or the end, at once. Default: always. */
  readonly isReady?: () => boolean
  /** Takes bytes, which are its own from then on: how many, or -errno; -EAGAIN as of `read`. */
  readonly write?: (buf: Uint8Array) => number
  readonly tty?: boolean
}

/** The part of the caller's buffer that a transfer is about. */
type Transfer = (file: File, buf: GuestBytes, off: number, len: number) => number

/** Most bytes that one call of `read` is asked for. */
const READ_MAX = 65536

/** The host fills memory that no guest can change meanwhile. */
const reading = (end: (buf: Uint8Array) => number): Transfer => (_file, buf, off, len) => {
  const room = new Uint8Array(Math.min(len, READ_MAX))
  const count = end(room)
  if (count > 0) copyOutOf(room, 0, count, buf, off)
  return count
}
const writing = (end: (buf: Uint8Array) => number): Transfer => (_file, buf, off, len) => end(copyIn(buf, off, len))

/** Turns -EAGAIN of the host's end into -ERESTARTSYS for a file that may wait. */
const waiting = (once: Transfer): Transfer => (file, buf, off, len) => {
  const rc = len === 0 ? 0 : once(file, buf, off, len)
  return rc === -EAGAIN && (file.f_flags & O_NONBLOCK) === 0 ? -ERESTARTSYS : rc
}

const operations = ({ read, write, tty = false, isReady = () => true }: HostStream): FileOperations =>
  fileOperations({
    ...(read === undefined ? {} : { read: waiting(reading(read)) }),
    ...(write === undefined ? {} : { write: waiting(writing(write)) }),
    poll: () =>
      (read !== undefined && isReady() ? EPOLLIN | EPOLLRDNORM : 0) |
      (write !== undefined ? EPOLLOUT | EPOLLWRNORM : 0),
    splice: true,
    ioctl: (_file, cmd) => (tty && (cmd === TCGETS || cmd === TIOCGWINSZ) ? 0 : -ENOIOCTLCMD),
  })

const accessMode = ({ read, write }: HostStream): number => {
  if (read === undefined) return O_WRONLY
  return write === undefined ? O_RDONLY : O_RDWR
}

/** An open file for the current task; -errno where an LSM refuses it. */
const openHostStream = (machine: Machine, stream: HostStream): File | number => {
  if (stream.read === undefined && stream.write === undefined) return -EINVAL
  const { vfs, pipe_mnt } = machine
  const fops = operations(stream)
  const mode = (stream.tty === true ? S_IFCHR : S_IFIFO) | S_IRUSR | S_IWUSR
  const inode = vfs.new_inode(pipe_mnt.mnt_sb, mode, inodeOperations({}), fops, null)
  if (inode === null) return -ENOMEM
  vfs.inode_init_owner(nop_mnt_idmap, inode, null, mode)
  const file = vfs.alloc_file_pseudo(inode, pipe_mnt, '', accessMode(stream), fops)
  if (typeof file !== 'number') stream_open(file)
  return file
}

/** Gives `task` the stream as descriptor `fd`, in place of an open file: `fd`, or -errno. */
export const installHostStream = (machine: Machine, task: Task, fd: number, stream: HostStream): number => {
  if (fd < 0 || fd >= fdLimit(task)) return -EBADF
  return machine.as(task, () => {
    const file = openHostStream(machine, stream)
    return typeof file === 'number' ? file : place(machine, fdTable(task), fd, file)
  })
}

const place = ({ vfs }: Machine, table: FdTable, fd: number, file: File): number => {
  if (!table.reserve(fd)) {
    vfs.fput(file)
    return -ENOMEM
  }
  const old = table.replace(fd, file, false)
  if (old !== null) vfs.filp_close(old, table)
  return fd
}

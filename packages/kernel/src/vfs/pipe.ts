/** Pipes and FIFOs (fs/pipe.c). */
import {
  CAP_SYS_RESOURCE, EINVAL, EBUSY, ENFILE, ENOIOCTLCMD, ENOMEM, ENXIO, EPERM, EPIPE, EPOLLERR, EPOLLHUP, EPOLLIN,
  EPOLLOUT, EPOLLRDNORM, EPOLLWRNORM, FIONREAD, FMODE_ATOMIC_POS, FMODE_LSEEK, FMODE_PREAD, FMODE_PWRITE, FMODE_READ,
  FMODE_STREAM, FMODE_WRITE, O_DIRECT, O_NONBLOCK, O_RDONLY, O_WRONLY, PAGE_SIZE, PIPEFS_MAGIC, S_IFIFO, S_IRUSR,
  S_IWUSR, SIGPIPE, S_IFDIR,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { Dentry, File, Inode, Ref, SuperBlock, Task, VfsMount } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { bound } from '../state/bound.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import { fileOperations, inodeOperations, superOperations } from '../state/vfs/driver.ts'
import type { FileSystem } from '../state/vfs/driver.ts'
import { Pipe } from '../state/vfs/pipe-buffer.ts'
import { PipeTable } from '../state/vfs/pipe-table.ts'
import type { Opening } from '../state/vfs/pipe-table.ts'
import { Place } from '../state/vfs/place.ts'
import { fileState, inodeState, superState } from '../state/vfs/state.ts'
import { d_alloc_pseudo } from './dcache.ts'
import { alloc_file, fput } from './file.ts'
import { get_tree_nodev } from './fs-context.ts'
import { touchModified, new_inode, ihold, iput } from './inode.ts'
import { send_sigio } from './owner.ts'

/** As `stream_open`: the file has no position. */
export const stream_open = (file: File): void => {
  file.f_mode &= ~(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE | FMODE_ATOMIC_POS)
  file.f_mode |= FMODE_STREAM
}

export const pipeOf = (inode: Inode): Pipe | null => (inodeState(inode).rare?.pipe ?? null) as Pipe | null
const pipeOfFile = (file: File): Pipe => pipeOf(file.f_inode) as Pipe

/** As `round_pipe_size`: the next power of two of pages in bytes, or 0 if it is too large. */
const roundPipeSize = (size: number): number => {
  if (size > 2 ** 31) return 0
  let rounded = PAGE_SIZE
  while (rounded < size) rounded *= 2
  return rounded
}

const inodeOps = inodeOperations({})

/** As `kill_fasync`: SIGIO to the owners of the ends of one side. */
const kill_fasync = (machine: Machine, pipe: Pipe, side: number): void => {
  for (const file of pipe.fasync) if ((file.f_mode & side) !== 0) send_sigio(machine, file)
}

const fasync = (file: File, on: boolean): void => {
  if (on) pipeOfFile(file).fasync.add(file)
  else pipeOfFile(file).fasync.delete(file)
}

/** A write without a reader: sends SIGPIPE and returns -EPIPE. */
export const brokenPipe = (machine: Machine): number => {
  machine.sendSignal(machine.current.task, SIGPIPE)
  return -EPIPE
}

const read = (machine: Machine, file: File, buf: GuestBytes, off: number, len: number): number => {
  if (len === 0) return 0
  const pipe = pipeOfFile(file)
  const wasFull = pipe.isFull
  const taken = pipe.take(buf, off, len)
  if (taken > 0) {
    if (wasFull) pipe.drained()
    kill_fasync(machine, pipe, FMODE_WRITE)
    return taken
  }
  if (pipe.writers === 0) return 0
  return machine.sleepUnlessNonblock(file, pipe.rd_wait)
}

const write = (machine: Machine, file: File, buf: GuestBytes, off: number, len: number): number => {
  if (len === 0) return 0
  const pipe = pipeOfFile(file)
  if (pipe.readers === 0) return brokenPipe(machine)
  const put = pipe.put(buf, off, len, (file.f_flags & O_DIRECT) !== 0)
  // a write that finds no room wakes readers as well
  pipe.filled()
  if (put > 0) {
    touchModified(machine, file.f_inode)
    kill_fasync(machine, pipe, FMODE_READ)
    return put
  }
  if (!pipe.isFull) return -ENOMEM
  return machine.sleepUnlessNonblock(file, pipe.wr_wait)
}

const poll = (file: File): number => {
  const pipe = pipeOfFile(file)
  let mask = 0
  if ((file.f_mode & FMODE_READ) !== 0) {
    if (!pipe.isEmpty) mask |= EPOLLIN | EPOLLRDNORM
    if (pipe.writers === 0 && fileState(file).data !== pipe.w_counter) mask |= EPOLLHUP
  }
  if ((file.f_mode & FMODE_WRITE) !== 0) {
    if (!pipe.isFull) mask |= EPOLLOUT | EPOLLWRNORM
    if (pipe.readers === 0) mask |= EPOLLERR
  }
  return mask
}

const ioctl = (file: File, cmd: number, arg: unknown): number => {
  if (cmd !== FIONREAD) return -ENOIOCTLCMD
  ;(arg as Ref<number>).value = pipeOfFile(file).bytes
  return 0
}

const putPipe = (inode: Inode, pipe: Pipe): void => {
  if (--pipe.files !== 0) return
  pipe.clear()
  inodeState(inode).makeRare().pipe = null
}

const release = (machine: Machine, inode: Inode, file: File): void => {
  const pipe = pipeOf(inode) as Pipe
  if ((file.f_mode & FMODE_READ) !== 0) pipe.readers--
  if ((file.f_mode & FMODE_WRITE) !== 0) pipe.writers--
  pipe.fasync.delete(file)
  if ((pipe.readers === 0) !== (pipe.writers === 0)) {
    pipe.changed()
    kill_fasync(machine, pipe, FMODE_READ | FMODE_WRITE)
  }
  putPipe(inode, pipe)
}

const count = (pipe: Pipe, mode: number): void => {
  if ((mode & FMODE_READ) !== 0) {
    pipe.readers++
    pipe.r_counter++
  }
  if ((mode & FMODE_WRITE) !== 0) {
    pipe.writers++
    pipe.w_counter++
  }
}

/** Ends the waiting open of `task`: the call will not be restarted. */
const abandonOpen = (machine: Machine, task: Task): void => {
  const open = machine.pipeTable.opening.get(task)
  if (open === undefined) return
  machine.pipeTable.opening.delete(task)
  if (open.mode === FMODE_READ) open.pipe.readers--
  else open.pipe.writers--
  open.pipe.changed()
  putPipe(open.inode, open.pipe)
}

/** As `wait_for_partner`, after a restart: 0 if the other side has been opened since, even if it is closed again. */
const goOnOpening = (machine: Machine, { pipe, mode, seen }: Opening): number => {
  if ((mode === FMODE_READ ? pipe.w_counter : pipe.r_counter) === seen) return machine.sleep(pipe.rd_wait)
  machine.pipeTable.opening.delete(machine.current.task)
  pipe.files--
  return 0
}

/** Opens one side or both: 0 or -errno. One side waits for the other unless O_NONBLOCK is set. */
const join = (machine: Machine, inode: Inode, pipe: Pipe, file: File): number => {
  const mode = file.f_mode & (FMODE_READ | FMODE_WRITE)
  const before = machine.pipeTable.opening.get(machine.current.task)
  if (before?.pipe === pipe && before.mode === mode) return goOnOpening(machine, before)
  abandonOpen(machine, machine.current.task)
  const alone = inode.i_sb.s_magic !== PIPEFS_MAGIC
  const nonblock = (file.f_flags & O_NONBLOCK) !== 0
  if (mode === 0) return -EINVAL
  if (mode === FMODE_WRITE && alone && nonblock && pipe.readers === 0) return -ENXIO
  count(pipe, mode)
  if (alone && mode === FMODE_READ && pipe.writers === 0) {
    if (!nonblock) return beginOpening(machine, { inode, pipe, mode, seen: pipe.w_counter })
    // poll reports no hang-up before the first writer
    fileState(file).data = pipe.w_counter
  }
  if (alone && mode === FMODE_WRITE && pipe.readers === 0)
    return beginOpening(machine, { inode, pipe, mode, seen: pipe.r_counter })
  return 0
}

const beginOpening = (machine: Machine, open: Opening): number => {
  open.pipe.files++
  open.pipe.changed()
  machine.pipeTable.opening.set(machine.current.task, open)
  return machine.sleep(open.pipe.rd_wait)
}

const open = (machine: Machine, inode: Inode, file: File): number => {
  const state = inodeState(inode)
  const pipe = ((state.makeRare().pipe as Pipe | null) ??= new Pipe(state))
  pipe.files++
  stream_open(file)
  const rc = join(machine, inode, pipe, file)
  if (rc !== 0) putPipe(inode, pipe)
  else pipe.changed()
  return rc
}

export const setUpPipes = (machine: Machine): void => {
  machine.pipeTable = new PipeTable(fileOperations({
    ...bound(machine, { open, read, write, release }),
    poll, poll_queue: (file) => pipeOfFile(file).queueOf(file.f_mode), fasync, ioctl, splice: true,
  }))
  const ended = (task: Task): void => abandonOpen(machine, task)
  machine.onExit.push(ended)
  machine.onCallEnded.push(ended)
}

/** Configures the super block of pipefs and makes its root directory. */
const fillPipefs = (machine: Machine, sb: SuperBlock): Inode | number => {
  sb.s_magic = PIPEFS_MAGIC
  superState(sb).d_dname = (dentry) => `pipe:[${dentry.d_inode?.i_ino ?? 0}]`
  return new_inode(machine, sb, S_IFDIR | S_IRUSR | S_IWUSR, inodeOps, fileOperations({}), null) ?? -ENFILE
}

/** The file system that pipes live on. No path leads to it. */
export const pipefs = (machine: Machine): FileSystem => ({
  name: 'pipefs',
  fs_flags: 0,
  parse_param: null,
  reconfigure: null,
  get_tree: (fc) => get_tree_nodev(machine, fc, superOperations({}), [], null, (sb) => fillPipefs(machine, sb)),
})

const pipeDentry = (machine: Machine, mnt: VfsMount): Dentry | number => {
  const inode = new_inode(machine, mnt.mnt_sb, S_IFIFO | S_IRUSR | S_IWUSR, inodeOps, machine.pipeTable.fops, null)
  if (inode === null) return -ENFILE
  const { cred } = machine.current.task
  inode.i_uid = cred.fsuid
  inode.i_gid = cred.fsgid
  const pipe = new Pipe(inodeState(inode))
  pipe.readers = pipe.writers = 1
  pipe.files = 2
  inodeState(inode).makeRare().pipe = pipe
  return d_alloc_pseudo(machine, mnt.mnt_sb, '', inode)
}

/** As `create_pipe_files`: the read end and the write end, or -errno. */
export const create_pipe_files = (machine: Machine, flags: number): readonly [File, File] | number => {
  const { pipe_mnt: mnt, pipeTable: { fops } } = machine
  const dentry = pipeDentry(machine, mnt)
  if (typeof dentry === 'number') return dentry
  const inode = dentry.d_inode as Inode
  ihold(inode)
  const path = new Place(mnt, dentry)
  const writer = alloc_file(machine, path, O_WRONLY | (flags & (O_NONBLOCK | O_DIRECT)), fops)
  const reader =
    typeof writer === 'number' ? writer : alloc_file(machine, path, O_RDONLY | (flags & O_NONBLOCK), fops)
  if (typeof reader === 'number') {
    if (typeof writer !== 'number') fput(machine, writer)
    iput(machine, inode)
    return reader
  }
  stream_open(reader)
  stream_open(writer as File)
  iput(machine, inode)
  return [reader, writer as File]
}

/** As `pipe_set_size` (F_SETPIPE_SZ): sets the capacity. The new size in bytes, or -errno. */
export const pipe_set_size = (machine: Machine, pipe: Pipe, arg: number): number => {
  const size = roundPipeSize(arg >>> 0)
  const slots = size / PAGE_SIZE
  if (slots === 0) return -EINVAL
  const isLarge = slots > pipe.max_usage && size > machine.sysctl.pipe_max_size
  if (isLarge && !capable(machine.lsm, machine.current, CAP_SYS_RESOURCE)) return -EPERM
  if (pipe.slots > slots) return -EBUSY
  pipe.max_usage = slots
  pipe.wr_wait.wake()
  return size
}

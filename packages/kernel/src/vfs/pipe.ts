/** Pipes and FIFOs (fs/pipe.c). */
import {
  CAP_SYS_RESOURCE, EAGAIN, EINVAL, EBUSY, ENFILE, ENOIOCTLCMD, ENOMEM, ENXIO, EPERM, EPIPE, EPOLLERR, EPOLLHUP,
  EPOLLIN, EPOLLOUT, EPOLLRDNORM, EPOLLWRNORM, ERESTARTSYS, FIONREAD, FMODE_ATOMIC_POS, FMODE_LSEEK, FMODE_PREAD,
  FMODE_PWRITE, FMODE_READ, FMODE_STREAM, FMODE_WRITE, O_DIRECT, O_NONBLOCK, O_RDONLY, O_WRONLY, PAGE_SIZE,
  PIPEFS_MAGIC, S_IFIFO, S_IRUSR, S_IWUSR, SIGPIPE, S_IFDIR,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { Dentry, File, Inode, KeyMap, Ref, Task, VfsMount } from '@lsmkit/core'
import type { GuestBytes } from '../state/guest-bytes.ts'
import { fileOperations, inodeOperations, superOperations } from '../state/vfs/driver.ts'
import type { FileSystem } from '../state/vfs/driver.ts'
import type { Machine } from '../machine.ts'
import type { DentryCache } from './dcache.ts'
import type { OpenFiles } from './file.ts'
import type { FsContexts } from './fs-context.ts'
import type { Inodes } from './inode.ts'
import { Pipe } from '../state/vfs/pipe-buffer.ts'
import { Place } from '../state/vfs/place.ts'
import { fileState, inodeState, superState } from '../state/vfs/state.ts'

/** Reading and writing at no position (stream_open). */
export const stream_open = (file: File): void => {
  file.f_mode &= ~(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE | FMODE_ATOMIC_POS)
  file.f_mode |= FMODE_STREAM
}

export const pipeOf = (inode: Inode): Pipe | null => (inodeState(inode).rare?.pipe ?? null) as Pipe | null
const pipeOfFile = (file: File): Pipe => pipeOf(file.f_inode) as Pipe

/** The size F_SETPIPE_SZ makes of `size`: a power of two of pages; 0 when it is too large. */
const roundPipeSize = (size: number): number => {
  if (size > 2 ** 31) return 0
  let rounded = PAGE_SIZE
  while (rounded < size) rounded *= 2
  return rounded
}

/** An open of a FIFO that sleeps: which side, and how often the other had been opened when it began. */
interface Opening {
  readonly inode: Inode
  readonly pipe: Pipe
  readonly mode: number
  readonly seen: number
}

export const pipes = (
  lsm: KeyMap,
  machine: Machine,
  { new_inode, iput, ihold, touchModified }: Inodes,
  { d_alloc_pseudo }: DentryCache,
  { alloc_file, fput }: OpenFiles,
  { get_tree_nodev }: FsContexts,
) => {
  const { current } = machine

  const sleep = (pipe: Pipe): number => {
    machine.sleepOn = pipe.wait
    return -ERESTARTSYS
  }

  /** As `kill_fasync`: SIGIO to the owners of the ends of one side. */
  const tell = (pipe: Pipe, side: number): void => {
    for (const file of pipe.fasync) if ((file.f_mode & side) !== 0) machine.vfs.send_sigio(file)
  }
  const fasync = (file: File, on: boolean): void => {
    if (on) pipeOfFile(file).fasync.add(file)
    else pipeOfFile(file).fasync.delete(file)
  }

  /** Nobody will ever read it: SIGPIPE, and -EPIPE for those who ignore that. */
  const brokenPipe = (): number => {
    machine.sendSignal(current.task, SIGPIPE)
    return -EPIPE
  }

  const read = (file: File, buf: GuestBytes, off: number, len: number): number => {
    if (len === 0) return 0
    const pipe = pipeOfFile(file)
    const taken = pipe.take(buf, off, len)
    if (taken > 0) {
      pipe.wait.wake()
      tell(pipe, FMODE_WRITE)
      return taken
    }
    if (pipe.writers === 0) return 0
    return (file.f_flags & O_NONBLOCK) !== 0 ? -EAGAIN : sleep(pipe)
  }

  const write = (file: File, buf: GuestBytes, off: number, len: number): number => {
    if (len === 0) return 0
    const pipe = pipeOfFile(file)
    if (pipe.readers === 0) return brokenPipe()
    const put = pipe.put(buf, off, len, (file.f_flags & O_DIRECT) !== 0)
    if (put > 0) {
      touchModified(file.f_inode)
      pipe.wait.wake()
      tell(pipe, FMODE_READ)
      return put
    }
    if (!pipe.isFull) return -ENOMEM
    return (file.f_flags & O_NONBLOCK) !== 0 ? -EAGAIN : sleep(pipe)
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

  const release = (inode: Inode, file: File): void => {
    const pipe = pipeOf(inode) as Pipe
    if ((file.f_mode & FMODE_READ) !== 0) pipe.readers--
    if ((file.f_mode & FMODE_WRITE) !== 0) pipe.writers--
    pipe.fasync.delete(file)
    pipe.wait.wake()
    if ((pipe.readers === 0) !== (pipe.writers === 0)) tell(pipe, FMODE_READ | FMODE_WRITE)
    putPipe(inode, pipe)
  }

  /** Opens that wait for the other side: they count as open already, so that the other finds them. */
  const opening = new Map<Task, Opening>()

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

  /** The call of `task` will not be made again. */
  const abandonOpen = (task: Task): void => {
    const open = opening.get(task)
    if (open === undefined) return
    opening.delete(task)
    if (open.mode === FMODE_READ) open.pipe.readers--
    else open.pipe.writers--
    open.pipe.wait.wake()
    putPipe(open.inode, open.pipe)
  }
  machine.onExit.push(abandonOpen)
  machine.onCallEnded.push(abandonOpen)

  /** As `wait_for_partner`, made again: whether the other side has been opened since. It may have gone again. */
  const goOnOpening = ({ pipe, mode, seen }: Opening): number => {
    if ((mode === FMODE_READ ? pipe.w_counter : pipe.r_counter) === seen) return sleep(pipe)
    opening.delete(current.task)
    pipe.files--
    return 0
  }

  /** Opens one side or both; a side alone waits for the other unless O_NONBLOCK. */
  const join = (inode: Inode, pipe: Pipe, file: File): number => {
    const mode = file.f_mode & (FMODE_READ | FMODE_WRITE)
    const before = opening.get(current.task)
    if (before?.pipe === pipe && before.mode === mode) return goOnOpening(before)
    abandonOpen(current.task)
    const alone = inode.i_sb.s_magic !== PIPEFS_MAGIC
    const nonblock = (file.f_flags & O_NONBLOCK) !== 0
    if (mode === 0) return -EINVAL
    if (mode === FMODE_WRITE && alone && nonblock && pipe.readers === 0) return -ENXIO
    count(pipe, mode)
    if (alone && mode === FMODE_READ && pipe.writers === 0) {
      if (!nonblock) return beginOpening({ inode, pipe, mode, seen: pipe.w_counter })
      // no hang-up is told before there was a writer
      fileState(file).data = pipe.w_counter
    }
    if (alone && mode === FMODE_WRITE && pipe.readers === 0)
      return beginOpening({ inode, pipe, mode, seen: pipe.r_counter })
    return 0
  }

  const beginOpening = (open: Opening): number => {
    open.pipe.files++
    open.pipe.wait.wake()
    opening.set(current.task, open)
    return sleep(open.pipe)
  }

  const open = (inode: Inode, file: File): number => {
    const state = inodeState(inode)
    const pipe = ((state.makeRare().pipe as Pipe | null) ??= new Pipe(state))
    pipe.files++
    stream_open(file)
    const rc = join(inode, pipe, file)
    if (rc !== 0) putPipe(inode, pipe)
    else pipe.wait.wake()
    return rc
  }

  const pipefifo_fops = fileOperations({
    open, read, write, poll, poll_queue: (file) => pipeOfFile(file).wait, fasync, ioctl, release, splice: true,
  })

  const inodeOps = inodeOperations({})
  /** The file system pipes live on; no path leads to it. */
  const pipefs: FileSystem = {
    name: 'pipefs',
    fs_flags: 0,
    parse_param: null,
    reconfigure: null,
    get_tree: (fc) =>
      get_tree_nodev(fc, superOperations({}), [], null, (sb) => {
        sb.s_magic = PIPEFS_MAGIC
        superState(sb).d_dname = (dentry) => `pipe:[${dentry.d_inode?.i_ino ?? 0}]`
        return new_inode(sb, S_IFDIR | S_IRUSR | S_IWUSR, inodeOps, fileOperations({}), null) ?? -ENFILE
      }),
  }

  const pipeDentry = (mnt: VfsMount): Dentry | number => {
    const inode = new_inode(mnt.mnt_sb, S_IFIFO | S_IRUSR | S_IWUSR, inodeOps, pipefifo_fops, null)
    if (inode === null) return -ENFILE
    const { cred } = current.task
    inode.i_uid = cred.fsuid
    inode.i_gid = cred.fsgid
    const pipe = new Pipe(inodeState(inode))
    pipe.readers = pipe.writers = 1
    pipe.files = 2
    inodeState(inode).makeRare().pipe = pipe
    return d_alloc_pseudo(mnt.mnt_sb, '', inode)
  }

  /** Both ends, read end first; or -errno. */
  const create_pipe_files = (flags: number): readonly [File, File] | number => {
    const mnt = machine.pipe_mnt
    const dentry = pipeDentry(mnt)
    if (typeof dentry === 'number') return dentry
    const inode = dentry.d_inode as Inode
    ihold(inode)
    const path = new Place(mnt, dentry)
    const writer = alloc_file(path, O_WRONLY | (flags & (O_NONBLOCK | O_DIRECT)), pipefifo_fops)
    const reader =
      typeof writer === 'number' ? writer : alloc_file(path, O_RDONLY | (flags & O_NONBLOCK), pipefifo_fops)
    if (typeof reader === 'number') {
      if (typeof writer !== 'number') fput(writer)
      iput(inode)
      return reader
    }
    stream_open(reader)
    stream_open(writer as File)
    iput(inode)
    return [reader, writer as File]
  }

  /** F_SETPIPE_SZ: pages it holds from now on; the answer is the size in bytes. */
  const pipe_set_size = (pipe: Pipe, arg: number): number => {
    const size = roundPipeSize(arg >>> 0)
    const slots = size / PAGE_SIZE
    if (slots === 0) return -EINVAL
    if (slots > pipe.max_usage && size > machine.sysctl.pipe_max_size && !capable(lsm, current, CAP_SYS_RESOURCE)) {
      return -EPERM
    }
    if (pipe.slots > slots) return -EBUSY
    pipe.max_usage = slots
    pipe.wait.wake()
    return size
  }

  return { pipefifo_fops, pipefs, create_pipe_files, pipe_set_size, brokenPipe }
}

export type Pipes = ReturnType<typeof pipes>

/**
 * The system call that is measured: a read from memory behind a table of calls, with the hook that Linux asks. The line
 * with `lsm.` is what the variants take away or replace.
 */
import { EACCES, EBADF, FMODE_READ, MAY_READ } from '@lsmkit/abi'

/** The hooks, asked with any objects: a host may bring its own. */
export type HookTable = Readonly<Record<string, { ask(...args: unknown[]): number }>>

class ReadInode {
  i_mode = 0o100644
  i_uid = 0
  i_gid = 0
  i_flags = 0
  security = null
  data: Uint8Array
  constructor(data: Uint8Array) {
    this.data = data
  }
}

interface ReadOperations {
  read(file: ReadFile, buf: Uint8Array, count: number): number
}

class ReadFile {
  f_mode = FMODE_READ
  f_flags = 0
  f_pos = 0
  f_inode: ReadInode
  /** Hooks that take a path find the inode in its dentry. */
  f_path: { dentry: { d_inode: ReadInode } }
  f_op: ReadOperations
  security = null
  constructor(inode: ReadInode, op: ReadOperations) {
    this.f_inode = inode
    this.f_path = { dentry: { d_inode: inode } }
    this.f_op = op
  }
}

/** One word a call, straight-line: what is measured is the way to the file, not the copying. */
const memory: ReadOperations = {
  read(file, buf, count) {
    const { data } = file.f_inode
    const pos = file.f_pos
    buf[0] = data[pos]!
    file.f_pos = (pos + count) & 15
    return count
  },
}

const zero: ReadOperations = {
  read(_file, buf, count) {
    buf[0] = 0
    return count
  },
}

const readCall = (lsm: HookTable, fds: readonly ReadFile[]) =>
  function sys_read(fd: number, buf: Uint8Array, count: number): number {
    const file = fds[fd]
    if (file === undefined || (file.f_mode & FMODE_READ) === 0) return -EBADF
    const rc = lsm.file_permission!.ask(file, MAY_READ)
    if (rc !== 0) return rc
    return file.f_op.read(file, buf, count)
  }

type Handler = (fd: number, buf: Uint8Array, count: number) => number

/** A handler that throws denies. */
const boundary = (handlers: readonly Handler[]): ReadKernel => ({
  call(nr, fd, buf, count) {
    try {
      return handlers[nr]!(fd, buf, count) | 0
    } catch {
      return -EACCES
    }
  },
})

export const READ = 0

export interface ReadKernel {
  readonly call: (nr: number, fd: number, buf: Uint8Array, count: number) => number
}

/** Descriptors 0 and 1 are open, on two kinds of files. */
export const readKernel = (lsm: HookTable): ReadKernel => {
  const inode = new ReadInode(new Uint8Array(16))
  return boundary([readCall(lsm, [memory, zero].map((op) => new ReadFile(inode, op)))])
}

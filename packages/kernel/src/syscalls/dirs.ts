/** Reads directories; working and root directories of a task (fs/readdir.c, fs/open.c, fs/d_path.c). */
import {
  AT_FDCWD, CAP_SYS_CHROOT, EBADF, EFAULT, EINVAL, EIO, ENOTDIR, EPERM, ERANGE, MAY_CHDIR, MAY_EXEC,
} from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { FsStruct, Inode, Path } from '@lsmkit/core'
import { copyOut, copyOutOf } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import type { DirContext } from '../state/vfs/driver.ts'
import type { Machine } from '../machine.ts'
import { d_can_lookup } from '../vfs/dcache.ts'
import { fget, fget_raw } from '../state/vfs/fdtable.ts'
import { LOOKUP_DIRECTORY, LOOKUP_FOLLOW } from '../state/vfs/lookup-flags.ts'
import { encodeName } from '../state/vfs/names.ts'

/** Most bytes that one call gives, and the bytes that libraries ask for. */
const LIST_MAX = 1 << 20
const LIST_USUAL = 32768
/** Bytes of a `struct linux_dirent64` before its name. */
const DIRENT_HEAD = 19

const WORD = 2 ** 32
const SLASH = 0x2f

/** Packs entries as getdents64 lays them out, into its own memory. Each entry fills in the offset of the one before. */
class DirentWriter implements DirContext {
  pos = 0
  used = 0
  error = 0
  readonly buf: Uint8Array
  readonly #view: DataView
  /** Bytes of the buffer that may be used. */
  #room = 0
  #previous = -1

  constructor(size: number) {
    this.buf = new Uint8Array(size)
    this.#view = new DataView(this.buf.buffer)
  }

  begin(room: number): void {
    this.pos = this.used = this.error = 0
    this.#previous = -1
    this.#room = room
  }

  emit(name: string, ino: number, type: number): boolean {
    const at = this.used
    const length = this.#putName(name, at + DIRENT_HEAD)
    if (length < 0) return this.#fail(length)
    const reclen = (DIRENT_HEAD + length + 1 + 7) & ~7
    this.settle()
    this.#put64(at, ino)
    this.#view.setUint16(at + 16, reclen, true)
    this.buf[at + 18] = type
    for (let i = at + DIRENT_HEAD + length; i < at + reclen; i++) this.buf[i] = 0
    this.#previous = at
    this.used += reclen
    return true
  }

  /** Writes the place of the next entry into the last one. */
  settle(): void {
    if (this.#previous >= 0) this.#put64(this.#previous + 8, this.pos)
  }

  /** Bytes of a name; -EIO for an invalid name, -EINVAL when it does not fit with its NUL and padding. */
  #putName(name: string, at: number): number {
    const { buf } = this
    const room = this.#room
    let length = 0
    while (length < name.length && at + length < room) {
      const unit = name.charCodeAt(length)
      if (unit >= 0x80 || unit === SLASH) break
      buf[at + length++] = unit
    }
    if (length !== name.length || length === 0) {
      const bytes = encodeName(name)
      if (bytes.length === 0 || bytes.includes(SLASH)) return -EIO
      length = bytes.length
      if (at + length < room) buf.set(bytes, at)
    }
    return ((at + length + 1 + 7 - this.used) & ~7) + this.used > room ? -EINVAL : length
  }

  /** An integer of at most 53 bits. */
  #put64(at: number, value: number): void {
    this.#view.setUint32(at, value >>> 0, true)
    this.#view.setInt32(at + 4, Math.floor(value / WORD), true)
  }

  /** The error counts only when nothing has been written. */
  #fail(error: number): boolean {
    this.error = error
    return false
  }
}

/** Writers that no call uses now. A call may be made in the middle of another one, so there can be several. */
const spare: DirentWriter[] = []

/**
 * Gives the entries that fit into `room` bytes to `give`, as getdents64 lays them out: the first `used` bytes of
 * `memory`. Answers their length, or -errno.
 */
export const withDirents = (
  machine: Machine, fd: number, room: number | null, give: (memory: Uint8Array, used: number) => void,
): number => {
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  if (room === null) return -EFAULT
  const size = Math.min(room, LIST_MAX)
  const writer = size <= LIST_USUAL ? (spare.pop() ?? new DirentWriter(LIST_USUAL)) : new DirentWriter(size)
  writer.begin(size)
  try {
    const rc = machine.vfs.iterate_dir(file, writer)
    if (rc < 0) return rc
    writer.settle()
    if (writer.used > 0) give(writer.buf, writer.used)
    return writer.used > 0 ? writer.used : writer.error
  } finally {
    if (writer.buf.length === LIST_USUAL) spare.push(writer)
  }
}

const getdents64 = (machine: Machine, fd: number, buf: GuestBytes | null): number =>
  withDirents(machine, fd, buf?.length ?? null, (memory, used) => copyOutOf(memory, 0, used, buf!, 0))

/** Writes the path and a NUL into `buf`; the answer counts the NUL. */
const getcwd = (machine: Machine, buf: GuestBytes | null): number => {
  const name = machine.vfs.getcwd()
  if (typeof name === 'number') return name
  const bytes = encodeName(name)
  if (buf === null) return -EFAULT
  if (bytes.length + 1 > buf.length) return -ERANGE
  copyOut([...bytes, 0], buf)
  return bytes.length + 1
}

/** A directory that the caller may enter. */
const enterable = (machine: Machine, filename: unknown): Path | number => {
  const path = machine.vfs.user_path_at(AT_FDCWD, filename, LOOKUP_FOLLOW | LOOKUP_DIRECTORY)
  if (typeof path === 'number') return path
  const rc = machine.vfs.inode_permission(path.mnt.mnt_idmap, path.dentry.d_inode as Inode, MAY_EXEC | MAY_CHDIR)
  return rc !== 0 ? rc : path
}

const chdir = (machine: Machine, filename: unknown): number => {
  const path = enterable(machine, filename)
  if (typeof path === 'number') return path
  machine.vfs.set_fs_pwd(machine.current.task.fs as FsStruct, path)
  return 0
}

const fchdir = (machine: Machine, fd: number): number => {
  const file = fget_raw(machine.current.task, fd)
  if (file === null) return -EBADF
  if (!d_can_lookup(file.f_path.dentry)) return -ENOTDIR
  const rc = machine.vfs.inode_permission(file.f_path.mnt.mnt_idmap, file.f_inode, MAY_EXEC | MAY_CHDIR)
  if (rc === 0) machine.vfs.set_fs_pwd(machine.current.task.fs as FsStruct, file.f_path)
  return rc
}

const chroot = (machine: Machine, filename: unknown): number => {
  const path = enterable(machine, filename)
  if (typeof path === 'number') return path
  if (!ns_capable(machine.lsm, machine.current, machine.current.task.cred.user_ns, CAP_SYS_CHROOT)) return -EPERM
  const rc = machine.lsm.path_chroot.ask(path)
  if (rc === 0) machine.vfs.set_fs_root(machine.current.task.fs as FsStruct, path)
  return rc
}

export const dirSyscalls = { getdents64, getcwd, chdir, fchdir, chroot }

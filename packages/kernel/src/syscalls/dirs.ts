/** Directories: reading them, and where a task stands in the tree (fs/readdir.c, fs/open.c, fs/d_path.c). */
import {
  AT_FDCWD, CAP_SYS_CHROOT, EBADF, EFAULT, EINVAL, EIO, ENOTDIR, EPERM, ERANGE, MAY_CHDIR, MAY_EXEC,
} from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { FsStruct, Inode, KeyMap, Path } from '@lsmkit/core'
import { copyOut } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import type { DirContext } from '../state/vfs/driver.ts'
import type { Machine } from '../machine.ts'
import { d_can_lookup } from '../vfs/dcache.ts'
import { fget, fget_raw } from '../state/vfs/fdtable.ts'
import { LOOKUP_DIRECTORY, LOOKUP_FOLLOW } from '../state/vfs/lookup-flags.ts'
import { encodeName } from '../state/vfs/names.ts'

/** Bytes that one call lists at most. */
const LIST_MAX = 1 << 20
/** Bytes of a `struct linux_dirent64` before its name. */
const DIRENT_HEAD = 19

const WORD = 2 ** 32
const SLASH = 0x2f

/** Packs entries into a buffer as getdents64 lays them out; the offset of each is filled in by the next. */
class DirentWriter implements DirContext {
  pos: number
  used = 0
  error = 0
  private readonly buf: Uint8Array
  private readonly view: DataView
  private previous = -1

  constructor(buf: Uint8Array, pos: number) {
    this.buf = buf
    this.view = new DataView(buf.buffer, buf.byteOffset, buf.byteLength)
    this.pos = pos
  }

  emit(name: string, ino: number, type: number): boolean {
    const at = this.used
    const length = this.putName(name, at + DIRENT_HEAD)
    if (length < 0) return this.fail(length)
    const reclen = (DIRENT_HEAD + length + 1 + 7) & ~7
    this.settle()
    this.put64(at, ino)
    this.view.setUint16(at + 16, reclen, true)
    this.buf[at + 18] = type
    for (let i = at + DIRENT_HEAD + length; i < at + reclen; i++) this.buf[i] = 0
    this.previous = at
    this.used += reclen
    return true
  }

  /** Writes where the directory goes on into the entry before. */
  settle(): void {
    if (this.previous >= 0) this.put64(this.previous + 8, this.pos)
  }

  /** How many bytes a name took; -EIO for one that cannot be, -EINVAL without room for it and its end. */
  private putName(name: string, at: number): number {
    const { buf } = this
    let length = 0
    while (length < name.length && at + length < buf.length) {
      const unit = name.charCodeAt(length)
      if (unit >= 0x80 || unit === SLASH) break
      buf[at + length++] = unit
    }
    if (length !== name.length || length === 0) {
      const bytes = encodeName(name)
      if (bytes.length === 0 || bytes.includes(SLASH)) return -EIO
      length = bytes.length
      if (at + length < buf.length) buf.set(bytes, at)
    }
    return ((at + length + 1 + 7 - this.used) & ~7) + this.used > buf.length ? -EINVAL : length
  }

  /** An integer of at most 53 bits. */
  private put64(at: number, value: number): void {
    this.view.setUint32(at, value >>> 0, true)
    this.view.setInt32(at + 4, Math.floor(value / WORD), true)
  }

  /** Too little room counts only when nothing has been written. */
  private fail(error: number): boolean {
    this.error = error
    return false
  }
}

/** The entries that fit into `room` bytes, as getdents64 lays them out; or -errno. */
export const dirents = (machine: Machine, fd: number, room: number | null): Uint8Array | number => {
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  if (room === null) return -EFAULT
  const buf = new Uint8Array(Math.min(room, LIST_MAX))
  const writer = new DirentWriter(buf, 0)
  const rc = machine.vfs.iterate_dir(file, writer)
  if (rc < 0) return rc
  writer.settle()
  return writer.used > 0 ? buf.subarray(0, writer.used) : writer.error
}

export const dirSyscalls = (lsm: KeyMap, machine: Machine) => {
  const { current } = machine
  const { user_path_at, inode_permission, set_fs_pwd, set_fs_root, getcwd: currentDir } = machine.vfs

  const getdents64 = (fd: number, buf: GuestBytes | null): number => {
    const entries = dirents(machine, fd, buf?.length ?? null)
    if (typeof entries === 'number') return entries
    copyOut(entries, buf!)
    return entries.length
  }

  /** The path with its NUL into `buf`; the answer counts the NUL. */
  const getcwd = (buf: GuestBytes | null): number => {
    const name = currentDir()
    if (typeof name === 'number') return name
    const bytes = encodeName(name)
    if (buf === null) return -EFAULT
    if (bytes.length + 1 > buf.length) return -ERANGE
    copyOut([...bytes, 0], buf)
    return bytes.length + 1
  }

  /** A directory that the caller may enter. */
  const enterable = (filename: unknown): Path | number => {
    const path = user_path_at(AT_FDCWD, filename, LOOKUP_FOLLOW | LOOKUP_DIRECTORY)
    if (typeof path === 'number') return path
    const rc = inode_permission(path.mnt.mnt_idmap, path.dentry.d_inode as Inode, MAY_EXEC | MAY_CHDIR)
    return rc !== 0 ? rc : path
  }

  const chdir = (filename: unknown): number => {
    const path = enterable(filename)
    if (typeof path === 'number') return path
    set_fs_pwd(current.task.fs as FsStruct, path)
    return 0
  }

  const fchdir = (fd: number): number => {
    const file = fget_raw(current.task, fd)
    if (file === null) return -EBADF
    if (!d_can_lookup(file.f_path.dentry)) return -ENOTDIR
    const rc = inode_permission(file.f_path.mnt.mnt_idmap, file.f_inode, MAY_EXEC | MAY_CHDIR)
    if (rc === 0) set_fs_pwd(current.task.fs as FsStruct, file.f_path)
    return rc
  }

  const chroot = (filename: unknown): number => {
    const path = enterable(filename)
    if (typeof path === 'number') return path
    if (!ns_capable(lsm, current, current.task.cred.user_ns, CAP_SYS_CHROOT)) return -EPERM
    const rc = lsm.path_chroot.ask(path)
    if (rc === 0) set_fs_root(current.task.fs as FsStruct, path)
    return rc
  }

  return { getdents64, getcwd, chdir, fchdir, chroot }
}

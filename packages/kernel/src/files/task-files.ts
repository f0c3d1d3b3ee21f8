/**
 * Files for programs of the host, with calls made by one task: whole contents, recursive directories, trees. Several
 * steps on one file are made on a descriptor. Errors are FileErrors that read as Node's do. No call waits: one that
 * would sleep is EAGAIN.
 */
import {
  AT_FDCWD, AT_REMOVEDIR, AT_SYMLINK_NOFOLLOW, EEXIST, EFBIG, EINVAL, EISDIR, ELOOP, ENOENT, ENOMEM, F_OK, O_APPEND,
  O_CLOEXEC, O_CREAT, O_DIRECTORY, O_NONBLOCK, O_PATH, O_RDONLY, O_TRUNC, O_WRONLY, PATH_MAX, S_IFDIR, S_IFMT,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { SysCalls } from '../syscalls/entry.ts'
import { Kstat } from '../state/vfs/kstat.ts'
import { decodeName } from '../state/vfs/names.ts'
import { readBatch, readEntries } from './directory.ts'
import type { DirectoryEntry } from './directory.ts'
import { answered, FileError } from './file-error.ts'
import { allSteps, copyFile, copyTree, remove, writeAll } from './tree.ts'
import type { CopyHow, Place, Steps } from './tree.ts'
import { mostBytes } from './unstated-size.ts'

/** Most links in one path. */
const MAX_LINKS = 40
/** Bytes of the first read of a file without a known size, such as those in /proc. */
const FIRST_CHUNK = 4096

/** The most bytes that are read at once unless the caller says less: as much as Node's `fs.readFile` takes. */
const LARGEST = 2 ** 31 - 1
/** Bytes. */
const WORD = 8

const room = (length: number, path: string | undefined): Uint8Array<ArrayBuffer> => {
  try {
    return new Uint8Array(length)
  } catch {
    throw new FileError(-ENOMEM, 'read', path)
  }
}
const parentOf = (path: string): string => path.replace(/\/+$/, '').replace(/[^/]+$/, '') || '.'
const at = (path: string): Place => ({ dfd: AT_FDCWD, name: path, path })
const seconds = (ms: number): { tv_sec: number; tv_nsec: number } => {
  const tv_sec = Math.floor(ms / 1000)
  return { tv_sec, tv_nsec: Math.round((ms - tv_sec * 1000) * 1e6) % 1e9 }
}

export class TaskFiles {
  readonly sys: SysCalls
  readonly task: Task

  constructor({ sys }: { readonly sys: SysCalls }, task: Task) {
    this.sys = sys
    this.task = task
  }

  /** O_* flags; the descriptor is closed when the task executes a program. */
  open(path: string, flags: number, mode = 0o666): number {
    return answered(this.sys.openat(this.task, AT_FDCWD, path, flags | O_CLOEXEC | O_NONBLOCK, mode), 'open', path)
  }

  close(fd: number): void {
    answered(this.sys.close(this.task, fd), 'close')
  }

  /** Into `buffer`, from `position` or where the file stands; how many bytes. */
  read(fd: number, buffer: Uint8Array, position: number | null = null): number {
    const { sys, task } = this
    return answered(position === null ? sys.read(task, fd, buffer) : sys.pread64(task, fd, buffer, position), 'read')
  }

  write(fd: number, bytes: Uint8Array, position: number | null = null): number {
    const { sys, task } = this
    return answered(position === null ? sys.write(task, fd, bytes) : sys.pwrite64(task, fd, bytes, position), 'write')
  }

  /**
   * All from where the file stands to its end. `path` is for the error. EFBIG where that is more than `most` bytes, by
   * the size of the file or because it does not end; ENOMEM where the host has no room for it.
   */
  readAll(fd: number, path?: string, most = LARGEST): Uint8Array<ArrayBuffer> {
    const stat = new Kstat()
    const { sys, task } = this
    answered(sys.fstat(task, fd, stat), 'fstat', path)
    if ((stat.mode & S_IFMT) === S_IFDIR) throw new FileError(-EISDIR, 'read', path)
    if (stat.size > most) throw new FileError(-EFBIG, 'read', path)
    const limit = mostBytes(stat, most)
    let bytes = room(stat.size > 0 ? stat.size + 1 : FIRST_CHUNK, path)
    let used = 0
    for (;;) {
      const n = answered(sys.read(task, fd, used === 0 ? bytes : bytes.subarray(used)), 'read', path)
      used += n
      if (used > limit) throw new FileError(-EFBIG, 'read', path)
      const isWhole = stat.size > 0 && used >= stat.size && used < bytes.length
      if (n === 0 || isWhole) return bytes.subarray(0, used)
      if (used < bytes.length) continue
      // some files of /proc are read by words alone
      const more = room(Math.min(bytes.length * 2, limit + WORD), path)
      more.set(bytes)
      bytes = more
    }
  }

  writeAll(fd: number, bytes: Uint8Array, path = ''): void {
    writeAll(this, fd, bytes, path)
  }

  /** As `readAll`. */
  readFile(path: string, most = LARGEST): Uint8Array<ArrayBuffer> {
    return this.#with(path, O_RDONLY, 0, (fd) => this.readAll(fd, path, most))
  }

  /** Made with `mode` unless it is there, and emptied first unless `flags` say otherwise. */
  writeFile(path: string, bytes: Uint8Array, flags = O_WRONLY | O_CREAT | O_TRUNC, mode = 0o666): void {
    this.#with(path, flags, mode, (fd) => writeAll(this, fd, bytes, path))
  }

  appendFile(path: string, bytes: Uint8Array, mode = 0o666): void {
    this.writeFile(path, bytes, O_WRONLY | O_CREAT | O_APPEND, mode)
  }

  stat(path: string): Kstat {
    const stat = new Kstat()
    answered(this.sys.newfstatat(this.task, AT_FDCWD, path, stat, 0), 'stat', path)
    return stat
  }

  lstat(path: string): Kstat {
    const stat = new Kstat()
    answered(this.sys.newfstatat(this.task, AT_FDCWD, path, stat, AT_SYMLINK_NOFOLLOW), 'lstat', path)
    return stat
  }

  fstat(fd: number): Kstat {
    const stat = new Kstat()
    answered(this.sys.fstat(this.task, fd, stat), 'fstat')
    return stat
  }

  exists(path: string): boolean {
    return this.sys.faccessat2(this.task, AT_FDCWD, path, F_OK, 0) === 0
  }

  /** `mode`: R_OK, W_OK, X_OK. Asked for the real ids, as access(2) does. */
  access(path: string, mode = F_OK): void {
    answered(this.sys.faccessat2(this.task, AT_FDCWD, path, mode, 0), 'access', path)
  }

  /** Without `.` and `..`, in the order of the directory. */
  readdir(path: string): DirectoryEntry[] {
    const fd = answered(
      this.sys.openat(this.task, AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0), 'scandir', path,
    )
    return this.#closing(fd, () => readEntries(this.sys, this.task, fd, path))
  }

  /** Of an open directory. `path` is for the error. */
  entries(fd: number, path = ''): DirectoryEntry[] {
    return readEntries(this.sys, this.task, fd, path)
  }

  /** Some entries of an open directory, as many as fit `buffer`; null at its end. `path` is for the error. */
  entryBatch(fd: number, buffer: Uint8Array, path = ''): DirectoryEntry[] | null {
    return readBatch(this.sys, this.task, fd, path, buffer)
  }

  /** A name in an open directory, itself where it is a link. */
  statAt(dfd: number, name: string): Kstat {
    const stat = new Kstat()
    answered(this.sys.newfstatat(this.task, dfd, name, stat, AT_SYMLINK_NOFOLLOW), 'lstat', name)
    return stat
  }

  mkdir(path: string, mode = 0o777): void {
    answered(this.sys.mkdirat(this.task, AT_FDCWD, path, mode), 'mkdir', path)
  }

  /** Makes a directory and all above it: the first that was made, or undefined. */
  mkdirs(path: string, mode = 0o777): string | undefined {
    const { sys, task } = this
    const rc = sys.mkdirat(task, AT_FDCWD, path, mode)
    if (rc === 0) return path
    if (rc === -ENOENT && parentOf(path) !== '.' && parentOf(path) !== path) {
      const first = this.mkdirs(parentOf(path).replace(/(?<=[^/])\/+$/, ''), mode)
      const again = sys.mkdirat(task, AT_FDCWD, path, mode)
      // `new/..` is there once `new` is
      if (again === -EEXIST && this.#isDirectory(path)) return first
      answered(again, 'mkdir', path)
      return first ?? path
    }
    if (rc !== -EEXIST) throw new FileError(rc, 'mkdir', path)
    const stat = new Kstat()
    // a link that leads nowhere is there, and is no directory
    answered(sys.newfstatat(task, AT_FDCWD, path, stat, 0), 'mkdir', path)
    if ((stat.mode & S_IFMT) === S_IFDIR) return undefined
    throw new FileError(rc, 'mkdir', path)
  }

  unlink(path: string): void {
    answered(this.sys.unlinkat(this.task, AT_FDCWD, path, 0), 'unlink', path)
  }

  rmdir(path: string): void {
    answered(this.sys.unlinkat(this.task, AT_FDCWD, path, AT_REMOVEDIR), 'rmdir', path)
  }

  /** A file, a link, or a directory with all that is in it. */
  remove(path: string): void {
    allSteps(this.removeSteps(path))
  }

  /** The same by steps. */
  removeSteps(path: string): Steps {
    return remove(this, at(path), 'rm')
  }

  rename(path: string, dest: string): void {
    answered(this.sys.renameat2(this.task, AT_FDCWD, path, AT_FDCWD, dest, 0), 'rename', path, dest)
  }

  link(path: string, dest: string): void {
    answered(this.sys.linkat(this.task, AT_FDCWD, path, AT_FDCWD, dest, 0), 'link', path, dest)
  }

  symlink(target: string, path: string): void {
    answered(this.sys.symlinkat(this.task, target, AT_FDCWD, path), 'symlink', target, path)
  }

  readlink(path: string): string {
    const text = this.#link(path)
    if (typeof text === 'number') throw new FileError(text, 'readlink', path)
    return text
  }

  /** The path without links, `.` and `..`. The file has to exist. */
  realpath(path: string): string {
    let todo = this.#steps(path.startsWith('/') ? path : `${this.cwd()}/${path}`)
    let real = ''
    for (let links = 0; todo.length > 0;) {
      const [name, ...rest] = todo as [string, ...string[]]
      todo = rest
      if (name === '..') {
        real = real.slice(0, real.lastIndexOf('/'))
        continue
      }
      const text = this.#link(`${real}/${name}`)
      if (text === -EINVAL) real = `${real}/${name}`
      else if (typeof text === 'number') throw new FileError(text, 'realpath', path)
      else {
        if (++links > MAX_LINKS) throw new FileError(-ELOOP, 'realpath', path)
        if (text.startsWith('/')) real = ''
        todo = [...this.#steps(text), ...todo]
      }
    }
    const kind = path.endsWith('/') ? O_DIRECTORY : 0
    const fd = this.sys.openat(this.task, AT_FDCWD, real || '/', O_PATH | kind | O_CLOEXEC, 0)
    this.sys.close(this.task, answered(fd, 'realpath', path))
    return real || '/'
  }

  cwd(): string {
    const buffer = new Uint8Array(PATH_MAX)
    const n = answered(this.sys.getcwd(this.task, buffer), 'getcwd')
    return decodeName(buffer.subarray(0, n - 1))
  }

  chdir(path: string): void {
    answered(this.sys.chdir(this.task, path), 'chdir', path)
  }

  chmod(path: string, mode: number): void {
    answered(this.sys.fchmodat(this.task, AT_FDCWD, path, mode), 'chmod', path)
  }

  chown(path: string, uid: number, gid: number, follow = true): void {
    const flags = follow ? 0 : AT_SYMLINK_NOFOLLOW
    answered(this.sys.fchownat(this.task, AT_FDCWD, path, uid, gid, flags), follow ? 'chown' : 'lchown', path)
  }

  futimes(fd: number, atime: number, mtime: number): void {
    answered(this.sys.utimensat(this.task, fd, null, [seconds(atime), seconds(mtime)], 0), 'futime')
  }

  /** Milliseconds since the epoch, with fractions. */
  utimes(path: string, atime: number, mtime: number, follow = true): void {
    const times = [seconds(atime), seconds(mtime)]
    const rc = this.sys.utimensat(this.task, AT_FDCWD, path, times, follow ? 0 : AT_SYMLINK_NOFOLLOW)
    answered(rc, follow ? 'utime' : 'lutime', path)
  }

  truncate(path: string, length = 0): void {
    this.#with(path, O_WRONLY, 0, (fd) => answered(this.sys.ftruncate(this.task, fd, length), 'ftruncate', path))
  }

  /** Copies contents and mode, and follows links. `exclusive`: EEXIST if `dest` exists. */
  copyFile(path: string, dest: string, exclusive = false): void {
    allSteps(copyFile(this, at(path), at(dest), { follow: true, exclusive, keepMode: true }, 'copyfile'))
  }

  /** The same by steps, between names below descriptors. */
  copyFileSteps(source: Place, target: Place, how: CopyHow): Steps {
    return copyFile(this, source, target, how, 'copyfile')
  }

  /** A file, a link as a link, or a directory with all that is in it, into one that is there or not. */
  copyTree(path: string, dest: string, exclusive = false): void {
    allSteps(this.copySteps(path, dest, exclusive))
  }

  /** The same by steps. */
  copySteps(path: string, dest: string, exclusive = false): Steps {
    if (this.#isBeneath(dest, path)) throw new FileError(-EINVAL, 'cp', path, dest)
    return copyTree(this, at(path), at(dest), exclusive, 'cp')
  }

  /** `path` is `top`, a directory, or will be in it. */
  #isBeneath(path: string, top: string): boolean {
    try {
      if ((this.lstat(top).mode & S_IFMT) !== S_IFDIR) return false
      const real = this.realpath(top)
      let above = path
      while (!this.exists(above) && parentOf(above) !== above) above = parentOf(above)
      const other = this.realpath(above)
      return real === '/' || other === real || other.startsWith(`${real}/`)
    } catch (error) {
      if (error instanceof FileError) return false
      throw error
    }
  }

  #isDirectory(path: string): boolean {
    const stat = new Kstat()
    return this.sys.newfstatat(this.task, AT_FDCWD, path, stat, 0) === 0 && (stat.mode & S_IFMT) === S_IFDIR
  }

  #steps(path: string): string[] {
    return path.split('/').filter((part) => part !== '' && part !== '.')
  }

  /** The text of a link, or -errno. */
  #link(path: string): string | number {
    const buffer = new Uint8Array(PATH_MAX)
    const n = this.sys.readlinkat(this.task, AT_FDCWD, path, buffer)
    return n < 0 ? n : decodeName(buffer.subarray(0, n))
  }

  #with<T>(path: string, flags: number, mode: number, use: (fd: number) => T): T {
    const fd = this.open(path, flags, mode)
    return this.#closing(fd, () => use(fd))
  }

  #closing<T>(fd: number, use: () => T): T {
    try {
      return use()
    } finally {
      this.sys.close(this.task, fd)
    }
  }
}

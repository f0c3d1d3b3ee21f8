/**
 * Files as a task of the kernel sees them, by whole operations: what `fs/promises` does with several system calls.
 * Nothing waits; errors are thrown as Node's. Every step asks the modules.
 */
import {
  AT_FDCWD, AT_SYMLINK_NOFOLLOW, EEXIST, ELOOP, ENOENT, EXDEV, O_APPEND, O_CLOEXEC, O_CREAT, O_DIRECTORY, O_EXCL,
  O_RDONLY, O_TRUNC, O_WRONLY, PATH_MAX, S_IFDIR, S_IFLNK, S_IFMT,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { decodeName, Kstat } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { normalPath } from '../call-path.ts'
import { failed } from './fs-error.ts'

/** As `fs.Stats` has it, without its methods; times in milliseconds. */
export interface StatData {
  readonly dev: number
  readonly ino: number
  readonly mode: number
  readonly nlink: number
  readonly uid: number
  readonly gid: number
  readonly rdev: number
  readonly size: number
  readonly blksize: number
  readonly blocks: number
  readonly atimeMs: number
  readonly mtimeMs: number
  readonly ctimeMs: number
  readonly birthtimeMs: number
}

export interface DirectoryEntry {
  readonly name: string
  /** DT_* of getdents64. */
  readonly type: number
  readonly parentPath: string
}

const PART = 65536

const nameEnd = (buffer: Uint8Array, from: number): number => {
  let at = from
  while (buffer[at] !== 0) at++
  return at
}

const joined = (dir: string, name: string): string => (dir.endsWith('/') ? dir + name : `${dir}/${name}`)

export class TaskFs {
  private readonly kernel: Kernel
  private readonly task: Task

  constructor(kernel: Kernel, task: Task) {
    this.kernel = kernel
    this.task = task
  }

  readFile(path: string): Uint8Array {
    const { task, kernel: { sys } } = this
    const fd = this.open(path, O_RDONLY, 0)
    try {
      const parts: Uint8Array[] = []
      for (;;) {
        const part = new Uint8Array(PART)
        const count = this.must(sys.read(task, fd, part), 'read', path)
        if (count === 0) break
        parts.push(part.subarray(0, count))
      }
      return concatenated(parts)
    } finally {
      sys.close(task, fd)
    }
  }

  writeFile(path: string, data: Uint8Array, mode = 0o666): void {
    this.put(path, O_CREAT | O_WRONLY | O_TRUNC, data, mode)
  }

  /** Not over a file that is there. */
  createFile(path: string, data: Uint8Array, mode = 0o666): void {
    this.put(path, O_CREAT | O_EXCL | O_WRONLY, data, mode)
  }

  appendFile(path: string, data: Uint8Array, mode = 0o666): void {
    this.put(path, O_CREAT | O_WRONLY | O_APPEND, data, mode)
  }

  /** The first directory that was made, where all that are missing are. */
  mkdir(path: string, recursive = false, mode = 0o777): string | undefined {
    const { task, kernel: { sys } } = this
    if (!recursive) return void this.must(sys.mkdirat(task, AT_FDCWD, path, mode), 'mkdir', path)
    let first: string | undefined
    const names = normalPath(path).split('/').slice(1)
    names.forEach((_, i) => {
      const at = `/${names.slice(0, i + 1).join('/')}`
      const rc = sys.mkdirat(task, AT_FDCWD, at, mode)
      if (rc === -EEXIST && this.isDirectory(at)) return
      this.must(rc, 'mkdir', path)
      first ??= at
    })
    return first
  }

  /** With what lies below, each by its path from `path`, where that is asked for. */
  readdir(path: string, recursive = false): DirectoryEntry[] {
    const { task, kernel: { sys } } = this
    const fd = this.must(sys.openat(task, AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0), 'scandir', path)
    const entries: DirectoryEntry[] = []
    try {
      const buffer = new Uint8Array(PART)
      const view = new DataView(buffer.buffer)
      for (;;) {
        const used = this.must(sys.getdents64(task, fd, buffer), 'scandir', path)
        if (used === 0) break
        for (let at = 0; at < used; at += view.getUint16(at + 16, true)) {
          const name = decodeName(buffer.slice(at + 19, nameEnd(buffer, at + 19)))
          if (name !== '.' && name !== '..') entries.push({ name, type: buffer[at + 18]!, parentPath: path })
        }
      }
    } finally {
      sys.close(task, fd)
    }
    if (!recursive) return entries
    return entries.flatMap((entry) =>
      entry.type === DT_DIR ? [entry, ...this.readdir(joined(path, entry.name), true)] : [entry])
  }

  stat(path: string): StatData {
    return this.statBy('stat', path)
  }

  lstat(path: string): StatData {
    return this.statBy('lstat', path)
  }

  access(path: string, mode = 0): void {
    this.must(this.kernel.sys.faccessat(this.task, AT_FDCWD, path, mode), 'access', path)
  }

  readlink(path: string): string {
    const buffer = new Uint8Array(PATH_MAX)
    const length = this.must(this.kernel.sys.readlinkat(this.task, AT_FDCWD, path, buffer), 'readlink', path)
    return decodeName(buffer.slice(0, length))
  }

  symlink(target: string, path: string): void {
    this.must(this.kernel.sys.symlinkat(this.task, target, AT_FDCWD, path), 'symlink', target, path)
  }

  link(path: string, to: string): void {
    this.must(this.kernel.sys.linkat(this.task, AT_FDCWD, path, AT_FDCWD, to, 0), 'link', path, to)
  }

  rename(path: string, to: string): void {
    this.must(this.kernel.sys.renameat2(this.task, AT_FDCWD, path, AT_FDCWD, to, 0), 'rename', path, to)
  }

  unlink(path: string): void {
    this.must(this.kernel.sys.unlink(this.task, path), 'unlink', path)
  }

  rmdir(path: string): void {
    this.must(this.kernel.sys.rmdir(this.task, path), 'rmdir', path)
  }

  rm(path: string, recursive = false, force = false): void {
    const stat = new Kstat()
    const rc = this.kernel.sys.lstat(this.task, path, stat)
    if (rc === -ENOENT && force) return
    this.must(rc, 'rm', path)
    if ((stat.mode & S_IFMT) !== S_IFDIR) return this.unlink(path)
    if (recursive) for (const { name } of this.readdir(path)) this.rm(joined(path, name), true, force)
    this.rmdir(path)
  }

  chmod(path: string, mode: number): void {
    this.must(this.kernel.sys.chmod(this.task, path, mode), 'chmod', path)
  }

  chown(path: string, uid: number, gid: number, follow = true): void {
    const flags = follow ? 0 : AT_SYMLINK_NOFOLLOW
    this.must(this.kernel.sys.fchownat(this.task, AT_FDCWD, path, uid, gid, flags), 'chown', path)
  }

  /** Times in milliseconds since the epoch. */
  utimes(path: string, atimeMs: number, mtimeMs: number, follow = true): void {
    const times = [atimeMs, mtimeMs].map((ms) => {
      const sec = Math.floor(ms / 1000)
      return { tv_sec: sec, tv_nsec: Math.round((ms - sec * 1000) * 1e6) }
    })
    const flags = follow ? 0 : AT_SYMLINK_NOFOLLOW
    this.must(this.kernel.sys.utimensat(this.task, AT_FDCWD, path, times, flags), 'utime', path)
  }

  truncate(path: string, length = 0): void {
    this.must(this.kernel.sys.truncate(this.task, path, length), 'truncate', path)
  }

  realpath(path: string): string {
    let at = '/'
    let left = path.split('/').filter((name) => name !== '' && name !== '.')
    for (let followed = 0; left.length > 0;) {
      const [name, ...rest] = left
      left = rest
      if (name === '..') {
        at = normalPath(`${at}/..`)
        continue
      }
      const next = joined(at, name!)
      if ((this.statBy('lstat', next, 'realpath').mode & S_IFMT) !== S_IFLNK) {
        at = next
        continue
      }
      if (++followed > MOST_LINKS) throw failed(-ELOOP, 'realpath', path)
      const target = this.readlink(next)
      if (target.startsWith('/')) at = '/'
      left = [...target.split('/').filter((part) => part !== '' && part !== '.'), ...left]
    }
    return at
  }

  /** `exclusive`: not over a file that is there. */
  copyFile(path: string, to: string, exclusive = false): void {
    const { mode } = this.stat(path)
    const flags = O_CREAT | O_WRONLY | O_TRUNC | (exclusive ? O_EXCL : 0)
    this.put(to, flags, this.readFile(path), mode & 0o777, 'copyfile')
  }

  /** All below a directory, links as links, modes and times with it. */
  cp(path: string, to: string): void {
    const stat = this.lstat(path)
    const type = stat.mode & S_IFMT
    if (type === S_IFLNK) return this.symlink(this.readlink(path), to)
    if (type !== S_IFDIR) return this.copyFile(path, to)
    if (normalPath(to).startsWith(`${normalPath(path)}/`)) throw failed(-EXDEV, 'cp', path, to)
    this.mkdir(to, true, stat.mode & 0o777)
    for (const { name } of this.readdir(path)) this.cp(joined(path, name), joined(to, name))
  }

  getxattr(path: string, name: string, follow = true): Uint8Array {
    const { sys } = this.kernel
    const get = follow ? sys.getxattr : sys.lgetxattr
    const length = this.must(get(this.task, path, name, new Uint8Array(0)), 'getxattr', path)
    const value = new Uint8Array(length)
    return value.subarray(0, length === 0 ? 0 : this.must(get(this.task, path, name, value), 'getxattr', path))
  }

  setxattr(path: string, name: string, value: Uint8Array, follow = true): void {
    const { sys } = this.kernel
    this.must((follow ? sys.setxattr : sys.lsetxattr)(this.task, path, name, value, 0), 'setxattr', path)
  }

  listxattr(path: string, follow = true): string[] {
    const { sys } = this.kernel
    const list = follow ? sys.listxattr : sys.llistxattr
    const buffer = new Uint8Array(this.must(list(this.task, path, new Uint8Array(0)), 'listxattr', path))
    const length = buffer.length === 0 ? 0 : this.must(list(this.task, path, buffer), 'listxattr', path)
    return decodeName(buffer.slice(0, length)).split('\0').filter((name) => name !== '')
  }

  removexattr(path: string, name: string): void {
    this.must(this.kernel.sys.removexattr(this.task, path, name), 'removexattr', path)
  }

  private open(path: string, flags: number, mode: number, syscall = 'open'): number {
    return this.must(this.kernel.sys.openat(this.task, AT_FDCWD, path, flags | O_CLOEXEC, mode), syscall, path)
  }

  private put(path: string, flags: number, data: Uint8Array, mode: number, syscall = 'open'): void {
    const { task, kernel: { sys } } = this
    const fd = this.open(path, flags, mode, syscall)
    try {
      for (let at = 0; at < data.length;) at += this.must(sys.write(task, fd, data.subarray(at)), 'write', path)
    } finally {
      sys.close(task, fd)
    }
  }

  private statBy(call: 'stat' | 'lstat', path: string, syscall: string = call): StatData {
    const stat = new Kstat()
    this.must(this.kernel.sys[call](this.task, path, stat), syscall, path)
    return statData(stat)
  }

  private isDirectory(path: string): boolean {
    const stat = new Kstat()
    return this.kernel.sys.stat(this.task, path, stat) === 0 && (stat.mode & S_IFMT) === S_IFDIR
  }

  private must(rc: number, syscall: string, path: string, dest?: string): number {
    if (rc < 0) throw failed(rc, syscall, path, dest)
    return rc
  }
}

const DT_DIR = 4
const MOST_LINKS = 40

const ms = (sec: number, nsec: number): number => sec * 1000 + nsec / 1e6

const statData = (stat: Kstat): StatData => ({
  dev: stat.dev, ino: stat.ino, mode: stat.mode, nlink: stat.nlink, uid: stat.uid, gid: stat.gid, rdev: stat.rdev,
  size: stat.size, blksize: stat.blksize, blocks: stat.blocks,
  atimeMs: ms(stat.atime_sec, stat.atime_nsec), mtimeMs: ms(stat.mtime_sec, stat.mtime_nsec),
  ctimeMs: ms(stat.ctime_sec, stat.ctime_nsec), birthtimeMs: ms(stat.btime_sec, stat.btime_nsec),
})

const concatenated = (parts: readonly Uint8Array[]): Uint8Array => {
  if (parts.length === 1) return parts[0]!
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

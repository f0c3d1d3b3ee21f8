/**
 * The operations that a file system of just-bash is made of, as system calls of one task: so the modes of files and
 * every module of the stack are asked. They take paths as just-bash gives them. Errors are Node's and name the method,
 * as just-bash's own do. Files go in and out by pieces, and a tree is copied or removed by slices of time.
 */
import {
  EEXIST, EFBIG, EINTR, EINVAL, EISDIR, ENOENT, ENOTDIR, EPERM, EXDEV, O_APPEND, O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY,
  PROC_SUPER_MAGIC, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, SYSFS_MAGIC,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { FileError, isDirectory, isFile, isSymbolicLink, Kstat, Kstatfs, TaskFiles } from '@lsmkit/kernel/files'
import type { DirectoryEntry, Steps } from '@lsmkit/kernel/files'
import type { FsStat, IFileSystem } from 'just-bash'
import { absolute, resolved } from './paths.ts'
import { inSlices } from './slices.ts'

/** What is read at first of a file whose size says nothing, as of those in /proc. */
const FIRST_CHUNK = 65536
const PERMISSIONS = 0o7777
/** Entries that are looked at by one call. */
const MOST_AHEAD = 256
/** What is made up as it is read: nobody wants it among the paths of a glob. */
const PSEUDO = new Set([PROC_SUPER_MAGIC, SYSFS_MAGIC])

type DirentEntry = Awaited<ReturnType<NonNullable<IFileSystem['readdirWithFileTypes']>>>[number]

/** A part of a file, and the descriptor that the rest is read from; -1 when this was the last. */
export interface Piece {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly fd: number
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0

const statOf = ({ mode, size, mtime_sec, mtime_nsec, dev, ino }: Kstat): FsStat => ({
  isFile: (mode & S_IFMT) === S_IFREG,
  isDirectory: (mode & S_IFMT) === S_IFDIR,
  isSymbolicLink: (mode & S_IFMT) === S_IFLNK,
  mode: mode & PERMISSIONS,
  size,
  mtime: new Date(mtime_sec * 1000 + mtime_nsec / 1e6),
  dev,
  ino,
})

const modeOf = (entry: { readonly mode: number }): number => entry.mode & S_IFMT

export class KernelFiles {
  readonly files: TaskFiles
  readonly #kernel: Kernel
  readonly #isOver: () => boolean

  /** `isOver`: nobody waits for what goes on any more. */
  constructor(kernel: Kernel, task: Task, isOver: () => boolean = () => false) {
    this.#kernel = kernel
    this.#isOver = isOver
    this.files = new TaskFiles(kernel, task)
  }

  /** The first piece. EFBIG for a file whose size is more than `most` bytes. */
  read(path: string, most: number, piece: number): Piece {
    const at = absolute(path, 'open')
    return told(null, path, at, () => {
      const fd = this.files.open(at, O_RDONLY)
      try {
        const stat = this.files.fstat(fd)
        if (modeOf(stat) === S_IFDIR) throw new FileError(-EISDIR, 'read', at)
        if (modeOf(stat) === S_IFREG && stat.size > most) throw new FileError(-EFBIG, 'read', at)
        return this.#piece(fd, at, stat.size, Math.min(piece, stat.size > 0 ? stat.size + 1 : FIRST_CHUNK))
      } catch (error) {
        this.files.close(fd)
        throw error
      }
    })
  }

  /** The next piece of a descriptor that `read` gave. */
  more(fd: number, path: string, piece: number): Piece {
    try {
      return this.#piece(fd, path, 0, piece)
    } catch (error) {
      this.files.close(fd)
      throw error
    }
  }

  close(fd: number): void {
    this.files.close(fd)
  }

  /** The file is made, and emptied unless `appends`. `keeps`: there is more to `put` on the descriptor, else -1. */
  write(path: string, bytes: Uint8Array, appends: boolean, keeps: boolean): number {
    const at = absolute(path, appends ? 'append' : 'write')
    const flags = O_WRONLY | O_CREAT | (appends ? O_APPEND : O_TRUNC)
    let kept = -1
    told(null, path, at, () => this.#withParents(at, () => {
      if (keeps) {
        kept = this.files.open(at, flags)
        this.put(kept, bytes, at)
      } else this.files.writeFile(at, bytes, flags)
    }))
    return kept
  }

  /** At where the descriptor stands. It is closed when that is refused. */
  put(fd: number, bytes: Uint8Array, path: string): void {
    try {
      this.files.writeAll(fd, bytes, path)
    } catch (error) {
      this.files.close(fd)
      throw error
    }
  }

  exists(path: string): boolean {
    return !path.includes('\0') && this.files.exists(absolute(path, 'access'))
  }

  stat(path: string): FsStat {
    const at = absolute(path, 'stat')
    return told(null, path, at, () => statOf(this.files.stat(at)))
  }

  lstat(path: string): FsStat {
    const at = absolute(path, 'lstat')
    return told(null, path, at, () => statOf(this.files.lstat(at)))
  }

  /**
   * The status of `path`, and those that follow in its directory, whose names are given: up to the first that is gone.
   * None of them where a module is asked, for it might refuse and record what nobody has asked for. The process has
   * looked at others there, so its way to these is open.
   */
  statAhead(method: 'lstat' | 'stat', path: string, dir: string, names: readonly string[]): FsStat[] {
    const stats = [this[method === 'stat' ? 'stat' : 'lstat'](path)]
    const { machine } = this.#kernel
    if (!machine.isUnused(machine.lsm.inode_getattr)) return stats
    const at = absolute(dir, 'lstat')
    const stat = new Kstat()
    for (const name of names.slice(0, MOST_AHEAD)) {
      if (this.#kernel.sys.lstat(this.files.task, resolved(at, name), stat) !== 0) break
      stats.push(statOf(stat))
    }
    return stats
  }

  mkdir(path: string, recursive: boolean): void {
    const at = absolute(path, 'mkdir')
    told(null, path, at, () => {
      if (recursive) this.files.mkdirs(at)
      else this.files.mkdir(at)
    })
  }

  /** In the order of their names. */
  entries(path: string): DirentEntry[] {
    const at = absolute(path, 'scandir')
    const entries: DirectoryEntry[] = told(null, path, at, () => this.files.readdir(at).sort(byName))
    return entries.map((entry) => ({
      name: entry.name,
      isFile: isFile(entry),
      isDirectory: isDirectory(entry),
      isSymbolicLink: isSymbolicLink(entry),
    }))
  }

  /** A directory that is empty goes without `recursive` too. `force`: nothing has to be there. */
  async rm(path: string, recursive: boolean, force: boolean): Promise<void> {
    const at = absolute(path, 'rm')
    try {
      await toldLater('rm', path, at, async () => {
        if (recursive) await this.#steps(this.files.removeSteps(at))
        else if (modeOf(this.files.lstat(at)) === S_IFDIR) this.files.rmdir(at)
        else this.files.unlink(at)
      })
    } catch (error) {
      if (!force || !(isRefusal(error, ENOENT) || isRefusal(error, ENOTDIR))) throw error
    }
  }

  async cp(src: string, dest: string, recursive: boolean): Promise<void> {
    const [from, to] = [absolute(src, 'cp'), absolute(dest, 'cp')]
    await toldLater('cp', src, from, async () => {
      if (!recursive && modeOf(this.files.lstat(from)) === S_IFDIR) throw new FileError(-EISDIR, 'cp', from)
      await this.#withParentsLater(to, () => this.#steps(this.files.copySteps(from, to)), from)
    })
  }

  /** Between mounts: copied, then removed. */
  async mv(src: string, dest: string): Promise<void> {
    const [from, to] = [absolute(src, 'mv'), absolute(dest, 'mv')]
    await toldLater('mv', src, from, async () => {
      try {
        this.#withParents(to, () => this.files.rename(from, to), from)
      } catch (error) {
        if (!isRefusal(error, EXDEV)) throw error
        await this.#steps(this.files.copySteps(from, to))
        await this.#steps(this.files.removeSteps(from))
      }
    })
  }

  /** All paths that the task may list, except for /proc and /sys. */
  paths(): string[] {
    const paths = ['/']
    const walk = (dir: string): void => {
      for (const { path, isDir } of this.#listed(dir)) {
        paths.push(path)
        if (isDir) walk(path)
      }
    }
    walk('/')
    return paths
  }

  chmod(path: string, mode: number): void {
    const at = absolute(path, 'chmod')
    told(null, path, at, () => this.files.chmod(at, mode))
  }

  symlink(target: string, linkPath: string): void {
    const at = absolute(linkPath, 'symlink')
    told('symlink', linkPath, target, () => this.#withParents(at, () => this.files.symlink(target, at)))
  }

  link(existingPath: string, newPath: string): void {
    const [from, to] = [absolute(existingPath, 'link'), absolute(newPath, 'link')]
    try {
      told('link', existingPath, from, () => {
        if (modeOf(this.files.lstat(from)) === S_IFDIR) throw new FileError(-EPERM, 'link', from)
        this.#withParents(to, () => this.files.link(from, to), from)
      })
    } catch (error) {
      throw isRefusal(error, EEXIST) ? new FileError(-EEXIST, 'link', newPath) : error
    }
  }

  readlink(path: string): string {
    const at = absolute(path, 'readlink')
    return told(null, path, at, () => this.files.readlink(at))
  }

  realpath(path: string): string {
    const at = absolute(path, 'realpath')
    return told(null, path, at, () => this.files.realpath(at))
  }

  /** Milliseconds since the epoch. */
  utimes(path: string, atime: number, mtime: number): void {
    const at = absolute(path, 'utimes')
    told('utimes', path, at, () => this.files.utimes(at, atime, mtime))
  }

  /** Reads until `length` bytes are there, or the file ends. `size`: what the file says it holds. */
  #piece(fd: number, path: string, size: number, length: number): Piece {
    const bytes = new Uint8Array(length)
    for (let used = 0; used < length;) {
      const n = this.#bytes(fd, used === 0 ? bytes : bytes.subarray(used), path)
      used += n
      if (n > 0 && !(size > 0 && used >= size && used < length)) continue
      this.files.close(fd)
      return { bytes: bytes.subarray(0, used), fd: -1 }
    }
    return { bytes, fd }
  }

  #bytes(fd: number, buffer: Uint8Array, path: string): number {
    try {
      return this.files.read(fd, buffer)
    } catch (error) {
      throw error instanceof FileError ? new FileError(error.errno, 'read', path) : error
    }
  }

  #steps(steps: Steps): Promise<void> {
    return inSlices(steps, () => {
      if (this.#isOver()) throw new FileError(-EINTR, 'read')
    })
  }

  /** As all file systems of just-bash: directories that are missing on the way to a new name are made. */
  #withParents(path: string, make: () => void, source?: string): void {
    try {
      make()
    } catch (error) {
      this.#makeParents(error, path, source)
      make()
    }
  }

  async #withParentsLater(path: string, make: () => Promise<void>, source: string): Promise<void> {
    try {
      await make()
    } catch (error) {
      this.#makeParents(error, path, source)
      await make()
    }
  }

  /** Throws `error` where directories are not what is missing: it may be the `source`. */
  #makeParents(error: unknown, path: string, source: string | undefined): void {
    const parent = path.slice(0, path.lastIndexOf('/'))
    if (!isRefusal(error, ENOENT) || parent === '' || this.files.exists(parent)) throw error
    if (source !== undefined) this.files.lstat(source)
    if (path.startsWith(`${source}/`)) throw new FileError(-EINVAL, 'rename', source)
    try {
      this.files.mkdirs(parent)
    } catch (refused) {
      throw isRefusal(refused, EEXIST) ? error : refused
    }
  }

  #listed(dir: string): { readonly path: string; readonly isDir: boolean }[] {
    const { sys } = this.#kernel
    const statfs = new Kstatfs()
    if (sys.statfs(this.files.task, dir, statfs) !== 0 || PSEUDO.has(statfs.f_type)) return []
    try {
      return this.files.readdir(dir).sort(byName).map((entry) => ({
        path: resolved(dir, entry.name), isDir: isDirectory(entry),
      }))
    } catch (error) {
      if (error instanceof FileError) return []
      throw error
    }
  }
}

const isRefusal = (error: unknown, errno: number): boolean => error instanceof FileError && error.errno === -errno

/** The error says the method where the call has another name, and the path `at` as it was given. */
const saying = (error: unknown, method: string | null, given: string, at: string): unknown => {
  if (!(error instanceof FileError)) return error
  const { errno, syscall, path } = error
  return new FileError(errno, method ?? syscall, path === at || path === undefined ? given : path)
}

const told = <T>(method: string | null, given: string, at: string, ask: () => T): T => {
  try {
    return ask()
  } catch (error) {
    throw saying(error, method, given, at)
  }
}

const toldLater = async (method: string, given: string, at: string, ask: () => Promise<void>): Promise<void> => {
  try {
    await ask()
  } catch (error) {
    throw saying(error, method, given, at)
  }
}

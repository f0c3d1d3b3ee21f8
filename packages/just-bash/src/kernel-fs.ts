/**
 * The file system of a kernel as just-bash wants one: each method is system calls of one task, so the modes of files
 * and every module of the stack are asked. Errors are Node's; they name the method, as just-bash's own do.
 */
import {
  EEXIST, EINVAL, EISDIR, ENOENT, ENOTDIR, EPERM, EXDEV, PROC_SUPER_MAGIC, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG,
  SYSFS_MAGIC,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { Kstatfs } from '@lsmkit/kernel'
import type { Kernel, Kstat } from '@lsmkit/kernel'
import { FileError, isDirectory, isFile, isSymbolicLink, TaskFiles } from '@lsmkit/kernel/files'
import type { DirectoryEntry } from '@lsmkit/kernel/files'
import type { FsStat, IFileSystem } from 'just-bash'
import { bytesOf, byteString, encodingOf, textOf } from './encoding.ts'
import { absolute, resolved } from './paths.ts'

type Method<N extends keyof IFileSystem> = NonNullable<IFileSystem[N]>

const PERMISSIONS = 0o7777
/** What is made up as it is read: nobody wants it among the paths of a glob. */
const PSEUDO = new Set([PROC_SUPER_MAGIC, SYSFS_MAGIC])

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

export class KernelFs implements IFileSystem {
  readonly kernel: Kernel
  readonly task: Task
  readonly files: TaskFiles

  constructor(kernel: Kernel, task: Task) {
    this.kernel = kernel
    this.task = task
    this.files = new TaskFiles(kernel, task)
  }

  async readFile(...[path, options]: Parameters<Method<'readFile'>>): Promise<string> {
    return textOf(this.#read(path), encodingOf(options))
  }

  async readFileBytes(path: string): ReturnType<Method<'readFileBytes'>> {
    return byteString(this.#read(path))
  }

  async readFileBuffer(path: string): Promise<Uint8Array> {
    return this.#read(path)
  }

  async writeFile(...[path, content, options]: Parameters<Method<'writeFile'>>): Promise<void> {
    const at = absolute(path, 'write')
    const bytes = bytesOf(content, encodingOf(options))
    told(null, path, at, () => this.#withParents(at, () => this.files.writeFile(at, bytes)))
  }

  async appendFile(...[path, content, options]: Parameters<Method<'appendFile'>>): Promise<void> {
    const at = absolute(path, 'append')
    const bytes = bytesOf(content, encodingOf(options))
    told(null, path, at, () => this.#withParents(at, () => this.files.appendFile(at, bytes)))
  }

  async exists(path: string): Promise<boolean> {
    return !path.includes('\0') && this.files.exists(absolute(path, 'access'))
  }

  async stat(path: string): Promise<FsStat> {
    const at = absolute(path, 'stat')
    return told(null, path, at, () => statOf(this.files.stat(at)))
  }

  async lstat(path: string): Promise<FsStat> {
    const at = absolute(path, 'lstat')
    return told(null, path, at, () => statOf(this.files.lstat(at)))
  }

  async mkdir(...[path, options]: Parameters<Method<'mkdir'>>): Promise<void> {
    const at = absolute(path, 'mkdir')
    told(null, path, at, () => {
      if (options?.recursive === true) this.files.mkdirs(at)
      else this.files.mkdir(at)
    })
  }

  async readdir(path: string): Promise<string[]> {
    return this.#entries(path).map(({ name }) => name)
  }

  async readdirWithFileTypes(path: string): ReturnType<Method<'readdirWithFileTypes'>> {
    return this.#entries(path).map((entry) => ({
      name: entry.name,
      isFile: isFile(entry),
      isDirectory: isDirectory(entry),
      isSymbolicLink: isSymbolicLink(entry),
    }))
  }

  /** A directory that is empty goes without `recursive` too. */
  async rm(...[path, options]: Parameters<Method<'rm'>>): Promise<void> {
    const at = absolute(path, 'rm')
    try {
      told('rm', path, at, () => {
        if (options?.recursive === true) this.files.remove(at)
        else if ((this.files.lstat(at).mode & S_IFMT) === S_IFDIR) this.files.rmdir(at)
        else this.files.unlink(at)
      })
    } catch (error) {
      if (options?.force !== true || !(isRefusal(error, ENOENT) || isRefusal(error, ENOTDIR))) throw error
    }
  }

  async cp(...[src, dest, options]: Parameters<Method<'cp'>>): Promise<void> {
    const [from, to] = [absolute(src, 'cp'), absolute(dest, 'cp')]
    told('cp', src, from, () => {
      if (options?.recursive !== true && (this.files.lstat(from).mode & S_IFMT) === S_IFDIR) {
        throw new FileError(-EISDIR, 'cp', from)
      }
      this.#withParents(to, () => this.files.copyTree(from, to), from)
    })
  }

  /** Between mounts: copied, then removed. */
  async mv(src: string, dest: string): Promise<void> {
    const [from, to] = [absolute(src, 'mv'), absolute(dest, 'mv')]
    told('mv', src, from, () => {
      try {
        this.#withParents(to, () => this.files.rename(from, to), from)
      } catch (error) {
        if (!isRefusal(error, EXDEV)) throw error
        this.files.copyTree(from, to)
        this.files.remove(from)
      }
    })
  }

  resolvePath(base: string, path: string): string {
    return resolved(base, path)
  }

  /** All that the task may list, but for /proc and /sys. */
  getAllPaths(): string[] {
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

  async chmod(path: string, mode: number): Promise<void> {
    const at = absolute(path, 'chmod')
    told(null, path, at, () => this.files.chmod(at, mode))
  }

  async symlink(target: string, linkPath: string): Promise<void> {
    const at = absolute(linkPath, 'symlink')
    told('symlink', linkPath, target, () => this.#withParents(at, () => this.files.symlink(target, at)))
  }

  async link(existingPath: string, newPath: string): Promise<void> {
    const [from, to] = [absolute(existingPath, 'link'), absolute(newPath, 'link')]
    try {
      told('link', existingPath, from, () => {
        if ((this.files.lstat(from).mode & S_IFMT) === S_IFDIR) throw new FileError(-EPERM, 'link', from)
        this.#withParents(to, () => this.files.link(from, to), from)
      })
    } catch (error) {
      throw isRefusal(error, EEXIST) ? new FileError(-EEXIST, 'link', newPath) : error
    }
  }

  async readlink(path: string): Promise<string> {
    const at = absolute(path, 'readlink')
    return told(null, path, at, () => this.files.readlink(at))
  }

  async realpath(path: string): Promise<string> {
    const at = absolute(path, 'realpath')
    return told(null, path, at, () => this.files.realpath(at))
  }

  async utimes(path: string, atime: Date, mtime: Date): Promise<void> {
    const at = absolute(path, 'utimes')
    told('utimes', path, at, () => this.files.utimes(at, atime.getTime(), mtime.getTime()))
  }

  #read(path: string): Uint8Array<ArrayBuffer> {
    const at = absolute(path, 'open')
    return told(null, path, at, () => this.files.readFile(at))
  }

  #entries(path: string): DirectoryEntry[] {
    const at = absolute(path, 'scandir')
    return told(null, path, at, () => this.files.readdir(at).sort(byName))
  }

  /**
   * As all file systems of just-bash: directories that are missing on the way to a new name are made, unless it is
   * the `source` that is missing.
   */
  #withParents(path: string, make: () => void, source?: string): void {
    try {
      make()
    } catch (error) {
      const parent = path.slice(0, path.lastIndexOf('/'))
      if (!isRefusal(error, ENOENT) || parent === '' || this.files.exists(parent)) throw error
      if (source !== undefined) this.files.lstat(source)
      if (path.startsWith(`${source}/`)) throw new FileError(-EINVAL, 'rename', source)
      try {
        this.files.mkdirs(parent)
      } catch (refused) {
        throw isRefusal(refused, EEXIST) ? error : refused
      }
      make()
    }
  }

  #listed(dir: string): { readonly path: string; readonly isDir: boolean }[] {
    const { kernel: { sys }, task } = this
    const statfs = new Kstatfs()
    if (sys.statfs(task, dir, statfs) !== 0 || PSEUDO.has(statfs.f_type)) return []
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

/** An error tells the method where the call has another name, and the path `at` as it was given. */
const told = <T>(method: string | null, given: string, at: string, ask: () => T): T => {
  try {
    return ask()
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    const { errno, syscall, path } = error
    throw new FileError(errno, method ?? syscall, path === at || path === undefined ? given : path)
  }
}

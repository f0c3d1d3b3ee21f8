/**
 * The file system of a kernel as just-bash wants one: each method is system calls of one task, so the modes of files
 * and every module of the stack are asked. Errors are Node's.
 */
import {
  EISDIR, ENOENT, EXDEV, PROC_SUPER_MAGIC, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, SYSFS_MAGIC,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { Kstatfs } from '@lsmkit/kernel'
import type { Kernel, Kstat } from '@lsmkit/kernel'
import { FileError, isDirectory, isFile, isSymbolicLink, TaskFiles } from '@lsmkit/kernel/files'
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
    return textOf(this.files.readFile(absolute(path, 'open')), encodingOf(options))
  }

  async readFileBytes(path: string): ReturnType<Method<'readFileBytes'>> {
    return byteString(this.files.readFile(absolute(path, 'open')))
  }

  async readFileBuffer(path: string): Promise<Uint8Array> {
    return this.files.readFile(absolute(path, 'open'))
  }

  /** As all file systems of just-bash: directories that are missing on the way are made. */
  async writeFile(...[path, content, options]: Parameters<Method<'writeFile'>>): Promise<void> {
    const at = absolute(path, 'open')
    const bytes = bytesOf(content, encodingOf(options))
    this.#withParents(at, () => this.files.writeFile(at, bytes))
  }

  async appendFile(...[path, content, options]: Parameters<Method<'appendFile'>>): Promise<void> {
    const at = absolute(path, 'open')
    const bytes = bytesOf(content, encodingOf(options))
    this.#withParents(at, () => this.files.appendFile(at, bytes))
  }

  async exists(path: string): Promise<boolean> {
    return !path.includes('\0') && this.files.exists(absolute(path, 'access'))
  }

  async stat(path: string): Promise<FsStat> {
    return statOf(this.files.stat(absolute(path, 'stat')))
  }

  async lstat(path: string): Promise<FsStat> {
    return statOf(this.files.lstat(absolute(path, 'lstat')))
  }

  async mkdir(...[path, options]: Parameters<Method<'mkdir'>>): Promise<void> {
    const at = absolute(path, 'mkdir')
    if (options?.recursive === true) this.files.mkdirs(at)
    else this.files.mkdir(at)
  }

  async readdir(path: string): Promise<string[]> {
    return this.files.readdir(absolute(path, 'scandir')).map(({ name }) => name).sort()
  }

  async readdirWithFileTypes(path: string): ReturnType<Method<'readdirWithFileTypes'>> {
    return this.files.readdir(absolute(path, 'scandir')).map((entry) => ({
      name: entry.name,
      isFile: isFile(entry),
      isDirectory: isDirectory(entry),
      isSymbolicLink: isSymbolicLink(entry),
    })).sort(byName)
  }

  /** A directory that is empty goes without `recursive` too. */
  async rm(...[path, options]: Parameters<Method<'rm'>>): Promise<void> {
    const at = absolute(path, 'rm')
    try {
      if (options?.recursive === true) this.files.remove(at)
      else if ((this.files.lstat(at).mode & S_IFMT) === S_IFDIR) this.files.rmdir(at)
      else this.files.unlink(at)
    } catch (error) {
      if (options?.force !== true || !isMissing(error)) throw error
    }
  }

  async cp(...[src, dest, options]: Parameters<Method<'cp'>>): Promise<void> {
    const [from, to] = [absolute(src, 'cp'), absolute(dest, 'cp')]
    if (options?.recursive !== true && (this.files.lstat(from).mode & S_IFMT) === S_IFDIR) {
      throw new FileError(-EISDIR, 'cp', from, to)
    }
    this.files.copyTree(from, to)
  }

  /** Between mounts: copied, then removed. */
  async mv(src: string, dest: string): Promise<void> {
    const [from, to] = [absolute(src, 'mv'), absolute(dest, 'mv')]
    try {
      this.files.rename(from, to)
    } catch (error) {
      if (!(error instanceof FileError && error.errno === -EXDEV)) throw error
      this.files.copyTree(from, to)
      this.files.remove(from)
    }
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
    this.files.chmod(absolute(path, 'chmod'), mode)
  }

  async symlink(target: string, linkPath: string): Promise<void> {
    this.files.symlink(target, absolute(linkPath, 'symlink'))
  }

  async link(existingPath: string, newPath: string): Promise<void> {
    this.files.link(absolute(existingPath, 'link'), absolute(newPath, 'link'))
  }

  async readlink(path: string): Promise<string> {
    return this.files.readlink(absolute(path, 'readlink'))
  }

  async realpath(path: string): Promise<string> {
    return this.files.realpath(absolute(path, 'realpath'))
  }

  async utimes(path: string, atime: Date, mtime: Date): Promise<void> {
    this.files.utimes(absolute(path, 'utimes'), atime.getTime(), mtime.getTime())
  }

  #withParents(path: string, write: () => void): void {
    try {
      write()
    } catch (error) {
      const parent = path.slice(0, path.lastIndexOf('/'))
      if (!isMissing(error) || parent === '' || this.files.exists(parent)) throw error
      this.files.mkdirs(parent)
      write()
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

const isMissing = (error: unknown): boolean => error instanceof FileError && error.errno === -ENOENT

/**
 * A folder of the host for who works on it from outside of a kernel: contents of files are staged, put in their place
 * and taken away. Every name is used below an open descriptor of its folder, so no link is followed anywhere, and
 * nothing outside of the folder is reached, whatever the owner of the folder does meanwhile.
 */
import {
  closeSync, constants, fchmodSync, fchownSync, fstatSync, fsyncSync, linkSync, lstatSync, mkdirSync, openSync,
  readdirSync, readlinkSync, readSync, renameSync, rmdirSync, symlinkSync, unlinkSync, writeSync,
} from 'node:fs'
import type { BigIntStats } from 'node:fs'
import { ELOOP, ENOENT, ENOTDIR, EOPNOTSUPP, ESTALE, O_PATH } from '@lsmkit/abi'
import { decodeName, encodeName } from '../../state/vfs/names.ts'
import { rcOf } from './host-error.ts'
import { isPlainName } from './host-node.ts'
import type { LabelSpace } from './host-node.ts'
import { onLinux, pathBelow, pathOfFd } from './host-paths.ts'
import { TreeLabels } from './tree-labels.ts'

const { O_CREAT, O_DIRECTORY = 0, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDONLY, O_WRONLY } = constants
/** Open folders that are kept for the next name. */
const KEPT = 64
const PERMISSIONS = 0o777
const NAMED: ReadonlySet<number> = new Set([-ENOENT, -ENOTDIR, -ELOOP])

/** Makes an error of a negative number, which it has as `errno`. */
export type RefuseHostCall = (errno: number, syscall: string, path: string) => Error

/** A name of the folder. Device and inode number show whether it is still the same file. */
export interface HostTreeStat {
  /** `other`: a device, a FIFO, a socket. */
  readonly kind: 'dir' | 'file' | 'link' | 'other'
  readonly dev: bigint
  readonly ino: bigint
  /** Bytes. */
  readonly size: number
  /** The permissions alone. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Nanoseconds since 1970. */
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
}

const statOf = (stats: BigIntStats): HostTreeStat => ({
  kind: stats.isDirectory() ? 'dir' : stats.isFile() ? 'file' : stats.isSymbolicLink() ? 'link' : 'other',
  dev: stats.dev, ino: stats.ino, size: Number(stats.size), mode: Number(stats.mode) & PERMISSIONS,
  uid: Number(stats.uid), gid: Number(stats.gid), mtimeNs: stats.mtimeNs, ctimeNs: stats.ctimeNs,
})

/** A file of the folder that is open. */
export class HostTreeFile {
  readonly #fd: number

  constructor(fd: number) {
    this.#fd = fd
  }

  get stat(): HostTreeStat {
    return statOf(fstatSync(this.#fd, { bigint: true }))
  }

  /** How many bytes; 0 at the end. */
  read(buffer: Uint8Array, position: number): number {
    return readSync(this.#fd, buffer, 0, buffer.length, position)
  }

  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at)
  }

  /** With the owner of the file that it will replace, where the host lets us. */
  finish(mode: number, owner: HostTreeStat | null): void {
    const own = this.stat
    if (owner !== null && (owner.uid !== own.uid || owner.gid !== own.gid)) {
      try {
        fchownSync(this.#fd, owner.uid, owner.gid)
      } catch {
        // only root may; the file is ours then, as with any editor
      }
    }
    fchmodSync(this.#fd, mode & PERMISSIONS)
    fsyncSync(this.#fd)
  }

  close(): void {
    closeSync(this.#fd)
  }
}

/**
 * Paths are relative to the folder, without `.` and `..`; `''` is the folder itself. All methods throw errors that
 * `refuse` makes. It needs a Linux host, which alone can work below a descriptor.
 */
export class HostTree {
  #root: number
  readonly #refuse: RefuseHostCall
  readonly #labels: TreeLabels | null
  /** Open folders by path, least recently used first. */
  readonly #kept = new Map<string, number>()

  /**
   * `path` is opened once; the tree stays on that folder. `labels`: where labels of modules are kept, which needs
   * native calls; null for nowhere. Throws the host's error, or HostfsError; `refuse` makes all later ones.
   */
  constructor(path: string, refuse: RefuseHostCall, labels: LabelSpace | null = null) {
    this.#refuse = refuse
    this.#labels = labels === null ? null : new TreeLabels(labels)
    if (!onLinux) throw new Error('only a folder of a Linux host can be worked on below descriptors')
    this.#root = openSync(path, O_PATH | O_DIRECTORY)
    given.register(this, this.#root, this)
  }

  /** For `hostfs`: this very folder, wherever it is moved, while the tree is open. */
  get path(): string {
    return `${pathOfFd(this.#root)}/`
  }

  /** Where the folder lies on the host by now, without a link. */
  get realPath(): string {
    return readlinkSync(pathOfFd(this.#root))
  }

  /** Gives open folders back. The next name is looked up from the root again. */
  forget(): void {
    for (const fd of this.#kept.values()) closeSync(fd)
    this.#kept.clear()
  }

  close(): void {
    if (this.#root < 0) return
    this.forget()
    given.unregister(this)
    closeSync(this.#root)
    this.#root = -1
  }

  get rootStat(): HostTreeStat {
    return statOf(fstatSync(this.#root, { bigint: true }))
  }

  /** Null if there is nothing, and if a name on the way is not a folder. */
  stat(path: string): HostTreeStat | null {
    if (path === '') return this.rootStat
    try {
      return this.#at(path, 'lstat', (at) => {
        const stats = lstatSync(at, { bigint: true, throwIfNoEntry: false })
        return stats === undefined ? null : statOf(stats)
      })
    } catch (error) {
      if (NAMED.has((error as { errno?: number }).errno ?? 0)) return null
      throw error
    }
  }

  list(path: string): string[] {
    const fd = this.#folder(path)
    return this.#tried('readdir', path, () =>
      readdirSync(`${pathOfFd(fd)}/`, { encoding: 'buffer' }).map((name) => decodeName(name)))
  }

  readlink(path: string): string {
    return this.#at(path, 'readlink', (at) => decodeName(readlinkSync(at, { encoding: 'buffer' })))
  }

  /** For reading. Never waits, and opens files alone. */
  open(path: string): HostTreeFile {
    return this.#opened(path, O_RDONLY)
  }

  /** A new file that only we can read until it is finished. */
  create(path: string): HostTreeFile {
    return this.#opened(path, O_WRONLY | O_CREAT | O_EXCL)
  }

  mkdir(path: string, mode: number): void {
    this.#at(path, 'mkdir', (at) => mkdirSync(at, mode & PERMISSIONS))
    // the process's mask does not count
    this.chmod(path, mode)
  }

  symlink(text: string, path: string): void {
    this.#at(path, 'symlink', (at) => symlinkSync(Buffer.from(encodeName(text)), at))
  }

  /** Not over a name that is there: EEXIST. */
  link(path: string, to: string): void {
    this.#both('link', path, to, linkSync)
  }

  /** In place of what has the name, in one step. */
  rename(path: string, to: string): void {
    this.#both('rename', path, to, renameSync)
    for (const known of [...this.#kept.keys()]) if (isWithin(known, path) || isWithin(known, to)) this.#drop(known)
  }

  unlink(path: string): void {
    this.#at(path, 'unlink', (at) => unlinkSync(at))
  }

  rmdir(path: string): void {
    this.#drop(path)
    this.#at(path, 'rmdir', (at) => rmdirSync(at))
  }

  /** Of a file or a folder. */
  chmod(path: string, mode: number): void {
    const change = (at: Buffer | string): void => {
      const fd = openSync(at, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
      try {
        fchmodSync(fd, mode & PERMISSIONS)
      } finally {
        closeSync(fd)
      }
    }
    if (path === '') this.#tried('chmod', path, () => change(this.path))
    else this.#at(path, 'chmod', change)
  }

  /** Whether the folder keeps labels of such a file. */
  keepsLabels(kind: 'dir' | 'file' | 'link'): boolean {
    return this.#labels?.keeps(kind) ?? false
  }

  /** A label of a module; `name` stands behind `security.` in its name. Null where the file has no such label. */
  label(path: string, name: string): Uint8Array | null {
    const value = this.#onLabels(path, 'getxattr', (labels, fd) => labels.get(fd, name))
    if (typeof value === 'number') throw this.#refuse(value, 'getxattr', path)
    return value
  }

  /** Sets a label, or removes it (null). */
  setLabel(path: string, name: string, value: Uint8Array | null): void {
    const rc = this.#onLabels(path, 'setxattr', (labels, fd) => labels.set(fd, name, value))
    if (rc !== 0) throw this.#refuse(rc, 'setxattr', path)
  }

  #onLabels<T>(path: string, call: string, act: (labels: TreeLabels, fd: number) => T): T {
    const labels = this.#labels
    if (labels === null) throw this.#refuse(-EOPNOTSUPP, call, path)
    if (path === '') return act(labels, this.#root)
    return this.#at(path, call, (at) => {
      const fd = openSync(at, O_PATH | O_NOFOLLOW)
      try {
        return act(labels, fd)
      } finally {
        closeSync(fd)
      }
    })
  }

  #opened(path: string, flags: number): HostTreeFile {
    return this.#at(path, 'open', (at) => {
      const fd = openSync(at, flags | O_NOFOLLOW | O_NONBLOCK, 0o600)
      if (fstatSync(fd).isFile()) return new HostTreeFile(fd)
      closeSync(fd)
      throw Object.assign(new Error('not a file'), { code: 'ESTALE' })
    })
  }

  /** Does `act` with a path of the host that cannot lead out of the folder. */
  #at<T>(path: string, call: string, act: (at: Buffer | string) => T): T {
    const [dir, name] = splitPath(path)
    if (!isPlainName(name)) throw this.#refuse(-ENOENT, call, path)
    const fd = this.#folder(dir)
    return this.#tried(call, path, () => act(pathBelow(fd, name)))
  }

  #both(
    call: string, path: string, to: string, act: (from: Buffer | string, to: Buffer | string) => void,
  ): void {
    const [dir, name] = splitPath(path)
    if (!isPlainName(name)) throw this.#refuse(-ENOENT, call, path)
    // a descriptor of its own: the walk to the other folder may give back those that are kept
    const above = this.#folder(dir)
    const own = this.#tried(call, path, () => openSync(`${pathOfFd(above)}/`, O_PATH | O_DIRECTORY))
    try {
      this.#at(to, call, (at) => act(pathBelow(own, name), at))
    } finally {
      closeSync(own)
    }
  }

  /** A descriptor of the folder, by a walk from the root in which no link is followed. */
  #folder(path: string): number {
    if (this.#root < 0) throw this.#refuse(-ESTALE, 'open', path)
    if (path === '') return this.#root
    const known = this.#kept.get(path)
    if (known !== undefined) {
      this.#kept.delete(path)
      this.#kept.set(path, known)
      return known
    }
    const [dir, name] = splitPath(path)
    if (!isPlainName(name)) throw this.#refuse(-ENOENT, 'open', path)
    const above = this.#folder(dir)
    const fd = this.#tried('open', path, () => openSync(pathBelow(above, name), O_PATH | O_NOFOLLOW | O_DIRECTORY))
    this.#kept.set(path, fd)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > KEPT) this.#drop(oldest!)
    return fd
  }

  #drop(path: string): void {
    const fd = this.#kept.get(path)
    if (fd === undefined) return
    this.#kept.delete(path)
    closeSync(fd)
  }

  #tried<T>(call: string, path: string, act: () => T): T {
    try {
      return act()
    } catch (error) {
      throw this.#refuse(rcOf(error), call, path)
    }
  }
}

/** Descriptors of trees that nobody has any more. */
const given = new FinalizationRegistry<number>((fd) => closeSync(fd))

const isWithin = (path: string, top: string): boolean => path === top || path.startsWith(`${top}/`)

const splitPath = (path: string): [dir: string, name: string] => {
  const at = path.lastIndexOf('/')
  return at < 0 ? ['', path] : [path.slice(0, at), path.slice(at + 1)]
}

/**
 * A folder of the host for who works on it from outside of a kernel: contents of files are staged, put in their place
 * and taken away. Every name is used below an open descriptor of its folder, so no link is followed anywhere, and
 * nothing outside of the folder is reached, whatever the owner of the folder does meanwhile.
 */
import { closeSync, constants, openSync, readlinkSync } from 'node:fs'
import { ELOOP, ENOENT, ENOTDIR, EOPNOTSUPP, ESTALE, O_PATH } from '@lsmkit/abi'
import type { HostCalls, Place } from './host-calls.ts'
import { isPlainName } from './host-node.ts'
import type { LabelSpace } from './host-node.ts'
import { onLinux, pathOfFd } from './host-paths.ts'
import { HostTreeFile, PERMISSIONS, treeStatOf } from './host-tree-file.ts'
import type { HostTreeStat } from './host-tree-file.ts'
import { nativeCalls } from './native.ts'
import { nodeCalls } from './node-calls.ts'
import { TreeLabels } from './tree-labels.ts'

const { O_CREAT, O_DIRECTORY = 0, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDONLY, O_WRONLY } = constants
/** Open folders that are kept for the next name. */
const KEPT = 64
const NAMED: ReadonlySet<number> = new Set([-ENOENT, -ENOTDIR, -ELOOP])

/** Makes an error of a negative number, which it has as `errno`. */
export type RefuseHostCall = (errno: number, syscall: string, path: string) => Error

/**
 * Paths are relative to the folder, without `.` and `..`; `''` is the folder itself. All methods throw errors that
 * `refuse` makes. It needs a Linux host, which alone can work below a descriptor.
 */
export class HostTree {
  #root: number
  readonly #refuse: RefuseHostCall
  readonly #labels: TreeLabels | null
  readonly #calls: HostCalls
  /** Open folders by path, least recently used first. */
  readonly #kept = new Map<string, number>()

  /**
   * `path` is opened once; the tree stays on that folder. `labels`: where labels of modules are kept, which needs
   * native calls; null for nowhere. `native`: the host is asked by system calls, as `hostfs` may. Throws the host's
   * error, or HostfsError; `refuse` makes all later ones.
   */
  constructor(path: string, refuse: RefuseHostCall, labels: LabelSpace | null = null, native = labels !== null) {
    this.#refuse = refuse
    this.#calls = native ? nativeCalls() : nodeCalls
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
    return treeStatOf(this.#checked(this.#calls.fstat(this.#root), 'fstat', ''))
  }

  /** Null if there is nothing, and if a name on the way is not a folder. */
  stat(path: string): HostTreeStat | null {
    if (path === '') return this.rootStat
    try {
      return treeStatOf(this.#at(path, 'lstat', this.#calls.stat))
    } catch (error) {
      if (NAMED.has((error as { errno?: number }).errno ?? 0)) return null
      throw error
    }
  }

  list(path: string): string[] {
    return this.#checked(this.#calls.names(this.#folder(path)), 'readdir', path)
  }

  readlink(path: string): string {
    return this.#at(path, 'readlink', this.#calls.readlink)
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
    this.#at(path, 'mkdir', (at) => this.#calls.mkdir(at, mode & PERMISSIONS))
    // the process's mask does not count
    this.chmod(path, mode)
  }

  symlink(text: string, path: string): void {
    this.#at(path, 'symlink', (at) => this.#calls.symlink(text, at))
  }

  /** Not over a name that is there: EEXIST. */
  link(path: string, to: string): void {
    this.#both('link', path, to, this.#calls.link)
  }

  /** In place of what has the name, in one step. */
  rename(path: string, to: string): void {
    this.#both('rename', path, to, this.#calls.rename)
    for (const known of [...this.#kept.keys()]) if (isWithin(known, path) || isWithin(known, to)) this.#drop(known)
  }

  unlink(path: string): void {
    this.#at(path, 'unlink', this.#calls.unlink)
  }

  rmdir(path: string): void {
    this.#drop(path)
    this.#at(path, 'rmdir', this.#calls.rmdir)
  }

  /** Of a file or a folder. */
  chmod(path: string, mode: number): void {
    const how = this.#calls.changesByName ? O_PATH | O_NOFOLLOW : O_RDONLY | O_NOFOLLOW | O_NONBLOCK
    const change = (fd: number): number => this.#using(fd, () => this.#calls.chmod(fd, mode & PERMISSIONS))
    if (path === '') this.#checked(change(this.#calls.reopen(this.#root, O_RDONLY | O_DIRECTORY)), 'chmod', path)
    else this.#at(path, 'chmod', (at) => change(this.#calls.open(at, how, 0)))
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
    const fd = this.#at(path, call, (at) => this.#calls.open(at, O_PATH | O_NOFOLLOW, 0))
    return this.#using(fd, () => act(labels, fd)) as T
  }

  /** Gives the descriptor back afterwards. A number below 0 is passed on instead. */
  #using<T>(fd: number, act: () => T): T | number {
    if (fd < 0) return fd
    try {
      return act()
    } finally {
      this.#calls.close(fd)
    }
  }

  #opened(path: string, flags: number): HostTreeFile {
    const fd = this.#at(path, 'open', (at) => this.#calls.open(at, flags | O_NOFOLLOW | O_NONBLOCK, 0o600))
    const stats = this.#calls.fstatQuickly(fd)
    if (typeof stats !== 'number' && stats.isFile()) return new HostTreeFile(fd)
    this.#calls.close(fd)
    throw this.#refuse(-ESTALE, 'open', path)
  }

  /** Does `act` with a name of the host that cannot lead out of the folder. */
  #at<T>(path: string, call: string, act: (at: Place) => T | number): T {
    const [dir, name] = splitPath(path)
    if (!isPlainName(name)) throw this.#refuse(-ENOENT, call, path)
    return this.#checked(act(this.#calls.place(this.#folder(dir), name)), call, path)
  }

  #both(call: string, path: string, to: string, act: (from: Place, to: Place) => number): void {
    const [dir, name] = splitPath(path)
    if (!isPlainName(name)) throw this.#refuse(-ENOENT, call, path)
    // a descriptor of its own: the walk to the other folder may give back those that are kept
    const own = this.#checked(this.#calls.reopen(this.#folder(dir), O_PATH | O_DIRECTORY), call, path)
    this.#using(own, () => this.#at(to, call, (at) => act(this.#calls.place(own, name), at)))
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
    const place = this.#calls.place(above, name)
    const fd = this.#checked(this.#calls.open(place, O_PATH | O_NOFOLLOW | O_DIRECTORY, 0), 'open', path)
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

  /** Throws for a number below 0. */
  #checked<T>(result: T | number, call: string, path: string): T {
    if (typeof result === 'number' && result < 0) throw this.#refuse(result, call, path)
    return result as T
  }
}

/** Descriptors of trees that nobody has any more. */
const given = new FinalizationRegistry<number>((fd) => closeSync(fd))

const isWithin = (path: string, top: string): boolean => path === top || path.startsWith(`${top}/`)

const splitPath = (path: string): [dir: string, name: string] => {
  const at = path.lastIndexOf('/')
  return at < 0 ? ['', path] : [path.slice(0, at), path.slice(at + 1)]
}

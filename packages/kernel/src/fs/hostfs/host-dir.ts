/**
 * A folder of the host and what lies below it, reached so that no symbolic link of the host is ever followed.
 *
 * On Linux a place is an open descriptor of its folder and one name: `/proc/PID/fd/N/name`, opened with O_NOFOLLOW.
 * From the root descriptor down every step is such an open, and every step checks that the thing found is the one that
 * was found before (device and inode number), so that a folder which somebody swaps for a link, or for another folder,
 * leads nowhere (-ESTALE) rather than outside.
 *
 * Other hosts have no way to open below a descriptor. There each component is looked at with lstat before the whole
 * path is opened, and the open file is compared with what was seen: a process of the host that swaps a component
 * between the two can make the open of a file outside happen, but its contents are not handed out unless device and
 * inode number agree.
 */
import { constants, fstatSync, lstatSync, readdirSync, readlinkSync, readSync } from 'node:fs'
import type { BigIntStats } from 'node:fs'
import { join } from 'node:path'
import {
  DT_DIR, DT_LNK, DT_REG, DT_UNKNOWN, EACCES, ELOOP, ENOENT, ENOTDIR, ESTALE, O_PATH,
} from '@lsmkit/abi'
import { decodeName, encodeName } from '../../vfs/names.ts'
import { changeTime, isSettled, keepsTimes } from './change-times.ts'
import { closeWith, HostDescriptors, rcOf } from './host-descriptors.ts'
import { listFolder } from './host-listing.ts'
import type { Listing } from './host-listing.ts'

/** Open folders kept for the next look-up; more are opened again from the root. */
const KEPT_FOLDERS = 64

export const onLinux = process.platform === 'linux'
const { O_RDONLY, O_RDWR, O_DIRECTORY = 0, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants
/** An error costs more than an answer, and is thrown for every new name. */
const LSTAT = { bigint: true, throwIfNoEntry: false } as const
const DT = { dir: DT_DIR, file: DT_REG, link: DT_LNK } as const
const LOOK = onLinux ? O_PATH | O_NOFOLLOW : 0

/** What is kept of a thing that was found. */
export interface HostNode {
  /** Null for the root folder. */
  parent: HostNode | null
  name: string
  readonly dev: bigint
  readonly ino: bigint
  readonly kind: 'dir' | 'file' | 'link'
  /** Descriptors of programs that are open on it. */
  readonly fds: number[]
  /** Its name was taken on trust for an open that has not come yet. */
  trusted: boolean
  /** Of a folder: when it and the one above had last changed as its name was looked at; null when that says nothing. */
  proof: { readonly own: number; readonly above: number } | null
}

/** What a name leads to. */
export interface Found {
  readonly node: HostNode
  readonly stat: HostStat
}

/** A file that was opened, and what it is. */
export interface Opened {
  readonly fd: number
  readonly stat: HostStat
}
interface OpenedAs {
  readonly fd: number
  readonly stats: BigIntStats
}

const nodeOf = (parent: HostNode | null, name: string, { dev, ino }: BigIntStats, kind: HostNode['kind']): HostNode =>
  ({ parent, name, dev, ino, kind, fds: [], trusted: false, proof: null })

/** Size, mode and times as they are now. */
export interface HostStat {
  readonly mode: number
  readonly size: number
  readonly nlink: number
  readonly atimeNs: bigint
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
}

const kindOf = (stats: BigIntStats): HostNode['kind'] | null =>
  stats.isDirectory() ? 'dir' : stats.isFile() ? 'file' : stats.isSymbolicLink() ? 'link' : null

const statOf = (stats: BigIntStats): HostStat => ({
  mode: Number(stats.mode),
  size: Number(stats.size),
  nlink: Number(stats.nlink),
  atimeNs: stats.atimeNs,
  mtimeNs: stats.mtimeNs,
  ctimeNs: stats.ctimeNs,
})

/** Inode numbers are given out again: something of another kind is something else. */
export const isSame = ({ dev, ino, kind }: HostNode, stats: BigIntStats): boolean =>
  stats.dev === dev && stats.ino === ino && kindOf(stats) === kind

/** A name that could not be one: the kernel never asks for them, and the host must not be asked either. */
export const isPlainName = (name: string): boolean => name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name)

/** Where our descriptors are. The link `self` costs as much as all the rest of a look-up. */
const FDS = ((): string => {
  try {
    return `/proc/${readlinkSync('/proc/self') === String(process.pid) ? process.pid : 'self'}/fd`
  } catch {
    return '/proc/self/fd'
  }
})()

/** On Linux: `name` in the folder that a descriptor of ours stands for. */
export const pathBelow = (fd: number, name: string): Buffer | string =>
  isText(name) ? `${FDS}/${fd}/${name}` : Buffer.concat([Buffer.from(`${FDS}/${fd}/`), encodeName(name)])

/** Not so is a name with bytes that are no UTF-8. */
const isText = (name: string): boolean => !/\p{Surrogate}/u.test(name)

export class HostDir {
  readonly root: HostNode
  private readonly path: string
  private rootFd: number
  /** Folders by node, least recently used first. */
  private readonly kept = new Map<HostNode, number>()
  protected readonly descriptors: HostDescriptors
  /** A file that is open already, until somebody opens it: it was just made, or was opened to see what it is. */
  private ahead: { readonly node: HostNode; readonly opened: Opened; readonly access: number } | null = null
  /** A folder as it was listed last: who goes on in the middle finds it again. */
  private listed: { readonly node: HostNode; readonly changed: number; readonly listing: Listing } | null = null
  /** Whether times of its file system say that a folder has changed. */
  private readonly keepsTimes: boolean
  private users = 0

  /**
   * `most`: how many descriptors programs may hold by it. Throws the host's own error when `path` is no folder that can
   * be opened.
   */
  constructor(path: string, most: number) {
    this.path = path
    this.descriptors = new HostDescriptors(most)
    closeWith(this, this.descriptors)
    this.rootFd = this.descriptors.open(path, O_RDONLY | O_DIRECTORY)
    // what is wrong is told by the host
    if (this.rootFd < 0) readdirSync(path)
    this.root = nodeOf(null, '', fstatSync(this.rootFd, { bigint: true }), 'dir')
    this.keepsTimes = onLinux && keepsTimes(`${FDS}/${this.rootFd}/`)
  }

  /** Another mount. One that comes after the last has gone finds the same folder under the old path, or -ESTALE. */
  use(): number {
    if (this.rootFd < 0) {
      const fd = this.descriptors.open(this.path, O_RDONLY | O_DIRECTORY)
      if (fd < 0) return fd
      const stats = this.fstat(fd)
      if (typeof stats === 'number' || !isSame(this.root, stats)) {
        this.descriptors.close(fd)
        return -ESTALE
      }
      this.rootFd = fd
    }
    this.users++
    return 0
  }

  /** A mount is gone; with the last all descriptors are given back. */
  leave(): void {
    if (--this.users > 0) return
    this.kept.clear()
    this.ahead = this.listed = null
    this.descriptors.closeAll()
    this.rootFd = -1
  }

  /** What `name` is in `dir`; -ENOENT for what this file system does not show (devices, FIFOs, sockets). */
  lookup(dir: HostNode, name: string): Found | number {
    if (!isPlainName(name)) return -ENOENT
    const stats = this.lstat(dir, name)
    if (typeof stats === 'number') return stats
    const kind = kindOf(stats)
    if (kind === null) return -ENOENT
    return { node: nodeOf(dir, name, stats, kind), stat: statOf(stats) }
  }

  /**
   * As `lookup`, for a name that is about to be opened. Where it was listed as a file, opening it says what it is, and
   * one call of the host does for two. Any other name is looked at first: to open a FIFO or a device does something,
   * and where paths lead through folders that may be swapped, only a look beforehand tells what should be there.
   */
  lookupToOpen(dir: HostNode, name: string): Found | number {
    if (onLinux && this.listed?.node === dir && this.listed.listing.hasFile(name)) {
      const opened = this.below(dir, name, (path) => this.openAt(path, O_RDONLY))
      if (typeof opened === 'number') return this.lookup(dir, name)
      return this.keepOpen(dir, name, opened, O_RDONLY)
    }
    return this.lookup(dir, name)
  }
  /** Whoever opens a file that was found so next, in this way, has the descriptor. */
  protected keepOpen(dir: HostNode, name: string, { fd, stats }: OpenedAs, access: number): Found {
    if (this.ahead !== null) this.descriptors.close(this.ahead.opened.fd)
    const node = nodeOf(dir, name, stats, 'file')
    const stat = statOf(stats)
    this.ahead = { node, opened: { fd, stat }, access }
    return { node, stat }
  }

  /** What it is now, by a descriptor where it is open and by its name otherwise: -ESTALE when that leads elsewhere. */
  statNow(node: HostNode): HostStat | number {
    const [fd] = node.fds
    if (fd === undefined) return this.stat(node)
    const stats = this.fstat(fd)
    return typeof stats === 'number' ? stats : statOf(stats)
  }

  /** -ESTALE when the name leads to something else by now. */
  stat(node: HostNode): HostStat | number {
    node.proof = this.proofOf(node)
    const stats = node.parent === null ? this.fstat(this.rootFd) : this.lstat(node.parent, node.name)
    if (typeof stats === 'number') return stats
    return isSame(node, stats) ? statOf(stats) : -ESTALE
  }

  /**
   * Whether times alone say that the name of a folder leads where it did, and that all `stat` told still holds.
   * `aboveHolds`: so they have said of the folder above in this system call.
   */
  isUnchanged(node: HostNode, aboveHolds: boolean): boolean {
    const { proof, parent } = node
    if (proof === null || parent === null) return false
    const above = aboveHolds ? parent.proof?.own : changeTime(this.folder(parent))
    const fd = this.keptOf(node)
    return fd !== undefined && above === proof.above && changeTime(fd) === proof.own
  }
  /** To be taken before the look, so that what changes during it shows afterwards. */
  private proofOf(node: HostNode): HostNode['proof'] {
    const { parent, dev } = node
    const fd = node.kind === 'dir' && this.keepsTimes && dev === this.root.dev ? this.kept.get(node) : undefined
    if (fd === undefined || parent === null) return null
    const [own, above] = [changeTime(fd), changeTime(this.folder(parent))]
    return isSettled(own) && isSettled(above) ? { own, above } : null
  }

  readlink(node: HostNode): string | number {
    if (node.parent === null) return -EACCES
    const still = this.stat(node)
    if (typeof still === 'number') return still
    return this.below(node.parent, node.name, (path) => decodeName(readlinkSync(path, { encoding: 'buffer' })))
  }

  /** `again`: what was listed last will do, if the folder has changed since or not. */
  list(node: HostNode, again: boolean): Listing | number {
    const known = this.listed?.node === node ? this.listed : null
    if (again && known !== null) return known.listing
    const fd = this.folder(node)
    if (fd < 0) return fd
    const now = this.keepsTimes && node.dev === this.root.dev ? changeTime(fd) : NaN
    if (known !== null && now === known.changed) return known.listing
    try {
      const changed = isSettled(now) ? now : NaN
      const listing = listFolder(onLinux ? `${FDS}/${fd}/` : this.pathOf(node), (name) => this.typeOf(node, name))
      this.listed = { node, changed, listing }
      return listing
    } catch (error) {
      return rcOf(error)
    }
  }
  private typeOf(dir: HostNode, name: string): number {
    const found = this.lookup(dir, name)
    return typeof found === 'number' ? DT_UNKNOWN : DT[found.node.kind]
  }

  /**
   * A descriptor of the host for a program, for reading unless `access` says otherwise; -errno when refused. Never
   * waits: a FIFO that took the place is refused.
   */
  open(node: HostNode, access = O_RDONLY): Opened | number {
    if (node.parent === null) return -EACCES
    const { ahead } = this
    if (ahead !== null) {
      this.ahead = null
      if (ahead.node === node && (ahead.access === access || ahead.access === O_RDWR))
        return this.openedOn(node, ahead.opened)
      this.descriptors.close(ahead.opened.fd)
    }
    const opened = this.below(node.parent, node.name, (path) => this.openAt(path, access))
    if (typeof opened === 'number') return opened
    if (isSame(node, opened.stats)) return this.openedOn(node, { fd: opened.fd, stat: statOf(opened.stats) })
    this.descriptors.close(opened.fd)
    return -ESTALE
  }
  private openedOn(node: HostNode, opened: Opened): Opened {
    node.fds.push(opened.fd)
    return opened
  }
  protected openAt(path: Buffer | string, access: number, mode = 0): OpenedAs | number {
    const fd = this.descriptors.openFile(path, access | O_NOFOLLOW | O_NONBLOCK, mode)
    if (fd < 0) return fd
    const stats = this.fstat(fd)
    if (typeof stats !== 'number' && stats.isFile()) return { fd, stats }
    this.descriptors.close(fd)
    return typeof stats === 'number' ? stats : -ESTALE
  }

  /** A descriptor of a folder that can be worked on, not only looked through. */
  protected openFolder(node: HostNode): number {
    const fd = node.parent === null
      ? this.reopened(this.rootFd, O_RDONLY)
      : this.below(node.parent, node.name, (path) => this.descriptors.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW))
    if (fd < 0) return fd
    const stats = this.fstat(fd)
    if (typeof stats !== 'number' && isSame(node, stats)) return fd
    this.descriptors.close(fd)
    return typeof stats === 'number' ? stats : -ESTALE
  }
  private reopened(fd: number, how: number): number {
    return this.descriptors.open(`${FDS}/${fd}/`, how | O_DIRECTORY)
  }
  /** A descriptor to look below, which stays the folder's until the caller closes it. */
  protected folderOfOwn(node: HostNode): number {
    const fd = this.folder(node)
    return fd < 0 ? fd : this.reopened(fd, LOOK)
  }

  read(fd: number, buf: Uint8Array, off: number, len: number, pos: number): number {
    try {
      return readSync(fd, buf, off, len, pos)
    } catch (error) {
      return rcOf(error)
    }
  }

  /** A descriptor that a program had of `node`. */
  close(node: HostNode, fd: number): void {
    node.fds.splice(node.fds.indexOf(fd), 1)
    this.descriptors.close(fd)
  }

  protected fstat(fd: number): BigIntStats | number {
    try {
      return fstatSync(fd, { bigint: true })
    } catch (error) {
      return rcOf(error)
    }
  }

  private lstat(dir: HostNode, name: string): BigIntStats | number {
    return this.below(dir, name, (path) => lstatSync(path, LSTAT) ?? -ENOENT)
  }

  /** Does `act` with a path that names `name` in `dir` and cannot leave it; -errno when the host refuses. */
  protected below<T>(dir: HostNode, name: string, act: (path: Buffer | string) => T): T | number {
    const fd = this.folder(dir)
    if (fd < 0) return fd
    const path = onLinux ? pathBelow(fd, name) : join(this.pathOf(dir), name)
    try {
      return act(path)
    } catch (error) {
      return rcOf(error)
    }
  }

  /** A descriptor of the folder, from the ones that are kept or by a walk from the root. */
  protected folder(node: HostNode): number {
    if (node.parent === null) return this.rootFd
    const known = this.keptOf(node)
    if (known !== undefined) return known
    const fd = this.below(node.parent, node.name, (path) => this.descriptors.open(path, LOOK | O_DIRECTORY))
    if (fd < 0) return fd === -ENOTDIR || fd === -ELOOP ? -ESTALE : fd
    const stats = this.fstat(fd)
    if (typeof stats === 'number' || !isSame(node, stats) || !stats.isDirectory()) {
      this.descriptors.close(fd)
      return typeof stats === 'number' ? stats : -ESTALE
    }
    this.keep(node, fd)
    return fd
  }

  /** One that is kept, which is the last to go then. */
  private keptOf(node: HostNode): number | undefined {
    const fd = this.kept.get(node)
    if (fd === undefined) return fd
    this.kept.delete(node)
    this.kept.set(node, fd)
    return fd
  }
  private keep(node: HostNode, fd: number): void {
    this.kept.set(node, fd)
    if (this.kept.size <= KEPT_FOLDERS) return
    const [oldest, oldestFd] = this.kept.entries().next().value!
    this.kept.delete(oldest)
    this.descriptors.close(oldestFd)
  }

  /** Only where descriptors do not lead on: each folder on the way is looked at first. */
  private pathOf(node: HostNode): string {
    return node.parent === null ? this.path : join(this.pathOf(node.parent), node.name)
  }
}

/**
 * A folder of the host and what lies below it, reached so that no symbolic link of the host is ever followed.
 *
 * On Linux a place is an open descriptor of its folder and one name: `/proc/self/fd/N/name`, opened with O_NOFOLLOW.
 * From the root descriptor down every step is such an open, and every step checks that the thing found is the one that
 * was found before (device and inode number), so that a folder which somebody swaps for a link, or for another folder,
 * leads nowhere (-ESTALE) rather than outside.
 *
 * Other hosts have no way to open below a descriptor. There each component is looked at with lstat before the whole
 * path is opened, and the open file is compared with what was seen: a process of the host that swaps a component
 * between the two can make the open of a file outside happen, but its contents are not handed out unless device and
 * inode number agree.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs'
import type { BigIntStats } from 'node:fs'
import { join } from 'node:path'
import { EACCES, EIO, ELOOP, ENOENT, ENOTDIR, errnoByName, ESTALE, O_PATH } from '@lsmkit/abi'
import { decodeName, encodeName } from '../../vfs/names.ts'

/** Open folders kept for the next look-up; more are opened again from the root. */
const KEPT_FOLDERS = 64

export const onLinux = process.platform === 'linux'
const { O_RDONLY, O_DIRECTORY = 0, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants
const LOOK = onLinux ? O_PATH | O_NOFOLLOW : 0

/** What is kept of a thing that was found. */
export interface HostNode {
  /** Null for the root folder. */
  parent: HostNode | null
  name: string
  readonly dev: bigint
  readonly ino: bigint
  readonly kind: 'dir' | 'file' | 'link'
}

/** Size, mode and times as they are now. */
export interface HostStat {
  readonly mode: number
  readonly size: number
  readonly nlink: number
  readonly atimeNs: bigint
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
}

/** The errno of a host error, negative; -EIO for one the kernel does not know. */
export const rcOf = (error: unknown): number => {
  const { code } = error as { code?: unknown }
  return -((typeof code === 'string' ? errnoByName(code) : undefined) ?? EIO)
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

/** On Linux: `name` in the folder that a descriptor of ours stands for. */
export const pathBelow = (fd: number, name: string): Buffer =>
  Buffer.concat([Buffer.from(`/proc/self/fd/${fd}/`), Buffer.from(encodeName(name))])

export class HostDir {
  readonly root: HostNode
  private readonly path: string
  private readonly rootFd: number
  /** Folders by node, least recently used first. */
  private readonly kept = new Map<HostNode, number>()

  /** Throws the host's own error when `path` is no folder that can be opened. */
  constructor(path: string) {
    this.path = path
    this.rootFd = openSync(path, O_RDONLY | O_DIRECTORY)
    const { dev, ino } = fstatSync(this.rootFd, { bigint: true })
    this.root = { parent: null, name: '', dev, ino, kind: 'dir' }
  }

  /** What `name` is in `dir`; -ENOENT for what this file system does not show (devices, FIFOs, sockets). */
  lookup(dir: HostNode, name: string): { node: HostNode; stat: HostStat } | number {
    if (!isPlainName(name)) return -ENOENT
    const stats = this.lstat(dir, name)
    if (typeof stats === 'number') return stats
    const kind = kindOf(stats)
    if (kind === null) return -ENOENT
    return { node: { parent: dir, name, dev: stats.dev, ino: stats.ino, kind }, stat: statOf(stats) }
  }

  /** -ESTALE when the name leads to something else by now. */
  stat(node: HostNode): HostStat | number {
    const stats = node.parent === null ? this.fstat(this.rootFd) : this.lstat(node.parent, node.name)
    if (typeof stats === 'number') return stats
    return isSame(node, stats) ? statOf(stats) : -ESTALE
  }

  readlink(node: HostNode): string | number {
    if (node.parent === null) return -EACCES
    const still = this.stat(node)
    if (typeof still === 'number') return still
    return this.below(node.parent, node.name, (path) => decodeName(readlinkSync(path, { encoding: 'buffer' })))
  }

  /** Names in the host's order, dots left out. */
  list(node: HostNode): string[] | number {
    const fd = this.folder(node)
    if (fd < 0) return fd
    try {
      const path = onLinux ? `/proc/self/fd/${fd}/` : this.pathOf(node)
      return readdirSync(path, { encoding: 'buffer' }).map((name) => decodeName(name))
    } catch (error) {
      return rcOf(error)
    }
  }

  /**
   * A descriptor of the host, for reading unless `access` says otherwise; -errno when refused. Never waits: a FIFO that
   * took the place is refused.
   */
  open(node: HostNode, access = O_RDONLY): number {
    if (node.parent === null) return -EACCES
    const fd = this.below(node.parent, node.name, (path) => openSync(path, access | O_NOFOLLOW | O_NONBLOCK))
    if (fd < 0) return fd
    const stats = this.fstat(fd)
    if (typeof stats !== 'number' && isSame(node, stats) && stats.isFile()) return fd
    closeSync(fd)
    return typeof stats === 'number' ? stats : -ESTALE
  }

  /** A descriptor of a folder that can be worked on, not only looked through. */
  protected openFolder(node: HostNode): number {
    const fd = node.parent === null
      ? this.reopened(this.rootFd, O_RDONLY)
      : this.below(node.parent, node.name, (name) => openSync(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW))
    if (fd < 0) return fd
    const stats = this.fstat(fd)
    if (typeof stats !== 'number' && isSame(node, stats)) return fd
    closeSync(fd)
    return typeof stats === 'number' ? stats : -ESTALE
  }
  private reopened(fd: number, how: number): number {
    try {
      return openSync(`/proc/self/fd/${fd}/`, how | O_DIRECTORY)
    } catch (error) {
      return rcOf(error)
    }
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

  close(fd: number): void {
    closeSync(fd)
  }

  /** Gives all descriptors back: nothing below can be reached any more. */
  dispose(): void {
    for (const fd of this.kept.values()) closeSync(fd)
    this.kept.clear()
    closeSync(this.rootFd)
  }

  protected fstat(fd: number): BigIntStats | number {
    try {
      return fstatSync(fd, { bigint: true })
    } catch (error) {
      return rcOf(error)
    }
  }

  private lstat(dir: HostNode, name: string): BigIntStats | number {
    return this.below(dir, name, (path) => lstatSync(path, { bigint: true }))
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
    const known = this.kept.get(node)
    if (known !== undefined) {
      this.kept.delete(node)
      this.kept.set(node, known)
      return known
    }
    const fd = this.below(node.parent, node.name, (path) => openSync(path, LOOK | O_DIRECTORY))
    if (fd < 0) return fd === -ENOTDIR || fd === -ELOOP ? -ESTALE : fd
    const stats = this.fstat(fd)
    if (typeof stats === 'number' || !isSame(node, stats) || !stats.isDirectory()) {
      closeSync(fd)
      return typeof stats === 'number' ? stats : -ESTALE
    }
    this.keep(node, fd)
    return fd
  }

  private keep(node: HostNode, fd: number): void {
    this.kept.set(node, fd)
    if (this.kept.size <= KEPT_FOLDERS) return
    const [oldest, oldestFd] = this.kept.entries().next().value!
    this.kept.delete(oldest)
    closeSync(oldestFd)
  }

  /** Only where descriptors do not lead on: each folder on the way is looked at first. */
  private pathOf(node: HostNode): string {
    return node.parent === null ? this.path : join(this.pathOf(node.parent), node.name)
  }
}

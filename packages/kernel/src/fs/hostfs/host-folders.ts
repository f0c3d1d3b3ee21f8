/**
 * Folders of the host by descriptors, reached so that no symbolic link of the host is ever followed.
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
import { constants, fstatSync, readdirSync, readlinkSync } from 'node:fs'
import type { BigIntStats } from 'node:fs'
import { join } from 'node:path'
import { ELOOP, ENOTDIR, ESTALE, O_PATH } from '@lsmkit/abi'
import { encodeName } from '../../state/vfs/names.ts'
import { changeTime, isSettled, keepsTimes } from './change-times.ts'
import { closeWith, HostDescriptors, rcOf } from './host-descriptors.ts'
import { isExact, isSame, nodeOf } from './host-node.ts'
import type { AnyStats, HostNode } from './host-node.ts'

/** Open folders kept for the next look-up; more are opened again from the root. */
const KEPT_FOLDERS = 64

export const onLinux = process.platform === 'linux'
const { O_RDONLY, O_DIRECTORY = 0, O_NOFOLLOW = 0 } = constants
const LOOK = onLinux ? O_PATH | O_NOFOLLOW : 0

/** Where our descriptors are. The link `self` costs as much as all the rest of a look-up. */
const FDS = ((): string => {
  try {
    return `/proc/${readlinkSync('/proc/self') === String(process.pid) ? process.pid : 'self'}/fd`
  } catch {
    return '/proc/self/fd'
  }
})()

/** On Linux: the thing that a descriptor of ours stands for. */
export const pathOfFd = (fd: number): string => `${FDS}/${fd}`

/** On Linux: `name` in the folder that a descriptor of ours stands for. */
export const pathBelow = (fd: number, name: string): Buffer | string =>
  isText(name) ? `${FDS}/${fd}/${name}` : Buffer.concat([Buffer.from(`${pathOfFd(fd)}/`), encodeName(name)])

/** Not so is a name with bytes that are no UTF-8. */
const isText = (name: string): boolean => !/\p{Surrogate}/u.test(name)

export class HostFolders {
  readonly root: HostNode
  readonly #path: string
  protected rootFd: number
  /** Folders by node, least recently used first. */
  readonly #kept = new Map<HostNode, number>()
  protected readonly descriptors: HostDescriptors
  /** Whether times of its file system say that a folder has changed. */
  readonly #keepsTimes: boolean
  #users = 0

  /**
   * `most`: how many descriptors programs may hold open. Throws the host's own error if `path` is not a folder that can
   * be opened.
   */
  constructor(path: string, most: number) {
    this.#path = path
    this.descriptors = new HostDescriptors(most)
    closeWith(this, this.descriptors)
    this.rootFd = this.descriptors.open(path, O_RDONLY | O_DIRECTORY)
    // the host's error says what is wrong
    if (this.rootFd < 0) readdirSync(path)
    this.root = nodeOf(null, '', fstatSync(this.rootFd, { bigint: true }), 'dir')
    this.#keepsTimes = onLinux && keepsTimes(`${pathOfFd(this.rootFd)}/`)
  }

  /** Another mount. One that comes after the last has gone finds the same folder under the old path, or -ESTALE. */
  use(): number {
    if (this.rootFd < 0) {
      const fd = this.descriptors.open(this.#path, O_RDONLY | O_DIRECTORY)
      if (fd < 0) return fd
      const stats = this.fstat(fd)
      if (typeof stats === 'number' || !isSame(this.root, stats)) {
        this.descriptors.close(fd)
        return -ESTALE
      }
      this.rootFd = fd
    }
    this.#users++
    return 0
  }

  /** A mount is gone; with the last (true) all descriptors are given back. */
  leave(): boolean {
    if (--this.#users > 0) return false
    this.#kept.clear()
    this.descriptors.closeAll()
    this.rootFd = -1
    return true
  }

  /**
   * True if times alone show that the name of a folder leads to the same folder with the same attributes.
   * `aboveHolds`: this was shown for the folder above in this system call.
   */
  isUnchanged(node: HostNode, aboveHolds: boolean): boolean {
    const { proof, parent } = node
    if (proof === null || parent === null) return false
    const above = aboveHolds ? parent.proof?.own : changeTime(this.folder(parent))
    const fd = this.#keptOf(node)
    return fd !== undefined && above === proof.above && changeTime(fd) === proof.own
  }
  /** Time of the last change in a folder; NaN if its file system keeps no reliable times. */
  protected changedAt(node: HostNode, fd: number): number {
    return this.#keepsTimes && node.dev === this.root.dev ? changeTime(fd) : NaN
  }
  /** Read before a look-up, so that a change during it is noticed afterwards. */
  protected proofOf(node: HostNode): HostNode['proof'] {
    const { parent, dev } = node
    const fd = node.kind === 'dir' && this.#keepsTimes && dev === this.root.dev ? this.#kept.get(node) : undefined
    if (fd === undefined || parent === null) return null
    const [own, above] = [changeTime(fd), changeTime(this.folder(parent))]
    return isSettled(own) && isSettled(above) ? { own, above } : null
  }

  protected reopened(fd: number, how: number): number {
    return this.descriptors.open(`${pathOfFd(fd)}/`, how | O_DIRECTORY)
  }
  /** A descriptor to look below, which stays the folder's until the caller closes it. */
  protected folderOfOwn(node: HostNode): number {
    const fd = this.folder(node)
    return fd < 0 ? fd : this.reopened(fd, LOOK)
  }

  /** In numbers of JavaScript, where those are exact. */
  protected fstatQuickly(fd: number): AnyStats | number {
    try {
      const stats = fstatSync(fd)
      return isExact(stats) ? stats : this.fstat(fd)
    } catch (error) {
      return rcOf(error)
    }
  }
  protected fstat(fd: number): BigIntStats | number {
    try {
      return fstatSync(fd, { bigint: true })
    } catch (error) {
      return rcOf(error)
    }
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
    const known = this.#keptOf(node)
    if (known !== undefined) return known
    const fd = this.below(node.parent, node.name, (path) => this.descriptors.open(path, LOOK | O_DIRECTORY))
    if (fd < 0) return fd === -ENOTDIR || fd === -ELOOP ? -ESTALE : fd
    const stats = this.fstat(fd)
    if (typeof stats === 'number' || !isSame(node, stats) || !stats.isDirectory()) {
      this.descriptors.close(fd)
      return typeof stats === 'number' ? stats : -ESTALE
    }
    this.#keep(node, fd)
    return fd
  }

  /** One that is kept, which is the last to go then. */
  #keptOf(node: HostNode): number | undefined {
    const fd = this.#kept.get(node)
    if (fd === undefined) return fd
    this.#kept.delete(node)
    this.#kept.set(node, fd)
    return fd
  }
  #keep(node: HostNode, fd: number): void {
    this.#kept.set(node, fd)
    if (this.#kept.size <= KEPT_FOLDERS) return
    const [oldest, oldestFd] = this.#kept.entries().next().value!
    this.#kept.delete(oldest)
    this.descriptors.close(oldestFd)
  }

  /** Only where descriptors do not lead on: each folder on the way is looked at first. */
  protected pathOf(node: HostNode): string {
    return node.parent === null ? this.#path : join(this.pathOf(node.parent), node.name)
  }
}

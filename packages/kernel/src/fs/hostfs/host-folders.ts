/**
 * Folders of the host by descriptors, reached so that no symbolic link of the host is ever followed.
 *
 * On Linux a place is an open descriptor of its folder and one name, opened without following links: by openat2 where
 * the folder has native calls, else `/proc/PID/fd/N/name` with O_NOFOLLOW.
 * From the root descriptor down every step is such an open, and every step checks that the thing found is the one that
 * was found before (device and inode number), so that a folder which somebody swaps for a link, or for another folder,
 * leads nowhere (-ESTALE) rather than outside.
 *
 * Other hosts have no way to open below a descriptor. There each component is looked at with lstat before the whole
 * path is opened, and the open file is compared with what was seen: a process of the host that swaps a component
 * between the two can make the open of a file outside happen, but its contents are not handed out unless device and
 * inode number agree.
 */
import { constants, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ELOOP, ENOTDIR, ESTALE, O_PATH } from '@lsmkit/abi'
import { isSettled, keepsTimes } from './change-times.ts'
import type { HostCalls, Place } from './host-calls.ts'
import { closeWith, HostDescriptors } from './host-descriptors.ts'
import { rcOf } from './host-error.ts'
import { isSame, nodeOf } from './host-node.ts'
import type { HostNode } from './host-node.ts'
import { onLinux, pathOfFd } from './host-paths.ts'

/** Open folders kept for the next look-up; more are opened again from the root. */
const KEPT_FOLDERS = 64

const { O_RDONLY, O_DIRECTORY = 0, O_NOFOLLOW = 0 } = constants
const LOOK = onLinux ? O_PATH | O_NOFOLLOW : 0

const openRoot = (path: string): number => {
  try {
    return openSync(path, O_RDONLY | O_DIRECTORY)
  } catch (error) {
    return rcOf(error)
  }
}

export class HostFolders {
  readonly root: HostNode
  readonly #path: string
  protected rootFd: number
  protected readonly calls: HostCalls
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
  constructor(path: string, most: number, calls: HostCalls) {
    this.#path = path
    this.calls = calls
    this.descriptors = new HostDescriptors(most, calls)
    closeWith(this, this.descriptors)
    this.rootFd = this.descriptors.keep(openRoot(path))
    // the host's error says what is wrong
    if (this.rootFd < 0) readdirSync(path)
    const stats = calls.fstat(this.rootFd)
    if (typeof stats === 'number') throw new Error(`the host does not show what \`${path}\` is`)
    this.root = nodeOf(null, '', stats, 'dir')
    this.#keepsTimes = onLinux && keepsTimes(`${pathOfFd(this.rootFd)}/`)
  }

  /** Another mount. One that comes after the last has gone finds the same folder under the old path, or -ESTALE. */
  use(): number {
    if (this.rootFd < 0) {
      const fd = this.descriptors.keep(openRoot(this.#path))
      if (fd < 0) return fd
      const stats = this.calls.fstat(fd)
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
    const above = aboveHolds ? parent.proof?.own : this.calls.changeTime(this.folder(parent))
    const fd = this.#keptOf(node)
    return fd !== undefined && above === proof.above && this.calls.changeTime(fd) === proof.own
  }
  /** Time of the last change in a folder; NaN if its file system keeps no reliable times. */
  protected changedAt(node: HostNode, fd: number): number {
    return this.#keepsTimes && node.dev === this.root.dev ? this.calls.changeTime(fd) : NaN
  }
  /** Read before a look-up, so that a change during it is noticed afterwards. */
  protected proofOf(node: HostNode): HostNode['proof'] {
    const { parent, dev } = node
    const fd = node.kind === 'dir' && this.#keepsTimes && dev === this.root.dev ? this.#kept.get(node) : undefined
    if (fd === undefined || parent === null) return null
    const [own, above] = [this.calls.changeTime(fd), this.calls.changeTime(this.folder(parent))]
    return isSettled(own) && isSettled(above) ? { own, above } : null
  }

  protected reopened(fd: number, how: number): number {
    return this.descriptors.keep(this.calls.reopen(fd, how | O_DIRECTORY))
  }
  /** A descriptor to look below, which stays the folder's until the caller closes it. */
  protected folderOfOwn(node: HostNode): number {
    const fd = this.folder(node)
    return fd < 0 ? fd : this.reopened(fd, LOOK)
  }

  /** `name` in `dir`, which cannot lead out of it; -errno if the folder cannot be reached. */
  protected placeOf(dir: HostNode, name: string): Place | number {
    const fd = this.folder(dir)
    if (fd < 0) return fd
    return onLinux ? this.calls.place(fd, name) : join(this.pathOf(dir), name)
  }

  /** A descriptor of the folder, from the ones that are kept or by a walk from the root. */
  protected folder(node: HostNode): number {
    if (node.parent === null) return this.rootFd
    const known = this.#keptOf(node)
    if (known !== undefined) return known
    const place = this.placeOf(node.parent, node.name)
    const fd = typeof place === 'number' ? place : this.descriptors.open(place, LOOK | O_DIRECTORY)
    if (fd < 0) return fd === -ENOTDIR || fd === -ELOOP ? -ESTALE : fd
    const stats = this.calls.fstatQuickly(fd)
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

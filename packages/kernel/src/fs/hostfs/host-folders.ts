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
import { changesShown, isSettled } from './change-times.ts'
import type { ChangesShown } from './change-times.ts'
import type { FolderWatch } from './folder-watch.ts'
import type { HostCalls, Place } from './host-calls.ts'
import { closeWith, HostDescriptors } from './host-descriptors.ts'
import { rcOf } from './host-error.ts'
import { isSame, nodeOf } from './host-node.ts'
import type { HostNode, NameProof } from './host-node.ts'
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
  /** Open folders below the root. */
  readonly #kept = new Set<HostNode>()
  protected readonly descriptors: HostDescriptors
  /** How the file system of the root shows changes. */
  readonly #shown: ChangesShown
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
    this.root.open = { fd: this.rootFd, isUsed: true, watch: null }
    this.#shown = changesShown(onLinux ? `${pathOfFd(this.rootFd)}/` : '')
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
      this.root.open = { fd, isUsed: true, watch: null }
    }
    this.#users++
    return 0
  }

  /** A mount is gone; with the last (true) all descriptors are given back. */
  leave(): boolean {
    if (--this.#users > 0) return false
    for (const node of this.#kept) node.open = null
    this.#kept.clear()
    this.root.open = null
    this.descriptors.closeAll()
    this.rootFd = -1
    return true
  }

  /**
   * True if the name of a folder leads to the same folder with the same mode, by what the host shows of changes alone.
   * `aboveHolds`: this was shown for the folder above in this system call. `refreshWatches` was called in it.
   */
  isUnchanged(node: HostNode, aboveHolds: boolean): boolean {
    const { proof, parent } = node
    if (proof === null || parent === null) return false
    if (proof.watch !== null) {
      if (parent.open !== null) parent.open.isUsed = true
      return proof.watch.changes === proof.changes
    }
    if (node.open === null) return false
    const known = aboveHolds ? parent.proof : null
    const above = known?.watch === null ? known.own : this.calls.changeTime(this.folder(parent))
    return above === proof.above && this.calls.changeTime(this.folder(node)) === proof.own
  }
  /** Asks the host what has changed in folders that are watched. */
  refreshWatches(): void {
    this.calls.watches?.refresh()
  }
  /** Time of the last change in a folder; NaN if its file system keeps no reliable times. */
  protected changedAt(node: HostNode, fd: number): number {
    return this.#shown.byTimes && node.dev === this.root.dev ? this.calls.changeTime(fd) : NaN
  }
  /** Read before a look-up, so that a change during it is noticed afterwards. */
  protected proofOf(node: HostNode): NameProof | null {
    const { parent, dev } = node
    if (node.kind !== 'dir' || parent === null || dev !== this.root.dev || parent.dev !== dev) return null
    const watch = this.#watchOf(parent)
    if (watch !== null) return { watch, changes: watch.changes }
    if (!this.#shown.byTimes || node.open === null) return null
    const [own, above] = [this.calls.changeTime(this.folder(node)), this.calls.changeTime(this.folder(parent))]
    return isSettled(own) && isSettled(above) ? { watch, own, above } : null
  }
  #watchOf({ open }: HostNode): FolderWatch | null {
    if (!this.#shown.byWatches || open === null) return null
    return (open.watch ??= this.descriptors.watch(open.fd))
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
    const { open, parent } = node
    if (open !== null) {
      open.isUsed = true
      return open.fd
    }
    if (parent === null) return -ESTALE
    const place = this.placeOf(parent, node.name)
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

  #keep(node: HostNode, fd: number): void {
    node.open = { fd, isUsed: true, watch: null }
    this.#kept.add(node)
    if (this.#kept.size > KEPT_FOLDERS) this.#dropOldest()
  }
  /** The oldest of those that were not used since the last search; the others are the newest then. */
  #dropOldest(): void {
    for (const node of this.#kept) {
      const open = node.open!
      this.#kept.delete(node)
      if (!open.isUsed) {
        node.open = null
        if (open.watch !== null) this.descriptors.unwatch(open.watch)
        return this.descriptors.close(open.fd)
      }
      open.isUsed = false
      this.#kept.add(node)
    }
  }

  /** Only where descriptors do not lead on: each folder on the way is looked at first. */
  protected pathOf(node: HostNode): string {
    return node.parent === null ? this.#path : join(this.pathOf(node.parent), node.name)
  }
}

/** Look-ups, open files and listings in a folder of the host. host-folders.ts says how paths reach it. */
import { constants } from 'node:fs'
import { DT_DIR, DT_LNK, DT_REG, DT_UNKNOWN, EACCES, ENOENT, EOPNOTSUPP, ESTALE, O_PATH } from '@lsmkit/abi'
import { isSettled } from './change-times.ts'
import type { Place } from './host-calls.ts'
import { HostFolders } from './host-folders.ts'
import type { Listing } from './host-listing.ts'
import { isPlainName, isSame, kindOf, nodeOf, shownIno, statOf } from './host-node.ts'
import type { AnyStats, Found, HostNode, HostStat, Opened } from './host-node.ts'
import { onLinux } from './host-paths.ts'

const { O_RDONLY, O_RDWR, O_DIRECTORY = 0, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants
const DT = { dir: DT_DIR, file: DT_REG, link: DT_LNK } as const

interface OpenedAs {
  readonly fd: number
  readonly stats: AnyStats
}

export class HostDir extends HostFolders {
  /** A file that the host has opened before a program does: it was just made, or was opened by a look-up. */
  #ahead: { readonly node: HostNode; readonly opened: Opened; readonly access: number } | null = null
  /** The last listing of a folder, for readers that go on in the middle. */
  #listed: { readonly node: HostNode; readonly changed: number; readonly listing: Listing } | null = null
  override leave(): boolean {
    const isLast = super.leave()
    if (isLast) this.#ahead = this.#listed = null
    return isLast
  }

  /** Looks `name` up in `dir`; -ENOENT also for types that this file system does not show: devices, FIFOs, sockets. */
  lookup(dir: HostNode, name: string): Found | number {
    if (!isPlainName(name)) return -ENOENT
    const stats = this.#lstat(dir, name)
    if (typeof stats === 'number') return stats
    const kind = kindOf(stats)
    if (kind === null) return -ENOENT
    return { node: nodeOf(dir, name, stats, kind), stat: statOf(stats) }
  }

  /**
   * As `lookup`, for a name that is about to be opened. A name that was listed as a file is opened at once, which saves
   * a call of the host. Any other name is looked up first, because opening a FIFO or a device has effects, and because
   * folders on the way may be swapped between two calls.
   */
  lookupToOpen(dir: HostNode, name: string): Found | number {
    if (onLinux && this.#listed?.node === dir && this.#listed.listing.hasFile(name)) {
      const place = this.placeOf(dir, name)
      const opened = typeof place === 'number' ? place : this.openAt(place, O_RDONLY)
      if (typeof opened === 'number') return this.lookup(dir, name)
      return this.keepOpen(dir, name, opened, O_RDONLY)
    }
    return this.lookup(dir, name)
  }
  /** Keeps the descriptor for the next open of this file with the same access. */
  protected keepOpen(dir: HostNode, name: string, { fd, stats }: OpenedAs, access: number): Found {
    if (this.#ahead !== null) this.descriptors.close(this.#ahead.opened.fd)
    const node = nodeOf(dir, name, stats, 'file')
    const stat = statOf(stats)
    this.#ahead = { node, opened: { fd, stat }, access }
    return { node, stat }
  }

  /** Its attributes now, by a descriptor if it is open, else by its name; -ESTALE if that leads to something else. */
  statNow(node: HostNode): HostStat | number {
    const [fd] = node.fds
    if (fd === undefined) return this.stat(node)
    const stats = this.calls.fstat(fd)
    return typeof stats === 'number' ? stats : statOf(stats)
  }

  /** -ESTALE if the name leads to something else by now. */
  stat(node: HostNode): HostStat | number {
    node.proof = this.proofOf(node)
    const stats = node.parent === null ? this.calls.fstat(this.rootFd) : this.#lstat(node.parent, node.name)
    if (typeof stats === 'number') return stats
    return isSame(node, stats) ? statOf(stats) : -ESTALE
  }

  readlink(node: HostNode): string | number {
    if (node.parent === null) return -EACCES
    const still = this.stat(node)
    if (typeof still === 'number') return still
    const place = this.placeOf(node.parent, node.name)
    return typeof place === 'number' ? place : this.calls.readlink(place)
  }

  /** `again`: the last listing will do, even if the folder has changed since. */
  list(node: HostNode, again: boolean): Listing | number {
    const known = this.#listed?.node === node ? this.#listed : null
    if (again && known !== null) return known.listing
    const fd = this.folder(node)
    if (fd < 0) return fd
    const now = this.changedAt(node, fd)
    if (known !== null && now === known.changed) return known.listing
    const changed = isSettled(now) ? now : NaN
    const listing = this.calls.list(fd, onLinux ? null : this.pathOf(node), (name) => this.#typeOf(node, name))
    if (typeof listing !== 'number') this.#listed = { node, changed, listing }
    return listing
  }
  /** The inode number of an entry, as stat(2) shows it; 0 if the name is gone by now. */
  inoOf(dir: HostNode, { names, inos }: Listing, at: number): number {
    const known = inos[at]!
    if (known !== 0) return known
    const stats = this.#lstatQuickly(dir, names[at]!)
    return typeof stats === 'number' ? 0 : (inos[at] = shownIno(stats.ino))
  }
  #typeOf(dir: HostNode, name: string): number {
    const found = this.lookup(dir, name)
    return typeof found === 'number' ? DT_UNKNOWN : DT[found.node.kind]
  }

  /**
   * A descriptor of the host for a program, for reading unless `access` says otherwise; -errno when refused. Never
   * waits: a FIFO that took the place is refused.
   */
  open(node: HostNode, access = O_RDONLY): Opened | number {
    if (node.parent === null) return -EACCES
    const ahead = this.#ahead
    if (ahead !== null) {
      this.#ahead = null
      if (ahead.node === node && (ahead.access === access || ahead.access === O_RDWR))
        return this.#openedOn(node, ahead.opened)
      this.descriptors.close(ahead.opened.fd)
    }
    const place = this.placeOf(node.parent, node.name)
    const opened = typeof place === 'number' ? place : this.openAt(place, access)
    if (typeof opened === 'number') return opened
    if (isSame(node, opened.stats)) return this.#openedOn(node, { fd: opened.fd, stat: statOf(opened.stats) })
    this.descriptors.close(opened.fd)
    return -ESTALE
  }
  #openedOn(node: HostNode, opened: Opened): Opened {
    node.fds.push(opened.fd)
    return opened
  }
  /** `isNew`: the open makes the file, and its times are not needed. */
  protected openAt(place: Place, access: number, mode = 0, isNew = false): OpenedAs | number {
    const fd = this.descriptors.openFile(place, access | O_NOFOLLOW | O_NONBLOCK, mode)
    if (fd < 0) return fd
    const stats = isNew ? this.calls.fstatQuickly(fd) : this.calls.fstat(fd)
    if (typeof stats !== 'number' && stats.isFile()) return { fd, stats }
    this.descriptors.close(fd)
    return typeof stats === 'number' ? stats : -ESTALE
  }

  /** Does `act` with a descriptor that names this very file, folder or link; -errno if it is gone. */
  protected onNamed<T>(node: HostNode, act: (fd: number) => T): T | number {
    if (node.kind === 'dir') {
      const fd = this.folder(node)
      return fd < 0 ? fd : act(fd)
    }
    const place = this.placeOf(node.parent!, node.name)
    const fd = typeof place === 'number' ? place : this.descriptors.open(place, O_PATH | O_NOFOLLOW)
    if (fd < 0) return fd
    const stats = this.calls.fstatQuickly(fd)
    const result = typeof stats === 'number' ? stats : isSame(node, stats) ? act(fd) : -ESTALE
    this.descriptors.close(fd)
    return result
  }
  /** An extended attribute of the host. */
  attribute(node: HostNode, name: string): Uint8Array | number {
    const { attributes } = this.calls
    return attributes === null ? -EOPNOTSUPP : this.onNamed(node, (fd) => attributes.get(fd, name))
  }

  /** A descriptor of a folder that can be worked on, not only looked through. */
  protected openFolder(node: HostNode): number {
    const place = node.parent === null ? null : this.placeOf(node.parent, node.name)
    if (typeof place === 'number') return place
    const fd = place === null ? this.reopened(this.rootFd, O_RDONLY)
      : this.descriptors.open(place, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    if (fd < 0) return fd
    const stats = this.calls.fstat(fd)
    if (typeof stats !== 'number' && isSame(node, stats)) return fd
    this.descriptors.close(fd)
    return typeof stats === 'number' ? stats : -ESTALE
  }
  read(fd: number, buf: Uint8Array, off: number, len: number, pos: number): number {
    return this.calls.read(fd, buf, off, len, pos)
  }

  /** A descriptor that a program had of `node`. */
  close(node: HostNode, fd: number): void {
    const { fds } = node
    fds[fds.indexOf(fd)] = fds.at(-1)!
    fds.pop()
    this.descriptors.close(fd)
  }

  /** As `stat`, without times, which is quicker; for files that are about to be changed or removed. */
  statQuickly(node: HostNode): HostStat | number {
    const { parent, name } = node
    if (parent === null) return this.stat(node)
    const stats = this.#lstatQuickly(parent, name)
    if (typeof stats === 'number') return stats
    return isSame(node, stats) ? statOf(stats) : -ESTALE
  }

  #lstatQuickly(dir: HostNode, name: string): AnyStats | number {
    const place = this.placeOf(dir, name)
    return typeof place === 'number' ? place : this.calls.statQuickly(place)
  }
  #lstat(dir: HostNode, name: string): AnyStats | number {
    const place = this.placeOf(dir, name)
    return typeof place === 'number' ? place : this.calls.stat(place)
  }
}

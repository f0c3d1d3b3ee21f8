/**
 * Changes in a folder of the host. Every name is used below an open descriptor of its folder, and no symbolic link is
 * followed on the way or at the end, so what is changed lies in the folder or is the name itself. Only Linux can do
 * that.
 *
 * A link that a program makes is text in the folder: other programs of the host that follow it do so at their own risk.
 */
import { constants } from 'node:fs'
import { EEXIST, EINVAL, ENOENT, EOPNOTSUPP } from '@lsmkit/abi'
import type { Place } from './host-calls.ts'
import { HostDir } from './host-dir.ts'
import { exactTimes, isPlainName } from './host-node.ts'
import type { Found, HostNode, RoundedTimes, Timespec } from './host-node.ts'

const { O_CREAT, O_EXCL, O_RDWR, O_WRONLY } = constants
const PERMISSIONS = 0o777

const NS_PER_SEC = 1_000_000_000n

const timespec = (ns: bigint): Timespec => {
  const sec = (ns < 0n ? ns - NS_PER_SEC + 1n : ns) / NS_PER_SEC
  return { sec: Number(sec), nsec: Number(ns - sec * NS_PER_SEC) }
}
const nanoseconds = (sec: number, nsec: number): bigint => BigInt(sec) * NS_PER_SEC + BigInt(nsec)

/** Null for a time that the host has as it was set. */
const roundedTime = (sec: number, nsec: number, ns: bigint): RoundedTimes['atime'] => {
  const exact = timespec(ns)
  return exact.sec === sec && exact.nsec === nsec ? null : { shown: { sec, nsec }, exact }
}

export class WritableHostDir extends HostDir {
  /** Makes a name with `act`, and looks it up. */
  #make(dir: HostNode, name: string, act: (place: Place) => number): Found | number {
    const rc = this.#act(dir, name, act)
    return rc !== 0 ? rc : this.lookup(dir, name)
  }

  /** Keeps the new file open for the next open, which is usually made by the same program. */
  create(dir: HostNode, name: string, mode: number): Found | number {
    if (!isPlainName(name)) return -EINVAL
    const place = this.placeOf(dir, name)
    if (typeof place === 'number') return place
    const opened = this.openAt(place, O_CREAT | O_EXCL | O_RDWR, mode & PERMISSIONS, true)
    return typeof opened === 'number' ? opened : this.keepOpen(dir, name, opened, O_RDWR)
  }
  mkdir(dir: HostNode, name: string, mode: number): Found | number {
    return this.#make(dir, name, (place) => this.calls.mkdir(place, mode & PERMISSIONS))
  }
  symlink(dir: HostNode, name: string, target: string): Found | number {
    return this.#make(dir, name, (place) => this.calls.symlink(target, place))
  }

  #act(dir: HostNode, name: string, act: (place: Place) => number): number {
    if (!isPlainName(name)) return -EINVAL
    const place = this.placeOf(dir, name)
    return typeof place === 'number' ? place : act(place)
  }
  unlink(node: HostNode): number {
    return node.parent === null ? -EINVAL : this.#act(node.parent, node.name, (place) => this.calls.unlink(place))
  }
  rmdir(node: HostNode): number {
    return node.parent === null ? -EINVAL : this.#act(node.parent, node.name, (place) => this.calls.rmdir(place))
  }

  /**
   * Two names at once: each below a descriptor of its own. The first is opened for this alone: on its deep way to the
   * second folder the walk may give back those that are kept, and then their numbers mean other folders.
   */
  #both(a: HostNode, dir: HostNode, name: string, act: (from: Place, to: Place) => number): number {
    const { parent } = a
    if (parent === null || !isPlainName(name)) return -EINVAL
    const fd = this.folderOfOwn(parent)
    if (fd < 0) return fd
    try {
      return this.#act(dir, name, (to) => act(this.calls.place(fd, a.name), to))
    } finally {
      this.descriptors.close(fd)
    }
  }
  link(node: HostNode, dir: HostNode, name: string): number {
    return this.#both(node, dir, name, (from, to) => this.calls.link(from, to))
  }
  /** The host replaces an existing name, unless `keep`; by Node's calls the check and the change are two steps then. */
  rename(node: HostNode, dir: HostNode, name: string, keep: boolean): number {
    const { rename, renameNew } = this.calls
    if (keep && renameNew === null) {
      const there = this.lookup(dir, name)
      if (there !== -ENOENT) return typeof there === 'number' ? there : -EEXIST
    }
    const rc = this.#both(node, dir, name, keep && renameNew !== null ? renameNew : rename)
    if (rc !== 0) return rc
    node.parent = dir
    node.name = name
    node.proof = null
    return 0
  }

  /** Does `act` with a descriptor of the file that was opened for it. */
  #using(node: HostNode, access: number, act: (fd: number) => number): number {
    const opened = this.open(node, access)
    if (typeof opened === 'number') return opened
    const rc = act(opened.fd)
    this.close(node, opened.fd)
    return rc
  }
  truncate(node: HostNode, size: number): number {
    return this.#using(node, O_WRONLY, (fd) => this.calls.truncate(fd, size))
  }
  /** By a descriptor that is open for writing. */
  resize(fd: number, size: number): number {
    return this.calls.truncate(fd, size)
  }

  /** Mode and times of a file or folder; -errno. */
  #onNode(node: HostNode, act: (fd: number) => number): number {
    if (this.calls.changesByName) return this.onNamed(node, act)
    if (node.kind === 'file') return this.#using(node, constants.O_RDONLY, act)
    const fd = this.openFolder(node)
    if (fd < 0) return fd
    const rc = act(fd)
    this.descriptors.close(fd)
    return rc
  }
  chmod(node: HostNode, mode: number): number {
    return this.#onNode(node, (fd) => this.calls.chmod(fd, mode & PERMISSIONS))
  }
  /**
   * Nanoseconds since 1970; null leaves a time unchanged. Node passes seconds on as a number with fractions, which is
   * exact to a quarter of a microsecond (Node 20: a microsecond), so the node remembers the time as it was set. A host
   * that cannot leave a time unchanged sets it again.
   */
  utimes(node: HostNode, atime: bigint | null, mtime: bigint | null): number {
    if (!this.calls.keepsTime && (atime === null || mtime === null)) {
      const last = this.statNow(node)
      if (typeof last === 'number') return last
      const { atime_sec, atime_nsec, mtime_sec, mtime_nsec } = exactTimes(node, last.times!)
      atime ??= nanoseconds(atime_sec, atime_nsec)
      mtime ??= nanoseconds(mtime_sec, mtime_nsec)
    }
    const rc = this.#setTimes(node, atime, mtime)
    const now = rc === 0 ? this.statNow(node) : rc
    if (typeof now === 'number' || now.times === null) return rc
    const { atime_sec, atime_nsec, mtime_sec, mtime_nsec } = now.times
    const before = node.rounded
    node.rounded = {
      atime: atime === null ? before?.atime ?? null : roundedTime(atime_sec, atime_nsec, atime),
      mtime: mtime === null ? before?.mtime ?? null : roundedTime(mtime_sec, mtime_nsec, mtime),
    }
    return 0
  }
  #setTimes(node: HostNode, atime: bigint | null, mtime: bigint | null): number {
    if (node.kind !== 'link') return this.#onNode(node, (fd) => this.calls.futimes(fd, atime, mtime))
    const still = this.stat(node)
    if (typeof still === 'number') return still
    return this.#act(node.parent!, node.name, (place) => this.calls.lutimes(place, atime, mtime))
  }

  /** Sets an extended attribute of the host, or removes it (null). */
  setAttribute(node: HostNode, name: string, value: Uint8Array | null, flags: number): number {
    const { attributes } = this.calls
    if (attributes === null) return -EOPNOTSUPP
    return this.onNamed(node, (fd) =>
      (value === null ? attributes.remove(fd, name) : attributes.set(fd, name, value, flags)))
  }

  write(fd: number, buf: Uint8Array, off: number, len: number, pos: number): number {
    return this.calls.write(fd, buf, off, len, pos)
  }
  fsync(fd: number): number {
    return this.calls.fsync(fd)
  }
}

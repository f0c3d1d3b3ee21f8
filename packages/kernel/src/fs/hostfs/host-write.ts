/**
 * Changes in a folder of the host. Every name is used below an open descriptor of its folder, and no symbolic link is
 * followed on the way or at the end, so what is changed lies in the folder or is the name itself. Only Linux can do
 * that.
 *
 * A link that a program makes is text in the folder: other programs of the host that follow it do so at their own risk.
 */
import {
  constants, fchmodSync, fsyncSync, ftruncateSync, futimesSync, linkSync, lutimesSync, mkdirSync, renameSync, rmdirSync,
  symlinkSync, unlinkSync, writeSync,
} from 'node:fs'
import { EEXIST, EINVAL, ENOENT } from '@lsmkit/abi'
import { encodeName } from '../../state/vfs/names.ts'
import { rcOf } from './host-descriptors.ts'
import { HostDir } from './host-dir.ts'
import { pathBelow } from './host-folders.ts'
import { isPlainName } from './host-node.ts'
import type { Found, HostNode } from './host-node.ts'

const { O_CREAT, O_EXCL, O_RDWR, O_WRONLY } = constants
const PERMISSIONS = 0o777

/** True if the host can leave a time unchanged (UTIME_OMIT): libuv since 1.51 takes NaN for that. */
const KEEPS_TIME = ((): boolean => {
  const [major = 0, minor = 0] = process.versions.uv.split('.').map(Number)
  return major > 1 || minor >= 51
})()
/** Node takes a number below 0 for the current time, so earlier times are dates, exact to the millisecond. */
const hostTime = (ns: bigint): number | Date => (ns < 0n ? new Date(Number(ns / 1_000_000n)) : Number(ns) / 1e9)
/** A time that does not change is set to its old value, as exact as seconds with fractions are. */
const keptTime = (ns: bigint | undefined): number | Date => (ns === undefined ? new Date(NaN) : hostTime(ns))
/** Null for a time that the host has as it was set, and for one that was not set. */
const roundedTime = (shown: bigint, exact: bigint | null): { shown: bigint; exact: bigint } | null =>
  exact === null || exact === shown ? null : { shown, exact }

export class WritableHostDir extends HostDir {
  /** Makes a name with `act`, and looks it up. */
  #make(dir: HostNode, name: string, act: (path: Buffer | string) => void): Found | number {
    if (!isPlainName(name)) return -EINVAL
    const rc = this.below(dir, name, (path) => {
      act(path)
      return 0
    })
    return rc !== 0 ? rc : this.lookup(dir, name)
  }

  /** Keeps the new file open for the next open, which is usually made by the same program. */
  create(dir: HostNode, name: string, mode: number): Found | number {
    if (!isPlainName(name)) return -EINVAL
    const opened = this.below(dir, name, (path) =>
      this.openAt(path, O_CREAT | O_EXCL | O_RDWR, mode & PERMISSIONS, true))
    return typeof opened === 'number' ? opened : this.keepOpen(dir, name, opened, O_RDWR)
  }
  mkdir(dir: HostNode, name: string, mode: number): Found | number {
    return this.#make(dir, name, (path) => mkdirSync(path, mode & PERMISSIONS))
  }
  symlink(dir: HostNode, name: string, target: string): Found | number {
    return this.#make(dir, name, (path) => symlinkSync(Buffer.from(encodeName(target)), path))
  }

  #act(dir: HostNode, name: string, act: (path: Buffer | string) => void): number {
    if (!isPlainName(name)) return -EINVAL
    return this.below(dir, name, (path) => {
      act(path)
      return 0
    })
  }
  unlink(node: HostNode): number {
    return node.parent === null ? -EINVAL : this.#act(node.parent, node.name, (path) => unlinkSync(path))
  }
  rmdir(node: HostNode): number {
    return node.parent === null ? -EINVAL : this.#act(node.parent, node.name, (path) => rmdirSync(path))
  }

  /**
   * Two names at once: each below a descriptor of its own. The first is opened for this alone: on its deep way to the
   * second folder the walk may give back those that are kept, and then their numbers mean other folders.
   */
  #both(
    a: HostNode, dir: HostNode, name: string, act: (from: Buffer | string, to: Buffer | string) => void,
  ): number {
    const { parent } = a
    if (parent === null || !isPlainName(name)) return -EINVAL
    const fd = this.folderOfOwn(parent)
    if (fd < 0) return fd
    try {
      return this.#act(dir, name, (to) => act(pathBelow(fd, a.name), to))
    } finally {
      this.descriptors.close(fd)
    }
  }
  link(node: HostNode, dir: HostNode, name: string): number {
    return this.#both(node, dir, name, (from, to) => linkSync(from, to))
  }
  /** The host replaces an existing name, unless `keep`; then the check and the change are two steps. */
  rename(node: HostNode, dir: HostNode, name: string, keep: boolean): number {
    if (keep) {
      const there = this.lookup(dir, name)
      if (there !== -ENOENT) return typeof there === 'number' ? there : -EEXIST
    }
    const rc = this.#both(node, dir, name, (from, to) => renameSync(from, to))
    if (rc !== 0) return rc
    node.parent = dir
    node.name = name
    node.proof = null
    return 0
  }

  #try(act: () => void): number {
    try {
      act()
      return 0
    } catch (error) {
      return rcOf(error)
    }
  }
  /** Does `act` with a descriptor of the file that was opened for it. */
  #using(node: HostNode, access: number, act: (fd: number) => void): number {
    const opened = this.open(node, access)
    if (typeof opened === 'number') return opened
    const rc = this.#try(() => act(opened.fd))
    this.close(node, opened.fd)
    return rc
  }
  truncate(node: HostNode, size: number): number {
    return this.#using(node, O_WRONLY, (fd) => ftruncateSync(fd, size))
  }
  /** By a descriptor that is open for writing. */
  resize(fd: number, size: number): number {
    return this.#try(() => ftruncateSync(fd, size))
  }

  /** Mode and times of a file or folder; -errno. */
  #onNode(node: HostNode, act: (fd: number) => void): number {
    if (node.kind === 'file') return this.#using(node, constants.O_RDONLY, act)
    const fd = this.openFolder(node)
    if (fd < 0) return fd
    const rc = this.#try(() => act(fd))
    this.descriptors.close(fd)
    return rc
  }
  chmod(node: HostNode, mode: number): number {
    return this.#onNode(node, (fd) => fchmodSync(fd, mode & PERMISSIONS))
  }
  /**
   * Nanoseconds since 1970; null leaves a time unchanged. Node passes seconds on as a number with fractions, which is
   * exact to a quarter of a microsecond (Node 20: a microsecond), so the node remembers the time as it was set.
   */
  utimes(node: HostNode, atime: bigint | null, mtime: bigint | null): number {
    const rc = this.#setTimes(node, atime, mtime)
    const now = rc === 0 ? this.statNow(node) : rc
    if (typeof now === 'number' || now.times === null) return rc
    const before = node.rounded
    node.rounded = {
      atime: atime === null ? before?.atime ?? null : roundedTime(now.times.atimeNs, atime),
      mtime: mtime === null ? before?.mtime ?? null : roundedTime(now.times.mtimeNs, mtime),
    }
    return 0
  }
  #setTimes(node: HostNode, atime: bigint | null, mtime: bigint | null): number {
    const now = KEEPS_TIME || (atime !== null && mtime !== null) ? null : this.statNow(node)
    if (typeof now === 'number') return now
    const a = atime === null ? keptTime(now?.times?.atimeNs) : hostTime(atime)
    const m = mtime === null ? keptTime(now?.times?.mtimeNs) : hostTime(mtime)
    if (node.kind !== 'link') return this.#onNode(node, (fd) => futimesSync(fd, a, m))
    const still = this.stat(node)
    if (typeof still === 'number') return still
    return this.#act(node.parent!, node.name, (path) => lutimesSync(path, a, m))
  }

  write(fd: number, buf: Uint8Array, off: number, len: number, pos: number): number {
    try {
      return writeSync(fd, buf, off, len, pos)
    } catch (error) {
      return rcOf(error)
    }
  }
  fsync(fd: number): number {
    return this.#try(() => fsyncSync(fd))
  }
}

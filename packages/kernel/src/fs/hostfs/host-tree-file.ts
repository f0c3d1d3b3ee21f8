/** Files of a `HostTree`, and what the host says of them. */
import { closeSync, fchmodSync, fchownSync, fstatSync, fsyncSync, readSync, writeSync } from 'node:fs'
import type { BigIntStats } from 'node:fs'
import type { AnyStats, HostTimes } from './host-node.ts'

export const PERMISSIONS = 0o777

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

export const treeStatOf = (stats: AnyStats): HostTreeStat => ({
  kind: stats.isDirectory() ? 'dir' : stats.isFile() ? 'file' : stats.isSymbolicLink() ? 'link' : 'other',
  dev: deviceOf(stats), ino: BigInt(stats.ino), size: Number(stats.size), mode: Number(stats.mode) & PERMISSIONS,
  uid: Number(stats.uid), gid: Number(stats.gid), ...changeTimes(stats),
})

/** As `st_dev`. Native calls answer the major number in the upper half, and the minor number in the lower one. */
const deviceOf = ({ dev, times }: AnyStats): bigint => {
  const number = BigInt(dev)
  if (times === undefined) return number
  const [major, minor] = [number >> 32n, number & 0xffff_ffffn]
  return ((major & ~0xfffn) << 32n) | ((major & 0xfffn) << 8n) | ((minor & ~0xffn) << 12n) | (minor & 0xffn)
}

const changeTimes = (stats: AnyStats): Pick<HostTreeStat, 'mtimeNs' | 'ctimeNs'> => {
  if (stats.times !== undefined) return exactTimes(stats.times)
  const { mtimeNs, ctimeNs } = stats as unknown as BigIntStats
  return { mtimeNs, ctimeNs }
}
const exactTimes = ({ mtime_sec, mtime_nsec, ctime_sec, ctime_nsec }: HostTimes) =>
  ({ mtimeNs: nanoseconds(mtime_sec, mtime_nsec), ctimeNs: nanoseconds(ctime_sec, ctime_nsec) })
const nanoseconds = (sec: number, nsec: number): bigint => BigInt(sec) * 1_000_000_000n + BigInt(nsec)

/** A file of the folder that is open. */
export class HostTreeFile {
  readonly #fd: number

  constructor(fd: number) {
    this.#fd = fd
  }

  get stat(): HostTreeStat {
    return treeStatOf(fstatSync(this.#fd, { bigint: true }))
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

/** The memory of a copy-on-write folder beside its upper layer: when it was opened, and which files we have written. */
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '@lsmkit/abi'
import type { Path } from '@lsmkit/core'
import type { Kstat } from '@lsmkit/kernel'
import type { HostTreeStat } from '@lsmkit/kernel/hostfs'

/** A name of the folder as it was when the upper layer got its copy. */
export interface LowerNote {
  /** In the folder of the host, relative. */
  readonly path: string
  readonly ino: number
  readonly size: number
  /** Nanoseconds, as text. */
  readonly mtime: string
  readonly ctime: string
  /** Permissions. */
  readonly mode?: number
  /** It had changed on the host after the folder was opened. */
  readonly isLate: boolean
}

/** Identifies what `apply` has written: while that is there, nobody else has changed it. */
export interface OwnWrite {
  readonly ino: number
  readonly ctime: string
}

/**
 * The longest tick of Linux, at CONFIG_HZ=100, in milliseconds. Times of change are those of the last tick, so a file
 * that changes now may have a time before now (the kernel's `ktime_get_coarse_real_ts64`).
 */
const TICK = 10

/** Bits of an inode number that a file system of the kernel shows of the host's. */
const INO_BITS = 52
export const shownIno = (ino: bigint): number => Number(BigInt.asUintN(INO_BITS, ino))

const nanoseconds = (sec: number, nsec: number): bigint => BigInt(sec) * 1_000_000_000n + BigInt(nsec)
const KINDS: ReadonlySet<number> = new Set([S_IFREG, S_IFDIR, S_IFLNK])

/** Files that have changed until now have no later time. */
const nextMillisecond = (): number => Date.now() + 1

export class CowState {
  /** Milliseconds of the host's clock. Files of the host that change later have changed meanwhile. */
  since = nextMillisecond()
  readonly own = new Map<string, OwnWrite>()

  /** Milliseconds until every change of the host has a time after `since`. */
  get untilSettled(): number {
    return Math.max(0, this.since + TICK + 1 - Date.now())
  }

  reset(since = nextMillisecond(), own: Iterable<readonly [string, OwnWrite]> = []): void {
    this.since = since
    this.own.clear()
    for (const [path, write] of own) this.own.set(path, write)
  }

  /** Whether somebody has changed it on the host since the folder was opened, other than `apply`. */
  isLate(path: string, { ino, ctimeNs }: Pick<HostTreeStat, 'ino' | 'ctimeNs'>): boolean {
    if (ctimeNs <= BigInt(this.since) * 1_000_000n) return false
    return !this.isOwn(path, { ino, ctimeNs })
  }

  isOwn(path: string, { ino, ctimeNs }: Pick<HostTreeStat, 'ino' | 'ctimeNs'>): boolean {
    const own = this.own.get(path)
    return own !== undefined && own.ino === shownIno(ino) && own.ctime === String(ctimeNs)
  }

  noteOwn(path: string, { ino, ctimeNs }: HostTreeStat): void {
    this.own.set(path, { ino: shownIno(ino), ctime: String(ctimeNs) })
  }

  /** Names on the host have changed. */
  rename(pathAfter: (path: string) => string): void {
    const own = [...this.own].map(([path, write]) => [pathAfter(path), write] as const)
    this.own.clear()
    for (const [path, write] of own) this.own.set(path, write)
  }

  /** The note of a lower name that is about to be copied; null for what is none of a folder. */
  noteOf(path: string, stat: Kstat): LowerNote | null {
    if (!KINDS.has(stat.mode & S_IFMT)) return null
    const ctimeNs = nanoseconds(stat.ctime_sec, stat.ctime_nsec)
    return {
      path, ino: stat.ino, size: stat.size, mtime: String(nanoseconds(stat.mtime_sec, stat.mtime_nsec)),
      ctime: String(ctimeNs), mode: stat.mode & 0o777, isLate: this.isLate(path, { ino: BigInt(stat.ino), ctimeNs }),
    }
  }
}

/** Of the folder itself. */
export const noteOfRoot = ({ ino, size, mtimeNs, ctimeNs, mode }: HostTreeStat): LowerNote => ({
  path: '', ino: shownIno(ino), size, mtime: String(mtimeNs), ctime: String(ctimeNs), mode: mode & 0o777, isLate: false,
})

/** Whether the file or link of the host is still what the note says. */
export const isAsNoted = (note: LowerNote, { ino, size, mtimeNs, ctimeNs }: HostTreeStat): boolean =>
  !note.isLate && note.ino === shownIno(ino) && note.size === size && note.mtime === String(mtimeNs) &&
  note.ctime === String(ctimeNs)

const encoder = new TextEncoder()
const decoder = new TextDecoder()
export const noteBytes = (note: LowerNote): Uint8Array => encoder.encode(JSON.stringify(note))

/** Null for other bytes: a snapshot may come from anywhere. */
export const noteOfBytes = (bytes: Uint8Array | null): LowerNote | null => {
  if (bytes === null) return null
  try {
    const note = JSON.parse(decoder.decode(bytes)) as LowerNote | null
    return typeof note?.path === 'string' && typeof note.ino === 'number' ? note : null
  } catch {
    return null
  }
}

/** Of a lower name, relative to the root of its layer. */
export const pathInLayer = ({ dentry, mnt }: Path): string => {
  const names: string[] = []
  for (let at = dentry; at !== mnt.mnt_root && at.d_parent !== null; at = at.d_parent) names.unshift(at.d_name.name)
  return names.join('/')
}

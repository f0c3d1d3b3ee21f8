/** Files and folders of the host that look-ups have found, and their attributes. */
import type { BigIntStats, Stats } from 'node:fs'
import type { FolderWatch } from './folder-watch.ts'

/** A file, folder or link that a look-up has found. */
export interface HostNode {
  /** Null for the root folder. */
  parent: HostNode | null
  name: string
  /** A number where that is exact. */
  readonly dev: number | bigint
  readonly ino: number | bigint
  readonly kind: 'dir' | 'file' | 'link'
  /** Descriptors of programs that are open on it. */
  readonly fds: number[]
  /** Its name was not checked, because an open is about to check it. */
  trusted: boolean
  /** Of a folder: what proves that its name was not changed since it was checked; null for nothing. */
  proof: NameProof | null
  /** Of a folder that is kept open. */
  open: OpenFolder | null
  /** Times that a program has set, which Node could only pass on rounded; null for most files. */
  rounded: RoundedTimes | null
}

/** When a folder and the one above had last changed as its name was checked. */
interface TimeProof {
  readonly watch: null
  readonly own: number
  readonly above: number
}
/** What the watch of the folder above had counted then. */
interface WatchProof {
  readonly watch: FolderWatch
  readonly changes: number
}
export type NameProof = TimeProof | WatchProof

/** The descriptor of a folder that is kept for the next look-up. */
export interface OpenFolder {
  readonly fd: number
  /** Since others were last given back. */
  isUsed: boolean
  /** Null for a folder that is not watched. */
  watch: FolderWatch | null
}

/** The host's name space for labels of modules. */
export type LabelSpace = 'user' | 'security'

export interface Timespec {
  readonly sec: number
  readonly nsec: number
}

/** What the host shows since a program has set a time, and the time as it was set. */
interface RoundedTime {
  readonly shown: Timespec
  readonly exact: Timespec
}
export interface RoundedTimes {
  readonly atime: RoundedTime | null
  readonly mtime: RoundedTime | null
}

/** The result of a look-up. */
export interface Found {
  readonly node: HostNode
  readonly stat: HostStat
}

/** A file that was opened, and its attributes. */
export interface Opened {
  readonly fd: number
  readonly stat: HostStat
}

/** Size, mode and times as they are now. */
export interface HostStat {
  readonly mode: number
  readonly size: number
  readonly nlink: number
  /** Null if they were not asked for: Node's big integers cost more than all the rest. */
  readonly times: HostTimes | null
}

/** Seconds since 1970, and nanoseconds from 0 on. */
export interface HostTimes {
  readonly atime_sec: number
  readonly atime_nsec: number
  readonly mtime_sec: number
  readonly mtime_nsec: number
  readonly ctime_sec: number
  readonly ctime_nsec: number
}

/** Attributes of a file: Node's stats in big integers, or quicker in numbers, or those of native calls. */
export interface AnyStats {
  readonly dev: number | bigint
  readonly ino: number | bigint
  readonly mode: number | bigint
  readonly size: number | bigint
  readonly nlink: number | bigint
  readonly uid: number | bigint
  readonly gid: number | bigint
  /** Of native calls. */
  readonly times?: HostTimes
  readonly isDirectory: () => boolean
  readonly isFile: () => boolean
  readonly isSymbolicLink: () => boolean
}

export const kindOf = (stats: AnyStats): HostNode['kind'] | null =>
  stats.isDirectory() ? 'dir' : stats.isFile() ? 'file' : stats.isSymbolicLink() ? 'link' : null

export const nodeOf = (
  parent: HostNode | null, name: string, { dev, ino }: AnyStats, kind: HostNode['kind'],
): HostNode => ({
  parent, name, dev: plain(dev), ino: plain(ino), kind, fds: [], trusted: false, proof: null, open: null,
  rounded: null,
})

/** The times of a file that nobody has changed since are those that the program has set. */
export const exactTimes = ({ rounded }: HostNode, times: HostTimes): HostTimes => {
  if (rounded === null) return times
  const { atime, mtime } = rounded
  const exact = { ...times }
  if (atime !== null && atime.shown.sec === times.atime_sec && atime.shown.nsec === times.atime_nsec) {
    exact.atime_sec = atime.exact.sec
    exact.atime_nsec = atime.exact.nsec
  }
  if (mtime !== null && mtime.shown.sec === times.mtime_sec && mtime.shown.nsec === times.mtime_nsec) {
    exact.mtime_sec = mtime.exact.sec
    exact.mtime_nsec = mtime.exact.nsec
  }
  return exact
}

/** A number where that is exact. */
const plain = (value: number | bigint): number | bigint =>
  typeof value === 'bigint' && value <= MAX_SAFE ? Number(value) : value
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER)

const NS_PER_SEC = 1_000_000_000n
/** The last second that a time was in, and when it began: dividing is slow, and most times are near the last one. */
let lastSecond = 0n
let lastSeconds = 0
const secondsOf = (ns: bigint): number => {
  if (ns < lastSecond || ns - lastSecond >= NS_PER_SEC) {
    lastSeconds = Math.floor(Number(ns / NS_PER_SEC))
    lastSecond = BigInt(lastSeconds) * NS_PER_SEC
    if (lastSecond > ns) {
      lastSeconds--
      lastSecond -= NS_PER_SEC
    }
  }
  return lastSeconds
}

const timesOf = ({ atimeNs, mtimeNs, ctimeNs }: BigIntStats): HostTimes => ({
  atime_sec: secondsOf(atimeNs), atime_nsec: Number(atimeNs - lastSecond),
  mtime_sec: secondsOf(mtimeNs), mtime_nsec: Number(mtimeNs - lastSecond),
  ctime_sec: secondsOf(ctimeNs), ctime_nsec: Number(ctimeNs - lastSecond),
})

export const statOf = (stats: AnyStats): HostStat =>
  (stats.times === undefined ? statOfNode(stats) : stats as HostStat)

const statOfNode = (stats: AnyStats): HostStat => ({
  mode: Number(stats.mode),
  size: Number(stats.size),
  nlink: Number(stats.nlink),
  times: 'atimeNs' in stats ? timesOf(stats as unknown as BigIntStats) : null,
})

/** True if its numbers are exact. */
export const isExact = ({ ino, dev }: Stats): boolean => Number.isSafeInteger(ino) && Number.isSafeInteger(dev)

/** The number that programs see. They get numbers of JavaScript. */
export const shownIno = (ino: bigint | number): number =>
  typeof ino === 'number' && ino < 2 ** 52 ? ino : Number(BigInt.asUintN(52, BigInt(ino)))

/** Inode numbers are reused, so the type of file has to be the same, too. */
export const isSame = ({ dev, ino, kind }: HostNode, stats: AnyStats): boolean =>
  plain(stats.dev) === dev && plain(stats.ino) === ino && kindOf(stats) === kind

/** False for names that a file cannot have; the host must never see them. */
export const isPlainName = (name: string): boolean => name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name)

/** Files and folders of the host that look-ups have found, and their attributes. */
import type { BigIntStats, Stats } from 'node:fs'

/** A file, folder or link that a look-up has found. */
export interface HostNode {
  /** Null for the root folder. */
  parent: HostNode | null
  name: string
  readonly dev: bigint
  readonly ino: bigint
  readonly kind: 'dir' | 'file' | 'link'
  /** Descriptors of programs that are open on it. */
  readonly fds: number[]
  /** Its name was not checked, because an open is about to check it. */
  trusted: boolean
  /** Of a folder: when it and the one above had last changed as its name was checked; null if times prove nothing. */
  proof: { readonly own: number; readonly above: number } | null
  /** Times that a program has set, which Node could only pass on rounded; null for most files. */
  rounded: RoundedTimes | null
}

/** What the host shows since a program has set a time, and the time as it was set. */
interface RoundedTime {
  readonly shown: bigint
  readonly exact: bigint
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
  /** Null if they were not asked for: big integers cost more than all the rest. */
  readonly times: { readonly atimeNs: bigint; readonly mtimeNs: bigint; readonly ctimeNs: bigint } | null
}

/** As Node has it: in big integers, or quicker in numbers. */
export type AnyStats = BigIntStats | Stats

export const kindOf = (stats: AnyStats): HostNode['kind'] | null =>
  stats.isDirectory() ? 'dir' : stats.isFile() ? 'file' : stats.isSymbolicLink() ? 'link' : null

export const nodeOf = (
  parent: HostNode | null, name: string, { dev, ino }: AnyStats, kind: HostNode['kind'],
): HostNode => ({
  parent, name, dev: BigInt(dev), ino: BigInt(ino), kind, fds: [], trusted: false, proof: null, rounded: null,
})

const exactTime = (shown: bigint, rounded: RoundedTime | null): bigint =>
  rounded !== null && rounded.shown === shown ? rounded.exact : shown

/** The times of a file that nobody has changed since are those that the program has set. */
export const exactTimes = (
  { rounded }: HostNode, times: NonNullable<HostStat['times']>,
): NonNullable<HostStat['times']> => (rounded === null ? times : {
  atimeNs: exactTime(times.atimeNs, rounded.atime), mtimeNs: exactTime(times.mtimeNs, rounded.mtime),
  ctimeNs: times.ctimeNs,
})

const timesOf = ({ atimeNs, mtimeNs, ctimeNs }: BigIntStats): HostStat['times'] => ({ atimeNs, mtimeNs, ctimeNs })

export const statOf = (stats: AnyStats): HostStat => ({
  mode: Number(stats.mode),
  size: Number(stats.size),
  nlink: Number(stats.nlink),
  times: 'atimeNs' in stats ? timesOf(stats) : null,
})

/** True if its numbers are exact. */
export const isExact = ({ ino, dev }: Stats): boolean => Number.isSafeInteger(ino) && Number.isSafeInteger(dev)

/** The number that programs see. They get numbers of JavaScript. */
export const shownIno = (ino: bigint | number): number =>
  typeof ino === 'number' && ino < 2 ** 52 ? ino : Number(BigInt.asUintN(52, BigInt(ino)))

/** Inode numbers are reused, so the type of file has to be the same, too. */
export const isSame = ({ dev, ino, kind }: HostNode, stats: AnyStats): boolean =>
  BigInt(stats.dev) === dev && BigInt(stats.ino) === ino && kindOf(stats) === kind

/** False for names that a file cannot have; the host must never see them. */
export const isPlainName = (name: string): boolean => name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name)

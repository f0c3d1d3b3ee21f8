/** What is kept of a thing that was found in a folder of the host, and what the host says of it. */
import type { BigIntStats, Stats } from 'node:fs'

/** What is kept of a thing that was found. */
export interface HostNode {
  /** Null for the root folder. */
  parent: HostNode | null
  name: string
  readonly dev: bigint
  readonly ino: bigint
  readonly kind: 'dir' | 'file' | 'link'
  /** Descriptors of programs that are open on it. */
  readonly fds: number[]
  /** Its name was taken on trust for an open that has not come yet. */
  trusted: boolean
  /** Of a folder: when it and the one above had last changed as its name was looked at; null when that says nothing. */
  proof: { readonly own: number; readonly above: number } | null
}

/** What a name leads to. */
export interface Found {
  readonly node: HostNode
  readonly stat: HostStat
}

/** A file that was opened, and what it is. */
export interface Opened {
  readonly fd: number
  readonly stat: HostStat
}

/** Size, mode and times as they are now. */
export interface HostStat {
  readonly mode: number
  readonly size: number
  readonly nlink: number
  /** Null where nobody asks for them: numbers of 64 bits cost more than all the rest. */
  readonly times: { readonly atimeNs: bigint; readonly mtimeNs: bigint; readonly ctimeNs: bigint } | null
}

/** As Node tells it, in whole numbers or, quicker, in those of JavaScript. */
export type AnyStats = BigIntStats | Stats

export const kindOf = (stats: AnyStats): HostNode['kind'] | null =>
  stats.isDirectory() ? 'dir' : stats.isFile() ? 'file' : stats.isSymbolicLink() ? 'link' : null

export const nodeOf = (
  parent: HostNode | null, name: string, { dev, ino }: AnyStats, kind: HostNode['kind'],
): HostNode => ({ parent, name, dev: BigInt(dev), ino: BigInt(ino), kind, fds: [], trusted: false, proof: null })

const timesOf = ({ atimeNs, mtimeNs, ctimeNs }: BigIntStats): HostStat['times'] => ({ atimeNs, mtimeNs, ctimeNs })

export const statOf = (stats: AnyStats): HostStat => ({
  mode: Number(stats.mode),
  size: Number(stats.size),
  nlink: Number(stats.nlink),
  times: 'atimeNs' in stats ? timesOf(stats) : null,
})

/** Whether its numbers are exact. */
export const isExact = ({ ino, dev }: Stats): boolean => Number.isSafeInteger(ino) && Number.isSafeInteger(dev)

/** Inode numbers are given out again: something of another kind is something else. */
export const isSame = ({ dev, ino, kind }: HostNode, stats: AnyStats): boolean =>
  BigInt(stats.dev) === dev && BigInt(stats.ino) === ino && kindOf(stats) === kind

/** A name that could not be one: the kernel never asks for them, and the host must not be asked either. */
export const isPlainName = (name: string): boolean => name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name)

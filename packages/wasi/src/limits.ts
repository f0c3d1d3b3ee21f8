/** The limits of a guest: their names, how each is written, and the defaults of a guest. */
import type { OptionRule, OptionRules } from '@lsmkit/core/option-rules'
import { areRead, asRead } from './read-limits.ts'

/** Bytes as a number, or as text: `'64 MiB'`. `'none'` and Infinity: no limit. */
export type Size = number | string
/** Milliseconds as a number, or as text: `'10 s'`. `'none'` and Infinity: no limit. */
export type Duration = number | string
/** A number, also as text. `'none'` and Infinity: no limit. */
export type Count = number | string

export interface Limits {
  /**
   * Wall clock. Looked at on system calls, and inside computations when `loops` is set; SIGXCPU ends the program.
   */
  readonly time?: Duration
  /** Makes computation interruptible by rewriting the program, which makes it slower. Needs its bytes. */
  readonly loops?: boolean
  /**
   * Of its linear memory; growing further fails as on a full machine. Needs its bytes. A file of the tree that is
   * larger, and larger than 32 MiB, is not executed (ENOMEM): all of it would be read, holes too.
   */
  readonly memory?: Size
  /**
   * Of its tables together, at 40 bytes an entry. As much as `memory` unless given, and 40 MiB at most whatever is
   * said: they lie in the host's heap.
   */
  readonly tables?: Size
  /** To stdout and stderr together; the rest is refused (EFBIG) and SIGXFSZ ends it. */
  readonly output?: Size
  /** The bytes it may add to files in memory, wherever they are mounted (ENOSPC). Host folders are the host's. */
  readonly files?: Size
  /** The same for the number of files, directories and links (ENOSPC). */
  readonly inodes?: Count
  /** Open ones of each process (EMFILE). */
  readonly descriptors?: Count
  /** It and what it starts, at a time (EAGAIN). */
  readonly processes?: Count
  /** Connections to hosts, open or being opened (EADDRNOTAVAIL). The gateway counts them. */
  readonly connections?: Count
  /** Bytes to and from hosts together; beyond it the connection is reset. Counted by the gateway. */
  readonly traffic?: Size
}

export type LimitName = keyof Limits

export interface LimitRow {
  readonly kind: 'duration' | 'size' | 'count' | 'switch'
  /** The default for a guest that `lsm run` or a sandbox starts. */
  readonly guest: string
  /** The bounded resource, in a line of help. */
  readonly help: string
}

const row = (kind: LimitRow['kind'], guest: string, help: string): LimitRow => ({ kind, guest, help })

/** The limits: what each is a number of, what guests have unless you say otherwise, and what it bounds. */
export const limitTable: Readonly<Record<LimitName, LimitRow>> = {
  time: row('duration', '10 min', 'how long it may run'),
  loops: row('switch', 'on', 'whether `time` ends computations too, which makes them slower'),
  memory: row('size', '1 GiB', 'its linear memory'),
  tables: row('size', '40 MiB', 'its tables'),
  output: row('size', '1 GiB', 'what it may write to stdout and stderr'),
  files: row('size', '256 MiB', 'what it may add to files in memory'),
  inodes: row('count', '65536', 'how many files it may add in memory'),
  descriptors: row('count', '1024', 'open files of each process'),
  processes: row('count', '64', 'processes at a time'),
  connections: row('count', '64', 'connections to hosts at a time'),
  traffic: row('size', '1 GiB', 'bytes to and from hosts'),
}

/** All limits, in the order of `limitTable`. */
export const limitNames = Object.keys(limitTable) as LimitName[]

const NONE = 'none'
const UNITS: Readonly<Record<'duration' | 'size', Readonly<Record<string, number>>>> = {
  duration: { '': 1, ms: 1, s: 1000, min: 60_000, h: 3_600_000 },
  size: {
    '': 1, b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40,
  },
}
const WRITTEN: Readonly<Record<LimitRow['kind'], string>> = {
  duration: "milliseconds, or text like '10 s', or 'none'",
  size: "bytes, or text like '64 MiB', or 'none'",
  count: "a whole number, or 'none'",
  switch: 'a boolean',
}

// no regular expressions: the limits of a guest are read at each start, when V8 would compile them
const DOT = 46
const isDigit = (unit: number): boolean => unit >= 48 && unit <= 57
const isLetter = (unit: number): boolean => (unit | 32) >= 97 && (unit | 32) <= 122
const lengthOf = (text: string, is: (unit: number) => boolean): number => {
  let at = 0
  while (at < text.length && is(text.charCodeAt(at))) at++
  return at
}
const isDigits = (text: string): boolean => text !== '' && lengthOf(text, isDigit) === text.length
const isLetters = (text: string): boolean => lengthOf(text, isLetter) === text.length

/** `10 min` as `10` and `min`; there may be one blank between them. */
const parted = (text: string): { readonly digits: string; readonly unit: string } => {
  const at = lengthOf(text, (unit) => isDigit(unit) || unit === DOT)
  return { digits: text.slice(0, at), unit: text.slice(text[at] === ' ' ? at + 1 : at) }
}

/** The number that a limit is; null for what is none. */
const numberOf = (kind: 'duration' | 'size' | 'count', value: unknown): number | null => {
  if (typeof value === 'number') {
    const isWhole = kind !== 'count' || Number.isInteger(value) || value === Infinity
    return value >= 0 && isWhole ? value : null
  }
  if (typeof value !== 'string') return null
  if (value === NONE) return Infinity
  const { digits, unit } = parted(value.trim())
  const parts = digits.split('.')
  if (parts.length > 2 || !parts.every(isDigits) || !isLetters(unit)) return null
  if (kind === 'count') return unit === '' && isDigits(digits) ? Number(digits) : null
  const units = UNITS[kind]
  const name = unit.toLowerCase()
  return Object.hasOwn(units, name) ? Number(digits) * units[name]! : null
}

const ruleOf = ({ kind }: LimitRow): OptionRule => ({
  is: (value) => (kind === 'switch' ? typeof value === 'boolean' : numberOf(kind, value) !== null),
  what: WRITTEN[kind],
})

export const limitRules: OptionRules<Limits> =
  Object.fromEntries(limitNames.map((name) => [name, ruleOf(limitTable[name])])) as OptionRules<Limits>

/** A limit as a person writes it (`on` and `none` for a switch): a value for `Limits`, or null with what it must be. */
export const readLimit = (name: LimitName, text: string): { value: string | boolean } | { must: string } => {
  const { kind } = limitTable[name]
  if (kind === 'switch') return text === 'on' || text === NONE ? { value: text === 'on' } : { must: '`on` or `none`' }
  return numberOf(kind, text) === null ? { must: WRITTEN[kind] } : { value: text }
}

/** The default limits of a guest: `{ ...guestLimits, time: '1 h' }`. */
export const guestLimits: Readonly<Required<Limits>> = Object.freeze(Object.fromEntries(
  limitNames.map((name) => [name, (readLimit(name, limitTable[name].guest) as { value: string | boolean }).value]),
)) as Readonly<Required<Limits>>

/** Limits as numbers: milliseconds, bytes and counts, Infinity for none. */
export interface LimitNumbers extends Readonly<Record<Exclude<LimitName, 'loops'>, number>> {
  readonly loops: boolean
}

/** Limits as plain numbers: bytes, milliseconds, counts; Infinity for none. */
export const limitNumbers = (limits: Limits): LimitNumbers => {
  if (areRead(limits)) return limits as LimitNumbers
  const number = (name: Exclude<LimitName, 'loops'>): number => {
    const value = limits[name]
    return value === undefined ? Infinity : numberOf(limitTable[name].kind as 'size', value) ?? Infinity
  }
  const memory = number('memory')
  return asRead({
    time: number('time'),
    loops: limits.loops === true,
    memory,
    tables: limits.tables === undefined ? memory : number('tables'),
    output: number('output'),
    files: number('files'),
    inodes: number('inodes'),
    descriptors: number('descriptors'),
    processes: number('processes'),
    connections: number('connections'),
    traffic: number('traffic'),
  })
}

/** What the account of a kernel takes for a file of tmpfs, its name and its label: bytes, rounded up. */
const INODE = 1536
/** For all else that a kernel holds: processes, pipes, sockets. */
const REST = 160 * 2 ** 20

/**
 * The `hostMemory` of `bootKernel`, in bytes, with which a program can use what `files` and `inodes` leave it. It is
 * 512 MiB for what a guest gets and for less, and Infinity where one of them is not a limit.
 */
export const hostMemoryFor = (limits: Limits): number => {
  const [asked, usual] = [limitNumbers(limits), limitNumbers(guestLimits)]
  return REST + Math.max(asked.files, usual.files) + INODE * Math.max(asked.inodes, usual.inodes)
}

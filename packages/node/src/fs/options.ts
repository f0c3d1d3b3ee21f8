/** What the calls of `fs` take beside their paths, as Node has it: encodings, flags, times. */
import { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY } from '@lsmkit/abi'
import {
  aBoolean, aString, checkOptions, either, instanceOf, oneOf, orNull, wholeNumber,
} from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'

export interface FileOptions {
  readonly encoding?: BufferEncoding | null
  readonly flag?: string | number
  readonly mode?: number
  readonly flush?: boolean
  readonly signal?: AbortSignal
}
export interface DirOptions {
  readonly recursive?: boolean
  readonly mode?: number
}
export interface ReaddirOptions {
  readonly encoding?: BufferEncoding | null
  readonly withFileTypes?: boolean
  readonly recursive?: boolean
}
export interface RmOptions {
  readonly recursive?: boolean
  readonly force?: boolean
}
export interface StatOptions {
  /** Numbers alone: `true` is refused. */
  readonly bigint?: false
  readonly throwIfNoEntry?: boolean
}
export interface CpOptions {
  readonly recursive?: boolean
  readonly force?: boolean
  readonly errorOnExist?: boolean
}

const flag = either(aString, wholeNumber(0))
const rules = {
  file: { encoding: orNull(aString), flag, mode: wholeNumber(0), flush: aBoolean, signal: instanceOf(AbortSignal) },
  dir: { recursive: aBoolean, mode: wholeNumber(0) },
  readdir: { encoding: orNull(aString), withFileTypes: aBoolean, recursive: aBoolean },
  rm: { recursive: aBoolean, force: aBoolean },
  stat: { bigint: oneOf(false), throwIfNoEntry: aBoolean },
  cp: { recursive: aBoolean, force: aBoolean, errorOnExist: aBoolean },
} satisfies {
  file: OptionRules<FileOptions>, dir: OptionRules<DirOptions>, readdir: OptionRules<ReaddirOptions>
  rm: OptionRules<RmOptions>, stat: OptionRules<StatOptions>, cp: OptionRules<CpOptions>
}

/** Throws OptionError: an option that nothing looks at may be one that was to protect. */
const checked = <T extends object>(given: T | null | undefined, rule: OptionRules<T>, place: string): T => {
  checkOptions(given ?? {}, rule, place)
  return given ?? ({} as T)
}

export const fileOptions = (given: FileOptions | BufferEncoding | null | undefined, place: string): FileOptions =>
  checked(typeof given === 'string' ? { encoding: given } : given, rules.file, place)
export const dirOptions = (given: DirOptions | number | null | undefined, place: string): DirOptions =>
  checked(typeof given === 'number' ? { mode: given } : given, rules.dir, place)
export const readdirOptions = (given: ReaddirOptions | BufferEncoding | null | undefined): ReaddirOptions =>
  checked(typeof given === 'string' ? { encoding: given } : given, rules.readdir, 'readdir')
export const rmOptions = (given: RmOptions | undefined): RmOptions => checked(given, rules.rm, 'rm')
export const statOptions = (given: StatOptions | undefined, place: string): StatOptions =>
  checked(given, rules.stat, place)
export const cpOptions = (given: CpOptions | undefined): CpOptions => checked(given, rules.cp, 'cp')

const flags: Readonly<Record<string, number>> = {
  'r': O_RDONLY, 'rs': O_RDONLY | O_SYNC, 'r+': O_RDWR, 'rs+': O_RDWR | O_SYNC,
  'w': O_WRONLY | O_CREAT | O_TRUNC, 'wx': O_WRONLY | O_CREAT | O_TRUNC | O_EXCL,
  'w+': O_RDWR | O_CREAT | O_TRUNC, 'wx+': O_RDWR | O_CREAT | O_TRUNC | O_EXCL,
  'a': O_WRONLY | O_CREAT | O_APPEND, 'ax': O_WRONLY | O_CREAT | O_APPEND | O_EXCL,
  'a+': O_RDWR | O_CREAT | O_APPEND, 'ax+': O_RDWR | O_CREAT | O_APPEND | O_EXCL,
  'as': O_WRONLY | O_CREAT | O_APPEND | O_SYNC, 'as+': O_RDWR | O_CREAT | O_APPEND | O_SYNC,
}

/** `r`, `w+`, or O_* of Linux. */
export const flagsOf = (given: string | number): number => {
  const known = typeof given === 'number' ? given : flags[given]
  if (known !== undefined) return known
  throw Object.assign(new TypeError(`\`${given}\` is no flag`), { code: 'ERR_INVALID_ARG_VALUE' })
}

/** Seconds, or a date, as milliseconds. */
export const msOf = (time: number | string | Date): number =>
  time instanceof Date ? time.getTime() : Number(time) * 1000

export type Data = string | NodeJS.ArrayBufferView

export const bytesOf = (data: Data, encoding: BufferEncoding | null | undefined): Uint8Array =>
  typeof data === 'string'
    ? Buffer.from(data, encoding ?? 'utf8')
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

export const asAsked = (bytes: Uint8Array, encoding: BufferEncoding | null | undefined): string | Buffer => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return encoding === null || encoding === undefined ? buffer : buffer.toString(encoding)
}

/** A path, or a `file:` URL. A NUL would end it. */
export const pathOf = (path: string | URL | Uint8Array): string => {
  const text = path instanceof URL ? decodeURIComponent(path.pathname) : typeof path === 'string' ? path : decode(path)
  if (!text.includes('\0')) return text
  throw Object.assign(new TypeError('a path has no null bytes'), { code: 'ERR_INVALID_ARG_VALUE' })
}
const decode = (path: Uint8Array): string => new TextDecoder().decode(path)

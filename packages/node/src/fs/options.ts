/** Options of `fs` calls beside their paths, as Node has them: encodings, flags, times. Each is read once. */
import { fileURLToPath } from 'node:url'
import { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY } from '@lsmkit/abi'
import {
  aBoolean, aString, either, instanceOf, oneOf, orNull, wholeNumber,
} from '@lsmkit/core/option-rules'
import { plainOptions } from '@lsmkit/core/plain-options'
import type { OptionShape } from '@lsmkit/core/plain-options'
import { decodeName } from '@lsmkit/kernel'

export interface FileOptions {
  readonly encoding?: BufferEncoding | null
  readonly flag?: string | number
  readonly mode?: number | string
  /** Of calls that write: fsync before the file is closed. */
  readonly flush?: boolean
  readonly signal?: AbortSignal
}
export interface DirOptions {
  readonly recursive?: boolean
  readonly mode?: number | string
}
export interface ReaddirOptions {
  readonly encoding?: 'utf8' | 'utf-8' | null
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

/** Names are text. */
export interface NameOptions {
  readonly encoding?: 'utf8' | 'utf-8' | null
}
/** `true` is refused: `rm` removes trees. */
export interface RmdirOptions {
  readonly recursive?: false
}
/** Options of Node's file streams; reads and writes go through the task. */
export interface StreamOptions {
  readonly flags?: string | number
  readonly encoding?: BufferEncoding | null
  /** A descriptor of the task; the path is then not looked at. */
  readonly fd?: number | null
  readonly mode?: number
  readonly autoClose?: boolean
  readonly emitClose?: boolean
  readonly start?: number
  readonly end?: number
  readonly highWaterMark?: number
  readonly flush?: boolean
  readonly signal?: AbortSignal | null
}

const flag = either(aString, wholeNumber(0))
const mode = either(wholeNumber(0), { is: (value) => typeof value === 'string' && /^[0-7]+$/.test(value), what: 'octal' })
const anEncoding = orNull(aString)
const nameEncoding = oneOf('utf8', 'utf-8', null)
const signal = instanceOf(AbortSignal)

const noRetries = { maxRetries: { why: 'nothing is tried again', but: [0] }, retryDelay: 'nothing is tried again' }
const NO_TIMES = 'the kernel gives copies their times'
const OWN_STREAM = 'it would go past the task'
const shapes = {
  file: { takes: { encoding: anEncoding, flag, mode, flush: aBoolean, signal } } as OptionShape<FileOptions>,
  dir: { takes: { recursive: aBoolean, mode } } as OptionShape<DirOptions>,
  name: { takes: { encoding: nameEncoding } } as OptionShape<NameOptions>,
  readdir: {
    takes: { encoding: nameEncoding, withFileTypes: aBoolean, recursive: aBoolean },
  } as OptionShape<ReaddirOptions>,
  rm: {
    takes: { recursive: aBoolean, force: aBoolean },
    refuses: noRetries,
  } as OptionShape<RmOptions>,
  rmdir: {
    takes: { recursive: oneOf(false) },
    refuses: noRetries,
  } as OptionShape<RmdirOptions>,
  stat: { takes: { bigint: oneOf(false), throwIfNoEntry: aBoolean } } as OptionShape<StatOptions>,
  cp: {
    takes: { recursive: aBoolean, force: aBoolean, errorOnExist: aBoolean },
    refuses: {
      dereference: { why: 'links are copied as links', but: [false] }, filter: 'everything is copied',
      mode: { why: 'files are copied as bytes', but: [0] }, preserveTimestamps: { why: NO_TIMES, but: [false] },
      verbatimSymlinks: { why: 'it is always so', but: [true] },
    },
  } as OptionShape<CpOptions>,
  stream: {
    takes: {
      flags: flag, encoding: anEncoding, fd: orNull(wholeNumber(0)), mode: wholeNumber(0), autoClose: aBoolean,
      emitClose: aBoolean, start: wholeNumber(0), end: either(wholeNumber(0), oneOf(Infinity)),
      highWaterMark: wholeNumber(0), flush: aBoolean, signal: orNull(signal),
    },
    refuses: { fs: OWN_STREAM, windowsHandle: OWN_STREAM },
  } as OptionShape<StreamOptions>,
}

/** For the test that compares them with what Node knows. */
export const fsShapes = shapes

type WithEncoding = { readonly encoding?: unknown }
/** An encoding alone stands for options with it. */
const named = <T extends WithEncoding>(given: T | string | null | undefined): T | null | undefined =>
  typeof given === 'string' ? ({ encoding: given } as unknown as T) : given

export const fileOptions = (given: FileOptions | BufferEncoding | null | undefined, place: string): FileOptions =>
  plainOptions(named(given), shapes.file, place)
export const dirOptions = (given: DirOptions | number | string | null | undefined, place: string): DirOptions =>
  plainOptions(typeof given === 'number' || typeof given === 'string' ? { mode: given } : given, shapes.dir, place)
export const nameOptions = (given: NameOptions | BufferEncoding | null | undefined, place: string): NameOptions =>
  plainOptions(named(given as NameOptions), shapes.name, place)
export const readdirOptions = (given: ReaddirOptions | BufferEncoding | null | undefined): ReaddirOptions =>
  plainOptions(named(given as ReaddirOptions), shapes.readdir, 'readdir')
export const rmOptions = (given: RmOptions | undefined): RmOptions => plainOptions(given, shapes.rm, 'rm')
export const rmdirOptions = (given: RmdirOptions | undefined): RmdirOptions =>
  plainOptions(given, shapes.rmdir, 'rmdir')
export const statOptions = (given: StatOptions | undefined, place: string): StatOptions =>
  plainOptions(given, shapes.stat, place)
export const cpOptions = (given: CpOptions | undefined): CpOptions => plainOptions(given, shapes.cp, 'cp')
export const streamOptions = (given: StreamOptions | BufferEncoding | null | undefined, place: string): StreamOptions =>
  plainOptions(named(given), shapes.stream, place)

const flags: ReadonlyMap<string, number> = new Map(Object.entries({
  'r': O_RDONLY, 'rs': O_RDONLY | O_SYNC, 'r+': O_RDWR, 'rs+': O_RDWR | O_SYNC,
  'w': O_WRONLY | O_CREAT | O_TRUNC, 'wx': O_WRONLY | O_CREAT | O_TRUNC | O_EXCL,
  'w+': O_RDWR | O_CREAT | O_TRUNC, 'wx+': O_RDWR | O_CREAT | O_TRUNC | O_EXCL,
  'a': O_WRONLY | O_CREAT | O_APPEND, 'ax': O_WRONLY | O_CREAT | O_APPEND | O_EXCL,
  'a+': O_RDWR | O_CREAT | O_APPEND, 'ax+': O_RDWR | O_CREAT | O_APPEND | O_EXCL,
  'as': O_WRONLY | O_CREAT | O_APPEND | O_SYNC, 'as+': O_RDWR | O_CREAT | O_APPEND | O_SYNC,
}))

const badArgument = (name: string, what: string): TypeError =>
  Object.assign(new TypeError(`\`${name}\` is not ${what}`), { code: 'ERR_INVALID_ARG_TYPE' })

/** A whole number, and nothing that becomes one when it is looked at. */
export const wholeOf = (value: unknown, name: string, least = 0): number => {
  if (typeof value !== 'number') throw badArgument(name, 'a number')
  if (Number.isSafeInteger(value) && value >= least) return value
  throw Object.assign(new RangeError(`The value of "${name}" is out of range. Received ${value}`), {
    code: 'ERR_OUT_OF_RANGE',
  })
}

/** A mode as a number or in octal. */
export const modeOf = (value: unknown): number =>
  wholeOf(typeof value === 'string' && /^[0-7]+$/.test(value) ? Number.parseInt(value, 8) : value, 'mode')

/** A user or group; -1 leaves it unchanged. */
export const ownerOf = (value: unknown, name: 'uid' | 'gid'): number => wholeOf(value, name, -1)

/** `r`, `w+`, or O_* of Linux. */
export const flagsOf = (given: string | number): number => {
  if (typeof given !== 'string') return wholeOf(given, 'flags')
  const known = flags.get(given)
  if (known !== undefined) return known
  throw Object.assign(new TypeError(`\`${given}\` is not a flag`), { code: 'ERR_INVALID_ARG_VALUE' })
}

/** Seconds, or a date, as milliseconds. */
export const msOf = (time: number | string | Date): number => {
  if (time instanceof Date) return Date.prototype.getTime.call(time)
  if (typeof time !== 'number' && typeof time !== 'string') throw badArgument('time', 'a number, a string or a Date')
  return Number(time) * 1000
}

export type Data = string | NodeJS.ArrayBufferView

export const bytesOf = (data: Data, encoding: BufferEncoding | null | undefined): Uint8Array => {
  if (typeof data === 'string') return Buffer.from(data, encoding ?? 'utf8')
  if (!ArrayBuffer.isView(data)) throw badArgument('data', 'a string, a Buffer, a TypedArray or a DataView')
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

export const inEncoding = (bytes: Uint8Array, encoding: BufferEncoding | null | undefined): string | Buffer => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return encoding === null || encoding === undefined ? buffer : buffer.toString(encoding)
}

/** A path as text, as bytes or as a `file:` URL. A NUL would end it. */
export const pathOf = (path: string | URL | Uint8Array): string => {
  const text = pathText(path)
  if (!text.includes('\0')) return text
  throw Object.assign(new TypeError('a path has no null bytes'), { code: 'ERR_INVALID_ARG_VALUE' })
}

const pathText = (path: unknown): string => {
  if (typeof path === 'string') return path
  if (path instanceof Uint8Array) return decodeName(new Uint8Array(path))
  // paths of the tree are those of Linux on every host
  if (path instanceof URL) return fileURLToPath(path, { windows: false })
  throw badArgument('path', 'a string, a Uint8Array or a URL')
}

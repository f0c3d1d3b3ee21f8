/**
 * Options of `fs` calls: each one that the call knows is read once. Others are left alone, as Node does: libraries hand
 * their own options on (`spaces` of jsonfile).
 */
import { posix } from 'node:path'
import type { Dirent } from '@lsmkit/kernel/files'
import { oneOfText, wrongType, mistake } from './argument-error.ts'
import {
  booleanOf, encodingOf, functionOf, int32Of, modeOf, signalOf, uint32Of, UINT32_MAX, wholeOf,
} from './checks.ts'
import { flagsOf } from './flags.ts'
import { pathOf } from './paths.ts'
import type { NameEncoding } from './paths.ts'

type Encoding = BufferEncoding | null

export interface FileOptions {
  readonly encoding?: Encoding | 'buffer'
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
export interface NameOptions {
  readonly encoding?: NameEncoding
}
export interface ReaddirOptions extends NameOptions {
  readonly withFileTypes?: boolean
  readonly recursive?: boolean
}
export interface OpendirOptions extends NameOptions {
  /** Entries that are read ahead. */
  readonly bufferSize?: number
  readonly recursive?: boolean
}
export interface RmdirOptions {
  /** Removes what is in it, too. */
  readonly recursive?: boolean
  /** Taken and not needed: nothing that this kernel refuses is granted by waiting. */
  readonly maxRetries?: number
  readonly retryDelay?: number
}
export interface RmOptions extends RmdirOptions {
  /** A file that is not there is no error. */
  readonly force?: boolean
}
export interface StatOptions {
  readonly bigint?: boolean
  /** `false`: undefined for a file that is not there. */
  readonly throwIfNoEntry?: boolean
}
export interface CpOptions {
  /** Links are followed, and what they lead to is copied. */
  readonly dereference?: boolean
  readonly errorOnExist?: boolean
  /** Of the asynchronous forms it may answer a promise. */
  readonly filter?: (source: string, destination: string) => boolean | Promise<boolean>
  readonly force?: boolean
  /** COPYFILE_* bits. */
  readonly mode?: number
  readonly preserveTimestamps?: boolean
  readonly recursive?: boolean
  /** Copied links keep their text, even a relative one. */
  readonly verbatimSymlinks?: boolean
}
export interface GlobOptions {
  /** Where relative patterns begin; the task's own directory unless you say another. */
  readonly cwd?: string | URL
  /** Entries that are left out with all below them: patterns, or a function of the name or entry. */
  readonly exclude?: readonly string[] | ((name: string) => boolean) | ((entry: Dirent) => boolean)
  readonly withFileTypes?: boolean
}
export interface BlobOptions {
  readonly type?: string
}

/** Checks one option and gives what the call works with. `name` is `options.flush`. */
type Rule<T> = (value: unknown, name: string) => T
type Rules = Readonly<Record<string, Rule<unknown>>>
type Read<R extends Rules> = { -readonly [N in keyof R]?: ReturnType<R[N]> }

/** Null is the default. */
const givenMode = (usual: number): Rule<number> => (value) => modeOf(value ?? usual)
const givenFlag: Rule<number | undefined> = (value) => (value === null ? undefined : flagsOf(value))
const booleanOrNull: Rule<boolean> = (value, name) => value !== null && booleanOf(value, name)
/** Truthy, as Node asks. */
const claim: Rule<boolean> = (value) => Boolean(value)
const nameEncoding: Rule<NameEncoding> = (value) => (value === 'buffer' ? value : encodingOf(value))
const fileEncoding = nameEncoding
const accessMode = (value: unknown, name: string): number => (value === null ? 0 : wholeOf(value, name, 0, 7))

/** ERR_OUT_OF_RANGE for less than 1. */
const atLeastOne: Rule<number> = (value, name) => wholeOf(value, name, 1, UINT32_MAX)
const text: Rule<string> = (value, name) => {
  if (typeof value === 'string') return value
  throw wrongType(name, ['string'], value)
}

const excluded: Rule<NonNullable<GlobOptions['exclude']>> = (value, name) => {
  if (typeof value === 'function') return value as (name: string) => boolean
  if (!Array.isArray(value)) throw wrongType(name, ['Function', 'string[]'], value)
  for (const [i, one] of value.entries()) {
    if (typeof one !== 'string') throw wrongType(`${name}[${i}]`, ['string'], one)
  }
  return value as readonly string[]
}

/** Whether a watcher leaves a name out. */
export type Ignored = (name: string) => boolean

/** A pattern, as `path.matchesGlob` takes it, an expression, a function, or several of them. */
const ignoredNames: Rule<Ignored> = (value, name) => {
  const matchers = (Array.isArray(value) ? value : [value]).map((one): Ignored => {
    if (typeof one === 'string') return (path) => posix.matchesGlob(path, one)
    if (one instanceof RegExp) return (path) => one.test(path)
    if (typeof one === 'function') return (path) => Boolean((one as (path: string) => unknown)(path))
    throw wrongType(name, ['string', 'RegExp', 'Function'], one)
  })
  return (path) => matchers.some((matches) => matches(path))
}

/** The options that each call reads, with the check of each. */
export const optionRules = {
  file: {
    encoding: fileEncoding, flag: givenFlag, mode: givenMode(0o666), flush: booleanOrNull,
    signal: signalOf,
  },
  dir: { recursive: booleanOf, mode: givenMode(0o777) },
  name: { encoding: nameEncoding },
  readdir: { encoding: nameEncoding, withFileTypes: claim, recursive: booleanOrNull },
  opendir: { encoding: nameEncoding, bufferSize: atLeastOne, recursive: booleanOf },
  rmdir: {
    recursive: booleanOf, retryDelay: (value, name) => int32Of(value, name, 0), maxRetries: uint32Of,
  },
  rm: {
    force: booleanOf, recursive: booleanOf, retryDelay: (value, name) => int32Of(value, name, 0), maxRetries: uint32Of,
  },
  stat: { bigint: claim, throwIfNoEntry: claim },
  cp: {
    dereference: booleanOf, errorOnExist: booleanOf, filter: functionOf, force: booleanOf,
    mode: (value) => accessMode(value, 'mode'), preserveTimestamps: booleanOf, recursive: booleanOf,
    verbatimSymlinks: booleanOf,
  },
  glob: { cwd: (value) => pathOf(value ?? '', 'options.cwd'), exclude: excluded, withFileTypes: claim },
  blob: { type: text },
  part: { buffer: (value) => value, offset: (value) => value, length: (value) => value, position: (value) => value },
  watch: {
    encoding: nameEncoding, persistent: booleanOf, recursive: booleanOf, signal: signalOf,
    maxQueue: (value, name) => wholeOf(value, name, 1),
    ignore: ignoredNames,
    overflow: (value, name) => oneOfText(value, name, ['ignore', 'throw'] as const),
  },
  watchFile: { bigint: claim, persistent: claim, interval: uint32Of },
} as const satisfies Readonly<Record<string, Rules>>

/**
 * A field of the object or of what it inherits from, but for what every object has: nobody sets an option by writing
 * to `Object.prototype`.
 */
const fieldOf = (given: object, name: string): unknown => {
  for (let from: object | null = given; from !== null;) {
    const above: object | null = Object.getPrototypeOf(from)
    if (above === null && from !== given) return undefined
    if (Object.hasOwn(from, name)) return Reflect.get(from, name, given)
    from = above
  }
  return undefined
}

const read = <R extends Rules>(given: object, rules: R): Read<R> => {
  const copy = Object.create(null) as Record<string, unknown>
  for (const [name, rule] of Object.entries(rules)) {
    const value = fieldOf(given, name)
    if (value !== undefined) copy[name] = rule(value, `options.${name}`)
  }
  return copy as Read<R>
}

/** Options, or an encoding alone. */
export const namedOptions = <R extends Rules>(given: unknown, rules: R): Read<R> => {
  if (given === null || given === undefined || typeof given === 'function') return read({}, rules)
  if (typeof given === 'string') return read({ encoding: given }, rules)
  if (typeof given !== 'object') throw wrongType('options', ['string', 'Object'], given)
  return read(given, rules)
}

/** Options as an object; anything else is an error. */
export const objectOptions = <R extends Rules>(given: unknown, rules: R): Read<R> => {
  if (given === undefined) return read({}, rules)
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw wrongType('options', ['Object'], given)
  return read(given, rules)
}

/** Options as an object; null too means the defaults. */
export const looseOptions = <R extends Rules>(given: unknown, rules: R): Read<R> =>
  objectOptions(given ?? undefined, rules)

export const dirOptions = (given: unknown): Read<typeof optionRules.dir> => {
  const options = typeof given === 'number' || typeof given === 'string' ? { mode: given } : given
  return looseOptions(options, optionRules.dir)
}

export const cpOptions = (given: unknown): Read<typeof optionRules.cp> => {
  const options = objectOptions(given, optionRules.cp)
  if (options.dereference === true && options.verbatimSymlinks === true) {
    throw mistake('ERR_INCOMPATIBLE_OPTION_PAIR',
      'Option "dereference" cannot be used in combination with option "verbatimSymlinks"')
  }
  return options
}

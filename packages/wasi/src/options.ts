/** Options for the caller of a program. */
import {
  aBoolean, aFunction, anObject, aString, bytes, checkOptions, either, instanceOf, listOf, oneOf, OptionError,
  optionsOf, recordOf, required,
} from '@lsmkit/core/option-rules'
import type { OptionRule, OptionRules } from '@lsmkit/core/option-rules'
import type { HttpBody } from '@lsmkit/kernel'
import type { Host } from './host.ts'
import { limitRules } from './limits.ts'
import type { Limits } from './limits.ts'
import { Program } from './program.ts'
import { areRead } from './read-limits.ts'
import type { GivenImports } from './given-imports.ts'
import type { ServedRequest, ServedResponse } from './served.ts'
import type { PreviewCall } from './trace.ts'

/**
 * Takes bytes; the array is reused, so keep a copy. null says that there is no room: nothing was taken, and it is asked
 * again.
 */
export type Sink = (bytes: Uint8Array) => void | null
/**
 * Fills a buffer with at most its length, and says with how much; 0 is the end, null says that there is nothing yet.
 * One that waits by itself instead keeps a program from waiting for anything else (poll_oneoff).
 */
export type Source = (buffer: Uint8Array) => number | null

export interface WasiOptions {
  /**
   * A path in the task's tree, which is executed (execve, with all its hooks), or a program from outside, which the
   * kernel then knows nothing about.
   */
  readonly program: string | Uint8Array<ArrayBuffer> | WebAssembly.Module | Program
  /** Name first. Default: the path of the program, or `program`. */
  readonly argv?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** A stream that is left out is inherited from the task. */
  readonly stdin?: Source | Uint8Array | string
  readonly stdout?: Sink
  readonly stderr?: Sink
  /** Whether the three above are a terminal to the program (isatty). */
  readonly tty?: boolean
  /** Name the program sees to directory of the task's tree. Default: the whole tree, `{ '/': '/' }`. */
  readonly preopens?: Readonly<Record<string, string>>
  /**
   * Whether the program gets system calls by number (`lsmkit.syscall`); they see the task's whole tree. Default: no.
   */
  readonly syscalls?: boolean
  /**
   * Whether the program gets what POSIX has and preview 1 has not: processes, pipes, signals, terminals and sockets
   * (`lsmkit_posix`). They see the task's whole tree too. Default: no.
   */
  readonly posix?: boolean
  /**
   * How a program waits that others run beside (runWasiAsync). `suspended`: in this thread, by JavaScript promise
   * integration. `workers`: each in a worker, over shared memory; programs with threads need it. Default: the first
   * that the engine has.
   */
  readonly waiting?: 'suspended' | 'workers'
  readonly limits?: Limits
  readonly host?: Partial<Host>
  /** Called with every preview 1 call. */
  readonly onCall?: (call: PreviewCall) => void
  /** Imports of a component that you give: interfaces by name, functions of theirs, classes for their resources. */
  readonly imports?: GivenImports
  /**
   * A request of HTTP: the program is a component, and its `wasi:http/incoming-handler` answers it in the place of its
   * entry.
   */
  readonly request?: ServedRequest
}

const aToken: OptionRule = {
  is: (value) => typeof value === 'string' && /^[!#$%&'*+.^_`|~\w-]+$/.test(value),
  what: 'a method',
}
const aUrl: OptionRule = {
  is: (value) => typeof value === 'string' && /^https?:/.test(value) && URL.canParse(value),
  what: 'a URL of http: or https:',
}
/** Characters of a header stand for bytes. */
const isByteText = (value: unknown): boolean =>
  typeof value === 'string' && [...value].every((char) => char.charCodeAt(0) <= 0xff && !'\r\n\0'.includes(char))
const pairsOfBytes: OptionRule = {
  is: (value) => Array.isArray(value) && value.every((pair: unknown) =>
    Array.isArray(pair) && pair.length === 2 && pair.every(isByteText)),
  what: 'pairs of texts, whose characters are bytes',
}

const inParts: OptionRule = {
  is: (value) =>
    typeof (value as { [Symbol.asyncIterator]?: unknown } | null)?.[Symbol.asyncIterator] === 'function',
  what: 'an async iterable',
}
const aBody = optionsOf<HttpBody>({ parts: required(inParts), trailers: required(aFunction) })

export const requestRules: OptionRules<ServedRequest> = {
  method: required(aToken), url: required(aUrl), headers: required(pairsOfBytes),
  body: required(either(bytes, aBody)), onResponse: aFunction,
}

const someLimits = optionsOf(limitRules)
const limits: OptionRule = {
  ...someLimits,
  inside(value, place) {
    if (!areRead(value as object)) someLimits.inside!(value, place)
  },
}

const rules: OptionRules<WasiOptions> = {
  program: required(either(aString, bytes, instanceOf(WebAssembly.Module, Program))),
  argv: listOf(aString),
  env: recordOf(aString),
  stdin: either(aFunction, bytes, aString),
  stdout: aFunction,
  stderr: aFunction,
  tty: aBoolean,
  preopens: recordOf(aString),
  syscalls: aBoolean,
  posix: aBoolean,
  waiting: oneOf('suspended', 'workers'),
  limits,
  host: optionsOf<Host>({ now: aFunction, wallClock: aFunction, sleep: aFunction, wait: aFunction }),
  onCall: aFunction,
  imports: recordOf(either(aFunction, anObject)),
  request: optionsOf(requestRules),
}

/** `of` is the function's name. Throws OptionError. */
export const checkWasiOptions = (options: WasiOptions, of: string): void => checkOptions(options, rules, of)

/** As `checkWasiOptions`, for a program that keeps the thread: parts of a body could not come meanwhile. */
export const checkKeepingOptions = (options: WasiOptions, of: string): void => {
  checkWasiOptions(options, of)
  const { request } = options
  if (request === undefined || request.body instanceof Uint8Array) return
  throw new OptionError('bad-option', 'a body in parts cannot come while the program keeps the thread', {
    place: `${of}: request`, hint: 'runWasiAsync, or the bytes of the body',
  })
}

/** Whether it gets `lsmkit.syscall`. */
export const maySyscall = ({ syscalls = false }: WasiOptions): boolean => syscalls

/** Whether it gets `lsmkit_posix`. */
export const mayPosix = ({ posix = false }: WasiOptions): boolean => posix

export interface WasiResult {
  /** 0 to 255; 128 + n when signal n has ended it; 126 and 127 when it could not be executed, as a shell says it. */
  readonly status: number
  /** 0 when it ended by itself. */
  readonly signal: number
  /** Why a signal ended it, or why it did not start; for people. */
  readonly reason: string
  readonly stats: WasiStats
  /**
   * Of a program that was given a request; null where it has given none, and `reason` has why. It is missing where
   * `onResponse` has got it.
   */
  readonly response?: ServedResponse | null
}

export interface WasiStats {
  /** Imports called, those of replaced programs included. */
  readonly calls: number
  /** Bytes written to sinks. */
  readonly output: number
  /** Pages of 64 KiB its memory had in the end. */
  readonly pages: number
  /** Milliseconds, compilation apart. */
  readonly time: number
}

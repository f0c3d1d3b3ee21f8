/** Options and results of `box.run`. */
import { SIGKILL } from '@lsmkit/abi'
import {
  aBoolean, aFunction, anObject, aString, bytes, checkOptions, either, instanceOf, listOf, objectWith, optionsOf,
  recordOf, required, wholeNumber,
} from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { limitRules } from '@lsmkit/wasi/limits'
import type { Limits } from '@lsmkit/wasi/limits'
import type { GivenImports, ServedResponse, WindowSize } from '@lsmkit/wasi'
import type { Running, RunSpec, RunStreams } from './box-port.ts'
import type { Denial } from './denial.ts'
import type { HostTraffic } from './hosts/account.ts'
import { aUser } from './policy.ts'
import type { User } from './policy.ts'
import type { RunHttp, ServedHead } from './served-run.ts'

/** A path in the box, or the bytes of a WASI program. */
export type ProgramSource = string | Uint8Array | ArrayBuffer

export interface RunOptions {
  /** Behind the name. */
  readonly args?: readonly string[]
  /** The program's own name (argv[0]). Default: its path, or `program`. */
  readonly name?: string
  readonly env?: Readonly<Record<string, string>>
  /** Nothing unless given. */
  readonly stdin?: string | Uint8Array | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string>
  /** Where what it writes goes; the program waits while that is full. Without it the text is in the answer. */
  readonly stdout?: WritableStream<Uint8Array>
  readonly stderr?: WritableStream<Uint8Array>
  /** Default `/`. */
  readonly cwd?: string
  /** As in the policy, for this run. */
  readonly user?: User
  readonly label?: string
  /** A role of the policy, which narrows what the program may do. */
  readonly role?: string
  readonly limits?: Limits
  /** Whether the program gets processes, pipes, signals and sockets (`lsmkit_posix`). Default: yes. */
  readonly posix?: boolean
  /** Whether it gets system calls by number (`lsmkit.syscall`). Default: no. */
  readonly syscalls?: boolean
  /** Whether its streams look like a terminal. */
  readonly tty?: boolean
  /** Its streams are a terminal: what you give as `stdin` is typed, and all that it writes goes to `stdout`. */
  readonly terminal?: TerminalChoice
  /**
   * Imports of a component that you give. The functions are yours: no hook is asked about a call of them, and they may
   * do what you may. A box of another thread calls them by messages: it has no classes of yours, and its components
   * have to be suspended (Node 24).
   */
  readonly imports?: GivenImports
  /** Ends the program, and `run` is rejected with its reason. */
  readonly signal?: AbortSignal
}

export interface TerminalChoice extends WindowSize {
  /** Later sizes of the window: the program gets SIGWINCH. */
  readonly resizes?: AsyncIterable<WindowSize>
}

export interface Usage {
  /** Milliseconds, compilation apart. */
  readonly time: number
  /** Imports called. */
  readonly calls: number
  /** Bytes written to stdout and stderr. */
  readonly output: number
  /** Bytes of its linear memory in the end. */
  readonly memory: number
}

export interface RunResult {
  /** Number of the run in its box, from 1. */
  readonly run: number
  /** 0 to 255; 128 + n when signal n has ended it. */
  readonly status: number
  /** 0 when it ended by itself. */
  readonly signal: number
  /** Why a signal ended it, or why it did not start; for people. */
  readonly reason: string
  /** '' where a stream was given. */
  readonly stdout: string
  readonly stderr: string
  readonly denials: readonly Denial[]
  /** Refusals beyond those that are kept (1,024 of a run). */
  readonly denialsLeftOut: number
  /** Hosts of `allow.hosts` that it was connected to. */
  readonly connections: readonly HostTraffic[]
  readonly usage: Usage
  /** Of a run for a request of `box.serve`: null where the component gave none, and missing where it has. */
  readonly response?: ServedResponse | null
}

const aStream = objectWith('getReader', 'a ReadableStream')
const aSink = objectWith('getWriter', 'a WritableStream')
const iterable = {
  is: (value: unknown) =>
    typeof (value as { [Symbol.asyncIterator]?: unknown } | null)?.[Symbol.asyncIterator] === 'function',
  what: 'an async iterable',
}

const cells = required(wholeNumber(0, 0xffff))
const terminalRules: OptionRules<TerminalChoice> = { rows: cells, columns: cells, resizes: iterable }

const rules: OptionRules<RunOptions> = {
  args: listOf(aString), name: aString, env: recordOf(aString),
  stdin: either(aString, bytes, aStream, iterable),
  stdout: aSink, stderr: aSink,
  cwd: aString, user: aUser, label: aString, role: aString, limits: optionsOf(limitRules),
  posix: aBoolean, syscalls: aBoolean, tty: aBoolean,
  terminal: optionsOf(terminalRules),
  imports: recordOf(either(aFunction, anObject)),
  signal: instanceOf(AbortSignal),
}

const aProgram = required(either(aString, bytes, instanceOf(ArrayBuffer)), 'a path in the box, or bytes')
const withProgram = { program: aProgram, ...rules }

/** Options of a run that has no streams of the caller's. */
const { args, name, env, cwd, user, label, role, limits, imports } = rules
export const serveRunRules = { program: aProgram, args, name, env, cwd, user, label, role, limits, imports }

/** Throws OptionError. */
export const specOf = (
  program: ProgramSource, options: RunOptions, request: ServedHead | null = null,
): RunSpec => {
  checkOptions({ program, ...options }, withProgram, 'box.run')
  const path = typeof program === 'string' ? program : null
  return {
    program: typeof program === 'string' ? program : asBytes(program),
    argv: [options.name ?? path ?? 'program', ...options.args ?? []],
    env: options.env ?? {}, cwd: options.cwd ?? '/', user: options.user ?? null, label: options.label ?? null,
    role: options.role ?? null,
    limits: options.limits ?? {}, posix: options.posix ?? true, syscalls: options.syscalls ?? false,
    tty: options.tty ?? false, terminal: windowOf(options),
    imports: options.imports ?? null, request,
  }
}

const windowOf = ({ terminal }: RunOptions): WindowSize | null =>
  terminal === undefined ? null : { rows: terminal.rows, columns: terminal.columns }

const asBytes = (program: Uint8Array | ArrayBuffer): Uint8Array<ArrayBuffer> => {
  if (program instanceof ArrayBuffer) return new Uint8Array(program)
  return program.buffer instanceof ArrayBuffer ? program as Uint8Array<ArrayBuffer> : new Uint8Array(program)
}

type Pull = RunStreams['pull']

const encoder = new TextEncoder()

const pullOf = (stdin: RunOptions['stdin']): { pull: Pull; stop: () => void } => {
  if (stdin === undefined) return { pull: async () => null, stop: () => {} }
  if (typeof stdin === 'string' || stdin instanceof Uint8Array) {
    let rest: Uint8Array | null = typeof stdin === 'string' ? encoder.encode(stdin) : stdin
    return { pull: async () => [rest, rest = null][0]!, stop: () => {} }
  }
  if ('getReader' in stdin) {
    const reader = stdin.getReader()
    return {
      pull: async () => (await reader.read()).value ?? null,
      stop: () => void reader.cancel().catch(() => {}),
    }
  }
  const iterator = stdin[Symbol.asyncIterator]()
  const pull = async (): Promise<Uint8Array | null> => {
    const { done, value } = await iterator.next()
    if (done === true) return null
    return typeof value === 'string' ? encoder.encode(value) : value
  }
  return { pull, stop: () => void iterator.return?.()?.catch?.(() => {}) }
}

/** Collects text, or hands on and waits for room. */
const collector = (to: WritableStream<Uint8Array> | undefined) => {
  if (to === undefined) {
    const decoder = new TextDecoder()
    let text = ''
    return {
      push: async (part: Uint8Array): Promise<void> => void (text += decoder.decode(part, { stream: true })),
      text: () => text + decoder.decode(),
      end: async (): Promise<void> => {},
    }
  }
  const writer = to.getWriter()
  return {
    push: async (part: Uint8Array): Promise<void> => {
      await writer.ready
      // what is wrong with it is told by the next
      writer.write(part).catch(() => {})
      await writer.ready
    },
    text: () => '',
    end: async (): Promise<void> => {
      await writer.close().catch(() => {})
    },
  }
}

/** Runs what `start` starts with the ends of the caller's streams. */
export const runWith = async (
  options: RunOptions, start: (streams: RunStreams) => Running, http: RunHttp | null = null,
): Promise<RunResult> => {
  const { signal } = options
  signal?.throwIfAborted()
  const { pull, stop } = pullOf(options.stdin)
  const out = { stdout: collector(options.stdout), stderr: collector(options.stderr) }
  const running = start({ pull, push: (to, part) => out[to].push(part), http })
  const abort = (): void => running.kill(SIGKILL)
  signal?.addEventListener('abort', abort)
  const stopResizes = follow(options.terminal?.resizes, (size) => running.resize(size))
  try {
    const {
      run, status, signal: ended, reason, stats, denials, denialsLeftOut, connections, response,
    } = await running.end
    signal?.throwIfAborted()
    const { time, calls, output, pages } = stats
    return {
      run, status, signal: ended, reason, denials, denialsLeftOut, connections,
      stdout: out.stdout.text(), stderr: out.stderr.text(),
      usage: { time, calls, output, memory: pages * PAGE }, ...(response === undefined ? {} : { response }),
    }
  } finally {
    signal?.removeEventListener('abort', abort)
    stop()
    stopResizes()
    await Promise.all([out.stdout.end(), out.stderr.end()])
  }
}
const PAGE = 65536

/** Tells each size until it is stopped. */
const follow = (sizes: AsyncIterable<WindowSize> | undefined, tell: (size: WindowSize) => void): (() => void) => {
  if (sizes === undefined) return () => {}
  const iterator = sizes[Symbol.asyncIterator]()
  let isStopped = false
  const goOn = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await iterator.next()
      if (done === true || isStopped) return
      checkOptions(value, windowRules, 'box.run: terminal: resizes')
      tell(value)
    }
  }
  goOn().catch(() => {})
  return () => {
    isStopped = true
    iterator.return?.()?.catch?.(() => {})
  }
}
const windowRules: OptionRules<WindowSize> = { rows: cells, columns: cells }

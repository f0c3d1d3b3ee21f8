/** The interfaces of WASI 0.3 that a component may import. */
import { WASI_FILETYPE_CHARACTER_DEVICE } from '@lsmkit/abi'
import type { Process } from '../../process.ts'
import { beginOutside } from '../async/lower.ts'
import type { Begin } from '../async/lower.ts'
import type { ComponentStream } from '../async/streams.ts'
import type { Scheduler } from '../async/task.ts'
import type { Outside } from '../calls.ts'
import { Resource } from '../handles.ts'
import { Pollable } from '../host/pollable.ts'
import { FileInput, FileOutput } from '../host/file-streams.ts'
import type { Signature } from '../value-types.ts'
import { filesystem, preopens } from './filesystem.ts'
import { client } from './http/handler.ts'
import { messages } from './http/messages.ts'
import { at } from './member.ts'
import type { Functions, Member } from './member.ts'
import { ipNameLookup, sockets } from './sockets.ts'
import { Spelling } from './spelling.ts'
import { fieldTypes, inputStream, outputStream } from './streams.ts'
import type { Host3 } from './streams.ts'

const MS = 1e6
/** Nanoseconds; finer than most hosts' clocks really are. */
const RESOLUTION = 1000n
/** Bytes that one call gives at most; it may give fewer than are asked for. */
const MOST_RANDOM = 2n ** 16n

const none: Functions = () => ({})

class Terminal extends Resource {}

const terminal = (name: string, fd: number): Functions => ({ process }) => ({
  [name]: at(() => {
    const descriptor = process.descriptors.find(fd)
    const isOne = descriptor !== null && descriptor.isStream && descriptor.type === WASI_FILETYPE_CHARACTER_DEVICE
    return isOne ? new Terminal() as never : null
  }),
})

const stdin: Functions = (host) => ({
  'read-via-stream': {
    call: (_, { result }) => inputStream(host, fieldTypes(result), { from: new FileInput({ fd: 0 }, null) }),
  },
})

const output = (fd: number): Functions => (host) => ({
  'write-via-stream': {
    call: ([data], { result }) =>
      outputStream(host, data as ComponentStream, result, { to: new FileOutput({ fd }, null) }),
  },
})

const word = ({ process }: Host3): bigint => {
  const bytes = process.random(8)
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)
}

const random = (bytes: string, one: string): Functions => (host) => ({
  [bytes]: { call: ([most]) => host.process.random(Number((most as bigint) > MOST_RANDOM ? MOST_RANDOM : most)) },
  [one]: at(() => word(host)),
})

const environment: Functions = ({ process }) => ({
  'get-environment': at(() => process.environ.strings.map((pair) => {
    const equals = pair.indexOf('=')
    return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)]
  })),
  'get-arguments': at(() => process.argv.strings),
  // a program begins at its first directory, as in preview 1
  'get-initial-cwd': at(() => null),
})

const exit: Functions = ({ process }) => ({
  exit: { call: ([status]) => process.stop({ kind: 'exited', status: 'ok' in (status as object) ? 0 : 1 }) },
  'exit-with-code': { call: ([status]) => process.stop({ kind: 'exited', status: Number(status) }) },
})

const monotonic: Functions = ({ process, scheduler }) => {
  const until = (ms: number, answer: (value: undefined) => void): void => scheduler.waitForHost(Pollable.ofTime(ms), () => answer(undefined))
  return {
    now: at(() => BigInt(Math.floor(process.host.now() * MS))),
    'get-resolution': at(() => RESOLUTION),
    'wait-until': { later: ([when], answer) => until(Number(when) / MS, answer) },
    'wait-for': { later: ([length], answer) => until(process.host.now() + Number(length) / MS, answer) },
  }
}

const system: Functions = ({ process }) => ({
  now: at(() => {
    const ms = process.host.wallClock()
    const seconds = Math.floor(ms / 1000)
    return { seconds: BigInt(seconds), nanoseconds: Math.floor((ms - seconds * 1000) * MS) }
  }),
  'get-resolution': at(() => RESOLUTION),
})

const interfaces: ReadonlyMap<string, Functions> = new Map<string, Functions>([
  ['wasi:cli/environment', environment], ['wasi:cli/exit', exit], ['wasi:cli/types', none], ['wasi:cli/stdin', stdin],
  ['wasi:cli/stdout', output(1)], ['wasi:cli/stderr', output(2)], ['wasi:cli/terminal-input', none],
  ['wasi:cli/terminal-output', none], ['wasi:cli/terminal-stdin', terminal('get-terminal-stdin', 0)],
  ['wasi:cli/terminal-stdout', terminal('get-terminal-stdout', 1)],
  ['wasi:cli/terminal-stderr', terminal('get-terminal-stderr', 2)],
  ['wasi:clocks/types', none], ['wasi:clocks/monotonic-clock', monotonic], ['wasi:clocks/system-clock', system],
  ['wasi:http/client', client], ['wasi:http/types', messages],
  ['wasi:filesystem/preopens', preopens], ['wasi:filesystem/types', filesystem],
  ['wasi:random/random', random('get-random-bytes', 'get-random-u64')],
  ['wasi:random/insecure', random('get-insecure-random-bytes', 'get-insecure-random-u64')],
  ['wasi:random/insecure-seed', (host) => ({ 'get-insecure-seed': at(() => [word(host), word(host)]) })],
  ['wasi:sockets/ip-name-lookup', ipNameLookup], ['wasi:sockets/types', sockets],
])

/** The interface that an import names, without its version; null for one that is not of WASI 0.3. */
export const interface3Of = (name: string): string | null => {
  const [, of] = /^([^@]+)@0\.3\.\d+(?:-.*)?$/.exec(name) ?? []
  return of !== undefined && interfaces.has(of) ? of : null
}

/** WASI 0.3 for one component. */
export class Wasi3 implements Host3 {
  readonly process: Process
  readonly scheduler: Scheduler
  readonly spelling: Spelling
  readonly #members = new Map<string, ReadonlyMap<string, Member>>()

  constructor(process: Process, scheduler: Scheduler) {
    this.process = process
    this.scheduler = scheduler
    this.spelling = new Spelling(process)
  }

  /** A function of an interface: how it is called, and how it begins. Null where there is none of that name. */
  find(
    from: string, name: string, signature: () => Signature,
  ): { readonly call: Outside; readonly begin: Begin } | null {
    const members = this.#members.get(from) ?? new Map(Object.entries(interfaces.get(from)!(this)))
    this.#members.set(from, members)
    const member = members.get(name)
    if (member === undefined) return null
    if ('call' in member) {
      const call: Outside = (args) => member.call(args, signature())
      return { call, begin: beginOutside(this.scheduler, this.process, name, call) }
    }
    const begin: Begin = (start, resolve) => (member.later(start(), resolve, signature()), null)
    return { call: () => undefined, begin }
  }
}

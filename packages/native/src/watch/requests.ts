/** The request of a waiting call: its arguments as data, with its memory read once. */
import {
  AT_EMPTY_PATH, AT_FDCWD, AT_REMOVEDIR, AT_SYMLINK_FOLLOW, AT_SYMLINK_NOFOLLOW, EINVAL, O_CREAT, O_NOFOLLOW, O_TRUNC,
  O_WRONLY,
} from '@lsmkit/abi'
import { LsmkitError } from '@lsmkit/core'
import type { Arch } from '../sys/calls.ts'
import type { GuestMemory } from './guest-memory.ts'
import type { Notification } from './notification.ts'
import { HEADER, HEADER_WITH_LENGTH, messageHeader, MOST_PARTS, readMessage } from './messages.ts'
import type { Message, MessageHeader } from './messages.ts'
import { swapFlags } from './open-flags.ts'

/** A name as it was given. */
export interface GivenName {
  /** A descriptor of a directory, or AT_FDCWD. */
  readonly at: number
  readonly path: string
  /** Whether a link at its end is followed. */
  readonly follows: boolean
}

export interface OpenRequest {
  readonly kind: 'open'
  readonly name: GivenName
  readonly flags: number
  readonly mode: number
  /** RESOLVE_* of openat2. */
  readonly resolve: number
}
export interface ExecuteRequest {
  readonly kind: 'execute'
  readonly name: GivenName
}
export interface MakeRequest {
  readonly kind: 'make'
  readonly what: 'directory' | 'node' | 'symlink'
  readonly name: GivenName
  readonly mode: number
  readonly device: number
  /** The text of a symbolic link. */
  readonly target: string
}
export interface RemoveRequest {
  readonly kind: 'remove'
  readonly isDirectory: boolean
  readonly name: GivenName
}
export interface MoveRequest {
  readonly kind: 'move' | 'link'
  readonly name: GivenName
  readonly to: GivenName
  readonly flags: number
}
export interface ChangeRequest {
  readonly kind: 'change'
  readonly what: 'mode' | 'owner' | 'size' | 'attribute' | 'no-attribute'
  /** With the path '' it is what the descriptor `at` is open for. */
  readonly name: GivenName
  /** The mode, the size, or the user. */
  readonly a: number
  /** The group, or the flags of setxattr. */
  readonly b: number
  readonly attribute: string
  readonly value: Uint8Array
}
export interface SocketRequest {
  readonly kind: 'socket'
  readonly what: 'connect' | 'bind'
  readonly fd: number
  /** `struct sockaddr`. */
  readonly address: Uint8Array
}
export interface SendRequest {
  readonly kind: 'send'
  readonly fd: number
  readonly flags: number
  readonly headers: readonly MessageHeader[]
  /** The answer is the number of messages, not of bytes. */
  readonly counts: boolean
  /** Reads the message at a place, as it is now; or -errno. */
  read(at: number): Message | number
  /** Lets the program know how much of the message at a place was sent. */
  told(at: number, length: number): void
}
export interface SignalRequest {
  readonly kind: 'signal'
  readonly signal: number
  /** As kill(2): 0 and below are groups. For a descriptor of a process: its number, with `isDescriptor`. */
  readonly pid: number
  readonly isDescriptor: boolean
  /** For a descriptor: PIDFD_SIGNAL_*, and whether the sender has written the signal's information itself. */
  readonly flags: number
  readonly hasInfo: boolean
}
export interface TraceRequest {
  readonly kind: 'trace'
  readonly request: number
  readonly pid: number
}
export interface MountRequest {
  readonly kind: 'mount'
  readonly name: GivenName
}
export interface ForkRequest {
  readonly kind: 'fork'
}
export type Request =
  | OpenRequest | ExecuteRequest | MakeRequest | RemoveRequest | MoveRequest | ChangeRequest | SocketRequest
  | SendRequest | SignalRequest | TraceRequest | MountRequest | ForkRequest

/** An argument that the kernel would refuse, with its -errno. */
class Unreadable extends LsmkitError<'unreadable'> {
  readonly rc: number

  constructor(rc: number) {
    super('unreadable', 'an argument cannot be read')
    this.rc = rc
  }
}

/** One call's arguments. */
class Arguments {
  readonly #memory: GuestMemory
  readonly #call: Notification

  readonly #arch: Arch

  constructor(arch: Arch, call: Notification, memory: GuestMemory) {
    this.#arch = arch
    this.#call = call
    this.#memory = memory
  }

  /** As x86-64 has them. */
  openFlags(flags: number): number {
    return swapFlags(this.#arch, flags)
  }

  int(at: number): number {
    return this.#call.int(at)
  }

  word(at: number): number {
    return this.#call.word(at)
  }

  text(at: number): string {
    const text = this.#memory.name(this.#call.pid, this.word(at))
    if (typeof text === 'number') throw new Unreadable(text)
    return text
  }

  bytesAt(address: number, size: number): Uint8Array {
    if (size === 0) return new Uint8Array()
    const bytes = this.#memory.bytes(this.#call.pid, address, size)
    if (typeof bytes === 'number') throw new Unreadable(bytes)
    return bytes
  }

  message(header: MessageHeader): Message | number {
    return readMessage(this.#memory, this.#call.pid, header)
  }

  /** A length of 32 bits, where the program wants one. */
  putLength(address: number, length: number): void {
    if (address !== 0) this.#memory.put(this.#call.pid, address, new Uint8Array(Uint32Array.of(length).buffer))
  }

  /** `at` null: the current directory. */
  name(at: number | null, path: number, follows = true): GivenName {
    return { at: at === null ? AT_FDCWD : this.int(at), path: this.text(path), follows }
  }

  descriptor(at: number): GivenName {
    return { at: this.int(at), path: '', follows: true }
  }
}

type Read = (args: Arguments) => Request

const followsLink = (flags: number): boolean => (flags & O_NOFOLLOW) === 0
const open = (at: number | null, path: number): Read => (args) => {
  const flags = args.openFlags(args.int(path + 1))
  return { kind: 'open', name: args.name(at, path, followsLink(flags)), flags, mode: args.int(path + 2), resolve: 0 }
}

/** `struct open_how`: later sizes are read as far as they are known, as the kernel does where the rest is 0. */
const openHow: Read = (args) => {
  const size = args.word(3)
  if (size < 24) throw new Unreadable(-EINVAL)
  const how = args.bytesAt(args.word(2), 24)
  const view = new DataView(how.buffer, how.byteOffset)
  const word = (at: number): number => Number(view.getBigUint64(at, true))
  // flags that openat would ignore are errors there
  if (word(0) > 0x7fffffff || word(8) > 0o7777 || word(16) > 0x7fffffff) throw new Unreadable(-EINVAL)
  const flags = args.openFlags(word(0))
  return { kind: 'open', name: args.name(0, 1, followsLink(flags)), flags, mode: word(8), resolve: word(16) }
}

const make = (
  what: MakeRequest['what'], at: number | null, path: number, mode: number | null, device: number | null,
): Read => (args) => ({
  kind: 'make', what, name: args.name(at, path, false),
  mode: mode === null ? 0 : args.int(mode) & 0xffff, device: device === null ? 0 : args.int(device) >>> 0, target: '',
})
const symlink = (at: number | null, path: number): Read => (args) => ({
  kind: 'make', what: 'symlink', name: args.name(at, path, false), mode: 0, device: 0, target: args.text(0),
})
const remove = (at: number | null, path: number, directory: boolean | 'flags'): Read => (args) => ({
  kind: 'remove', name: args.name(at, path, false),
  isDirectory: directory === 'flags' ? (args.int(2) & AT_REMOVEDIR) !== 0 : directory,
})
const move = (isAt: boolean, flags: number | null): Read => (args) => ({
  kind: 'move', name: args.name(isAt ? 0 : null, isAt ? 1 : 0, false),
  to: args.name(isAt ? 2 : null, isAt ? 3 : 1, false), flags: flags === null ? 0 : args.int(flags),
})
const link = (isAt: boolean): Read => (args) => {
  const flags = isAt ? args.int(4) : 0
  return {
    kind: 'link', name: args.name(isAt ? 0 : null, isAt ? 1 : 0, (flags & AT_SYMLINK_FOLLOW) !== 0),
    to: args.name(isAt ? 2 : null, isAt ? 3 : 1, false), flags,
  }
}

const NOTHING = new Uint8Array()
const change = (
  what: ChangeRequest['what'], name: (args: Arguments) => GivenName, a: number | null, b: number | null = null,
): Read => (args) => ({
  kind: 'change', what, name: name(args), a: a === null ? 0 : what === 'size' ? args.word(a) : args.int(a),
  b: b === null ? 0 : args.int(b), attribute: '', value: NOTHING,
})
const named = (at: number | null, path: number, follows = true) => (args: Arguments): GivenName =>
  args.name(at, path, follows)
/** The name with the flags AT_* at a place. */
const flagged = (flags: number) => (args: Arguments): GivenName => {
  const given = args.int(flags)
  const name = args.name(0, 1, (given & AT_SYMLINK_NOFOLLOW) === 0)
  if (name.path === '' && (given & AT_EMPTY_PATH) === 0) throw new Unreadable(NO_NAME)
  return name
}
const NO_NAME = -2
const byDescriptor = (args: Arguments): GivenName => args.descriptor(0)

const attribute = (name: (args: Arguments) => GivenName): Read => (args) => ({
  kind: 'change', what: 'attribute', name: name(args), attribute: args.text(1),
  value: args.bytesAt(args.word(2), args.word(3)), a: 0, b: args.int(4),
})
const noAttribute = (name: (args: Arguments) => GivenName): Read => (args) => ({
  kind: 'change', what: 'no-attribute', name: name(args), attribute: args.text(1), value: NOTHING, a: 0, b: 0,
})

/** `sizeof(struct sockaddr_storage)`. */
const MOST_ADDRESS = 128
const socket = (what: SocketRequest['what'], address: number, size: number): Read => (args) => {
  const length = args.int(size)
  if (length < 0 || length > MOST_ADDRESS) throw new Unreadable(-EINVAL)
  return { kind: 'socket', what, fd: args.int(0), address: args.bytesAt(args.word(address), length) }
}

/** As `__copy_msghdr`: a longer address is cut. */
const addressOfMessage = (args: Arguments) => (at: number, size: number): Uint8Array | null => {
  if (size < 0) throw new Unreadable(-EINVAL)
  return at === 0 || size === 0 ? null : args.bytesAt(at, Math.min(size, MOST_ADDRESS))
}
const sending = (args: Arguments, flags: number, counts: boolean, headers: readonly MessageHeader[]): SendRequest => ({
  kind: 'send', fd: args.int(0), flags, headers, counts,
  read: (at) => args.message(headers[at]!), told: (at, length) => args.putLength(headers[at]!.lengthAt, length),
})
const sendTo: Read = (args) => {
  const size = args.int(5)
  if (size < 0 || size > MOST_ADDRESS) throw new Unreadable(-EINVAL)
  return sending(args, args.int(3), false, [{
    address: addressOfMessage(args)(args.word(4), size), data: { at: args.word(1), size: args.word(2) },
    control: { at: 0, size: 0 }, lengthAt: 0,
  }])
}
const sendMessage: Read = (args) => sending(args, args.int(2), false,
  [messageHeader(args.bytesAt(args.word(1), HEADER), 0, addressOfMessage(args))])
const sendMessages: Read = (args) => {
  const [first, count] = [args.word(1), Math.min(args.int(2) >>> 0, MOST_PARTS)]
  return sending(args, args.int(3), true, Array.from({ length: count }, (_, i) => {
    const at = first + HEADER_WITH_LENGTH * i
    return messageHeader(args.bytesAt(at, HEADER), at + HEADER, addressOfMessage(args))
  }))
}

const signal = (pid: number, at: number, isDescriptor = false): Read => (args) =>
  ({
    kind: 'signal', pid: args.int(pid), signal: args.int(at), isDescriptor,
    flags: isDescriptor ? args.int(3) : 0, hasInfo: isDescriptor && args.word(2) !== 0,
  })
const execute: Read = (args) => ({ kind: 'execute', name: args.name(null, 0) })
const executeAt: Read = (args) => ({ kind: 'execute', name: flagged(4)(args) })

/** Where each call has its arguments. */
const reads: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['open', open(null, 0)], ['openat', open(0, 1)], ['openat2', openHow],
  ['creat', (args) => ({
    kind: 'open', name: args.name(null, 0), flags: O_CREAT | O_WRONLY | O_TRUNC, mode: args.int(1), resolve: 0,
  })],
  ['execve', execute], ['execveat', executeAt],
  ['connect', socket('connect', 1, 2)], ['bind', socket('bind', 1, 2)], ['sendto', sendTo],
  ['sendmsg', sendMessage], ['sendmmsg', sendMessages],
  ['unlink', remove(null, 0, false)], ['rmdir', remove(null, 0, true)], ['unlinkat', remove(0, 1, 'flags')],
  ['rename', move(false, null)], ['renameat', move(true, null)], ['renameat2', move(true, 4)],
  ['link', link(false)], ['linkat', link(true)], ['symlink', symlink(null, 1)], ['symlinkat', symlink(1, 2)],
  ['mkdir', make('directory', null, 0, 1, null)], ['mkdirat', make('directory', 0, 1, 2, null)],
  ['mknod', make('node', null, 0, 1, 2)], ['mknodat', make('node', 0, 1, 2, 3)],
  ['chmod', change('mode', named(null, 0), 1)], ['fchmod', change('mode', byDescriptor, 1)],
  ['fchmodat', change('mode', named(0, 1), 2)], ['fchmodat2', change('mode', flagged(3), 2)],
  ['chown', change('owner', named(null, 0), 1, 2)], ['lchown', change('owner', named(null, 0, false), 1, 2)],
  ['fchown', change('owner', byDescriptor, 1, 2)], ['fchownat', change('owner', flagged(4), 2, 3)],
  ['truncate', change('size', named(null, 0), 1)],
  ['setxattr', attribute(named(null, 0))], ['lsetxattr', attribute(named(null, 0, false))],
  ['fsetxattr', attribute(byDescriptor)], ['removexattr', noAttribute(named(null, 0))],
  ['lremovexattr', noAttribute(named(null, 0, false))], ['fremovexattr', noAttribute(byDescriptor)],
  ['mount', (args) => ({ kind: 'mount', name: args.name(null, 1) })],
  ['ptrace', (args) => ({ kind: 'trace', request: args.int(0), pid: args.int(1) })],
  ['kill', signal(0, 1)], ['tkill', signal(0, 1)], ['tgkill', signal(1, 2)],
  ['pidfd_send_signal', signal(0, 1, true)],
  ['fork', () => ({ kind: 'fork' })], ['vfork', () => ({ kind: 'fork' })], ['clone', () => ({ kind: 'fork' })],
])

/** The calls that can be read. */
export const readableCalls: readonly string[] = [...reads.keys()]

/** The request of the call that is held, or the -errno that the kernel would answer to its arguments. */
export const readRequest = (
  arch: Arch, name: string, call: Notification, memory: GuestMemory,
): Request | number => {
  const read = reads.get(name)
  if (read === undefined) return -EINVAL
  try {
    return read(new Arguments(arch, call, memory))
  } catch (error) {
    if (error instanceof Unreadable) return error.rc
    throw error
  }
}

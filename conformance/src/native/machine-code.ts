/**
 * A child that shares the memory of its parent, as no library makes one: it runs a few instructions of x86-64 that make
 * system calls, or that copy two texts to the same place by turns.
 */
import type { Target } from './target.ts'

/** The result of the call before, as an argument. */
export const LAST = Symbol('last')
export type Word = number | bigint | typeof LAST
export type RawCall = readonly [name: string, ...args: readonly Word[]]

export const CLONE_VM = 0x100
export const CLONE_VFORK = 0x4000
export const CLONE_THREAD = 0x1_0000
export const SIGCHLD = 17
const SIGKILL = 9
const WALL = 0x4000_0000

const NOT_DONE = 7
const PAGE = 4096

/** `mov` of a number of 64 bits to the registers of a call's arguments, and to rax. */
const MOVES = [[0x48, 0xbf], [0x48, 0xbe], [0x48, 0xba], [0x49, 0xba], [0x49, 0xb8], [0x49, 0xb9]] as const
const TO_RAX = [0x48, 0xb8]
const RAX_TO_RDI = [0x48, 0x89, 0xc7]
const SYSCALL = [0x0f, 0x05]
const STORE_RAX = [0x48, 0xa3]
const REP_MOVSB = [0xf3, 0xa4]
const TO_ECX = 0xb9
const JUMP = 0xe9

const quad = (value: number | bigint): number[] =>
  [...new Uint8Array(BigInt64Array.of(BigInt.asIntN(64, BigInt(value))).buffer)]
const double = (value: number): number[] => [...new Uint8Array(Int32Array.of(value).buffer)]

const callCode = (t: Target, [name, ...args]: RawCall): number[] => [
  ...args[0] === LAST ? RAX_TO_RDI : [],
  ...args.flatMap((word, at) => (word === LAST ? [] : [...MOVES[at]!, ...quad(word)])),
  ...TO_RAX, ...quad(t.sys.number(name)), ...SYSCALL,
]

/** Makes calls one after another, writes the last result to an address, and exits. */
const callsCode = (t: Target, calls: readonly RawCall[], result: bigint): number[] => [
  ...calls.flatMap((call) => callCode(t, call)), ...STORE_RAX, ...quad(result), ...callCode(t, ['exit', NOT_DONE]),
]

const copyCode = (from: bigint, to: bigint, size: number): number[] =>
  [...MOVES[1], ...quad(from), ...MOVES[0], ...quad(to), TO_ECX, ...double(size), ...REP_MOVSB]

const loopCode = (texts: readonly bigint[], to: bigint, size: number): number[] => {
  const body = texts.flatMap((from) => copyCode(from, to, size))
  return [...body, JUMP, ...double(-(body.length + 5))]
}

/** The address of the code in memory that can be executed; instructions come through a pipe. */
const executable = (t: Target, code: readonly number[]): number => {
  const at = t.sys.call('mmap', 0, PAGE, 7, 0x22, -1, 0)
  if (at < 0) throw new Error(`mmap answered ${at}`)
  const ends = new Int32Array(2)
  t.sys.call('pipe2', new Uint8Array(ends.buffer), 0)
  const [from = -1, to = -1] = ends
  t.sys.call('write', to, Uint8Array.from(code), code.length)
  const length = t.sys.call('read', from, at, code.length)
  for (const fd of ends) t.sys.call('close', fd)
  if (length !== code.length) throw new Error(`read answered ${length}`)
  return at
}

/** Memory that does not move. */
export const steady = (size: number): Uint8Array => new Uint8Array(new SharedArrayBuffer(size))

/** Bytes at a place that does not move, with their address. */
export const placed = (t: Target, bytes: Uint8Array): bigint => {
  const at = steady(Math.max(256, bytes.length))
  at.set(bytes)
  kept.push(at)
  return t.sys.address(at)
}
const kept: Uint8Array[] = []

const sleep = (milliseconds: number): unknown =>
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)

/** The number of the child, or -errno. It begins by returning from the C library's `syscall` to the code. */
const clone = (t: Target, flags: number, code: number): number => {
  const stack = steady(4 * PAGE)
  kept.push(stack)
  const top = 3 * PAGE
  new DataView(stack.buffer).setBigInt64(top, BigInt(code), true)
  return t.sys.call('clone', flags, Number(t.sys.address(stack)) + top, 0, 0, 0)
}

export interface ChildResult {
  /** Of the last call; null for a child that was not made, or made none of its calls. */
  readonly last: number | null
  /** As wait4(2) gives it; -1 for a child that cannot be waited for. */
  readonly status: number
}

const supported = (): void => {
  if (process.arch !== 'x64') throw new Error('instructions are those of x86-64')
}

/** Has a child with these flags make the calls. */
export const callsOfChild = (t: Target, flags: number, calls: readonly RawCall[]): ChildResult => {
  supported()
  const NONE = 0x7fff_ffff
  const result = steady(256)
  const view = new DataView(result.buffer)
  view.setInt32(0, NONE, true)
  const child = clone(t, flags, executable(t, callsCode(t, calls, t.sys.address(result))))
  if (child < 0) return { last: null, status: -1 }
  for (let i = 0; i < 500 && view.getInt32(0, true) === NONE && isThere(t, child); i++) sleep(2)
  const status = new Int32Array(1)
  const waited = (flags & CLONE_THREAD) !== 0 ? -1
    : t.sys.call('wait4', child, new Uint8Array(status.buffer), WALL, null)
  const last = view.getInt32(0, true)
  return { last: last === NONE ? null : last, status: waited === child ? status[0]! : -1 }
}

const isThere = (t: Target, pid: number): boolean => t.sys.call('getpgid', pid) >= 0

/** The number of a child that copies the texts to `memory` by turns until it is ended, or -errno. */
export const startCopying = (t: Target, memory: Uint8Array, texts: readonly Uint8Array[]): number => {
  supported()
  const from = texts.map((one) => placed(t, one))
  return clone(t, CLONE_VM | SIGCHLD, executable(t, loopCode(from, t.sys.address(memory), memory.length)))
}

export const endChild = (t: Target, pid: number): void => {
  t.sys.call('kill', pid, SIGKILL)
  t.sys.call('wait4', pid, null, WALL, null)
}

/** The exit status of a program that a child executes by `executionCode`; null where it could not. */
export const executedBy = (t: Target, code: number): number | null => {
  const child = clone(t, CLONE_VM | CLONE_VFORK | SIGCHLD, code)
  if (child < 0) return null
  const status = new Int32Array(1)
  t.sys.call('wait4', child, new Uint8Array(status.buffer), WALL, null)
  const exit = status[0]! >> 8
  return exit === NOT_DONE || (status[0]! & 0x7f) !== 0 ? null : exit
}

/** Instructions that execute the program whose name is at an address then. */
export const executionCode = (t: Target, name: bigint, args: bigint): number => {
  supported()
  return executable(t, [...callCode(t, ['execve', name, args, 0]), ...callCode(t, ['exit', NOT_DONE])])
}

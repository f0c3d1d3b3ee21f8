/** The environment of helpers: the machine and its maps, and a host. */
import type { BpfMap } from '../../maps/bpf-map.ts'
import type { MapSpace } from '../../maps/map-space.ts'
import { BpfFault } from '../../vm/fault.ts'
import type { Helper } from '../../vm/executable.ts'
import type { Machine } from '../../vm/machine.ts'
import type { AsyncCalls } from './async-calls.ts'
import type { ProgramHost } from './program-host.ts'

export interface HelperEnv {
  readonly machine: Machine
  readonly maps: MapSpace
  readonly host: ProgramHost
  readonly asyncs: AsyncCalls
}

/** A line of a table of helpers: letters of arguments and result as in `Helper`. */
export type HelperLine = readonly [
  id: number,
  args: string,
  result: Helper['result'],
  call: (env: HelperEnv, ...words: number[]) => number,
  callsBack?: true,
]

/** The map that a register points to; a program that was not verified may have anything there. */
export const mapAt = ({ maps }: HelperEnv, address: number): BpfMap => {
  const map = maps.at(address >>> 0)
  if (map === null) throw new BpfFault('helper', -1, 'no map is at this address')
  return map
}

/** Bytes that the program gives: a view that must not be kept, or a copy out of a kernel object. */
export const given = ({ machine: { memory, objects } }: HelperEnv, address: number, size: number): Uint8Array => {
  const [at, length] = [address >>> 0, size >>> 0]
  if (length === 0 || memory.mayRead(at, length)) return memory.u8.subarray(at, at + length)
  const bytes = objects.bytes(at, 0, length)
  if (bytes === null) throw new BpfFault('memory', -1)
  return bytes
}

/** Where such bytes lie in memory: those of a kernel object are put there for the helper. */
export const placed = (env: HelperEnv, address: number, size: number): number => {
  const { memory } = env.machine
  const [at, length] = [address >>> 0, size >>> 0]
  if (length === 0 || memory.mayRead(at, length)) return at
  const bytes = given(env, at, length)
  const copy = env.machine.copyRoom(length)
  memory.u8.set(bytes, copy)
  return copy
}

/** Bytes that the helper fills for the program. */
export const wanted = ({ machine: { memory } }: HelperEnv, address: number, size: number): Uint8Array => {
  const [at, length] = [address >>> 0, size >>> 0]
  if (length !== 0 && !memory.mayWrite(at, length)) throw new BpfFault('memory', -1)
  return memory.u8.subarray(at, at + length)
}

/** A 64-bit result: the high word goes to the machine's cell. */
export const wide = ({ machine }: HelperEnv, value: number): number => {
  const high = Math.floor(value / WORD)
  machine.high = high | 0
  return (value - high * WORD) | 0
}

/** 64 bits from two words, as a number: exact to 53 bits. */
export const number64 = (low: number, high: number): number => high * WORD + (low >>> 0)

const WORD = 0x1_0000_0000

/** Writes 64 bits. */
export const put64 = ({ machine: { memory } }: HelperEnv, address: number, low: number, high: number): void => {
  if (!memory.mayWrite(address >>> 0, 8)) throw new BpfFault('memory', -1)
  memory.view.setInt32(address >>> 0, low, true)
  memory.view.setInt32((address >>> 0) + 4, high, true)
}

/** The text up to a NUL within `size` bytes. */
export const textAt = (env: HelperEnv, address: number, size: number): string => {
  return textIn(given(env, address, size))
}

const textIn = (bytes: Uint8Array): string => {
  const end = bytes.indexOf(0)
  return new TextDecoder().decode(bytes.subarray(0, end < 0 ? bytes.length : end))
}

const PAGE = 4096

/** The text up to its NUL, wherever that is; none longer than a page is read. */
export const cString = (env: HelperEnv, address: number, high = 0): string => {
  const { memory, objects } = env.machine
  const at = address >>> 0
  if (high === 0 && memory.mayRead(at, 1)) return textAt(env, at, Math.min(PAGE, memory.u8.length - at))
  const bytes = objects.bytes(at, high, PAGE)
  return bytes === null ? '' : textIn(bytes)
}

/** Arguments lie in memory, 8 bytes each. */
export const wordsAt = (env: HelperEnv, at: number, size: number): bigint[] => {
  given(env, at, size)
  const { view } = env.machine.memory
  return Array.from({ length: size >>> 3 }, (_, n) => view.getBigUint64((at >>> 0) + n * 8, true))
}

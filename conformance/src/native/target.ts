/** The surroundings of an attempt to get out: what lies outside of the policy, and tools to make any system call. */
import type { System } from '@lsmkit/native/sys'

export interface Surroundings {
  /** A folder that may be changed, and one that may not be touched. */
  readonly work: string
  readonly outside: string
  /** A file of the outside folder, and its contents. */
  readonly secret: string
  readonly canary: string
  /** A process outside, the one that started the program, and the keeper. */
  readonly sleeper: number
  readonly supervisor: number
  /** Servers outside. */
  readonly tcp: number
  readonly udp: number
  readonly unix: string
  readonly abstract: string
  /** A UNIX socket that takes datagrams; `abstract` with `-datagrams` is another. */
  readonly datagrams: string
  /** Named by the environment of the starter alone. */
  readonly variable: string
  /** The parent of the program, if an attempt is made by a child of the program. */
  readonly parent?: number
}

export interface Target extends Surroundings {
  readonly sys: System
  /** Parent of this process. */
  readonly parent: number
}

/** Getting out: true, a number that is not negative, or the canary itself. */
export type Outcome = boolean | number | string | Promise<boolean | number | string>

export interface Attempt {
  readonly name: string
  readonly run: (target: Target) => Outcome
  /** Changes or ends its own process. */
  readonly alone?: true
  /** It gets out if a process that sleeps for this time is still there after the program has ended. */
  readonly leaves?: (of: Surroundings) => string
}

export const text = (name: string): Uint8Array => Buffer.from(`${name}\0`)
export const AT_FDCWD = -100

/** The contents behind a descriptor, which is closed; empty for a negative one. */
export const contents = ({ sys }: Target, fd: number): string => {
  if (fd < 0) return ''
  const bytes = new Uint8Array(4096)
  const length = sys.call('read', fd, bytes, bytes.length)
  sys.call('close', fd)
  return length > 0 ? Buffer.from(bytes.subarray(0, length)).toString('latin1') : ''
}

export const openAt = ({ sys }: Target, path: string, flags = 0, mode = 0o600): number =>
  sys.call('openat', AT_FDCWD, text(path), flags, mode)

/** `struct sockaddr_in` for 127.0.0.1. */
export const inet = (port: number): Uint8Array => {
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, 2, true)
  view.setUint16(2, port)
  bytes.set([127, 0, 0, 1], 4)
  return bytes
}

/** `struct sockaddr_in6` for ::ffff:127.0.0.1. */
export const inet6 = (port: number): Uint8Array => {
  const bytes = new Uint8Array(28)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, 10, true)
  view.setUint16(2, port)
  bytes.set([0xff, 0xff, 127, 0, 0, 1], 18)
  return bytes
}

export const unixAddress = (path: string): Uint8Array =>
  Buffer.concat([Uint8Array.of(1, 0), Buffer.from(path), Uint8Array.of(0)])
export const abstractAddress = (name: string): Uint8Array =>
  Buffer.concat([Uint8Array.of(1, 0, 0), Buffer.from(name)])

export const words = (...values: readonly (number | bigint)[]): Uint8Array =>
  new Uint8Array(BigInt64Array.from(values.map((value) => BigInt.asIntN(64, BigInt(value)))).buffer)

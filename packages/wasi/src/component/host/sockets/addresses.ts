/** Addresses of wasi:sockets: as words of a call, in memory, and as a sockaddr of the kernel. */
import { AF_INET, AF_INET6 } from '@lsmkit/abi'
import { decodeAddress } from '../../../name-lookup.ts'
import type { Callee } from '../../callee.ts'

/** Words of an `ip-socket-address`, its case included. */
export const ADDRESS_WORDS = 12
/** Bytes of an `ip-socket-address` in memory. */
export const ADDRESS_SIZE = 32
const V6_WORDS = 8

export type Words = readonly number[]

/** The families by `ip-address-family`. */
export const FAMILIES = [AF_INET, AF_INET6] as const

const byte = (word: number | undefined): number => (word ?? 0) & 0xff
const high = (word: number | undefined): number => ((word ?? 0) >> 8) & 0xff

/** The sockaddr of an address given as words: case, port, and then what the family has. Null for no such case. */
export const ofWords = ([family, ...words]: Words): Uint8Array | null => {
  if (family === 0) {
    const [port, ...address] = words
    return Uint8Array.of(AF_INET, 0, high(port), byte(port), ...address.slice(0, 4).map(byte), ...new Uint8Array(8))
  }
  if (family !== 1) return null
  const [port, flow, ...rest] = words
  const raw = new Uint8Array(28)
  const view = new DataView(raw.buffer)
  view.setUint16(0, AF_INET6, true)
  view.setUint16(2, (port ?? 0) & 0xffff)
  view.setUint32(4, flow ?? 0)
  for (let i = 0; i < V6_WORDS; i++) view.setUint16(8 + 2 * i, (rest[i] ?? 0) & 0xffff)
  view.setUint32(24, rest[V6_WORDS] ?? 0, true)
  return raw
}

/** The words of an address in memory. */
export const readWords = ({ memory }: Callee, at: number): Words => {
  const { view } = memory
  const family = view.getUint8(at)
  if (family === 0)
    return [family, view.getUint16(at + 4, true), ...Array.from({ length: 4 }, (_, i) => view.getUint8(at + 6 + i))]
  return [
    family, view.getUint16(at + 4, true), view.getUint32(at + 8, true),
    ...Array.from({ length: V6_WORDS }, (_, i) => view.getUint16(at + 12 + 2 * i, true)), view.getUint32(at + 28, true),
  ]
}

const put16 = (callee: Callee, at: number, ...values: readonly number[]): void =>
  callee.put8(at, ...values.flatMap((value) => [value & 0xff, value >> 8]))

/** An `ip-socket-address` in memory. */
export const putAddress = (callee: Callee, at: number, raw: Uint8Array): void => {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
  const isV4 = view.getUint16(0, true) === AF_INET
  callee.put8(at, isV4 ? 0 : 1)
  put16(callee, at + 4, view.getUint16(2))
  if (isV4) return callee.put8(at + 6, ...raw.subarray(4, 8))
  callee.put32(at + 8, view.getUint32(4))
  put16(callee, at + 12, ...Array.from({ length: V6_WORDS }, (_, i) => view.getUint16(8 + 2 * i)))
  callee.put32(at + 28, raw.length >= 28 ? view.getUint32(24, true) : 0)
}

/** An `ip-address` in memory, of an address as text. */
export const putIp = (callee: Callee, at: number, text: string): void => {
  const raw = decodeAddress(text)
  callee.put8(at, raw.length === 4 ? 0 : 1)
  if (raw.length === 4) return callee.put8(at + 2, ...raw)
  put16(callee, at + 2, ...Array.from({ length: V6_WORDS }, (_, i) => (raw[2 * i]! << 8) | raw[2 * i + 1]!))
}

const portOf = (raw: Uint8Array): number => (raw[2]! << 8) | raw[3]!
const hostBytes = (raw: Uint8Array): Uint8Array => (raw[0] === AF_INET ? raw.subarray(4, 8) : raw.subarray(8, 24))

/** ::ffff:0:0/96: an address of IPv4 that IPv6 writes. */
const isMapped = (raw: Uint8Array): boolean => {
  const host = hostBytes(raw)
  return host.length === 16 && host.subarray(0, 10).every((one) => one === 0) && host[10] === 0xff && host[11] === 0xff
}

const isMulticast = (raw: Uint8Array): boolean => {
  const [first = 0] = hostBytes(raw)
  return raw[0] === AF_INET ? first >= 224 && first < 240 : first === 0xff
}

const isBroadcast = (raw: Uint8Array): boolean => raw[0] === AF_INET && hostBytes(raw).every((one) => one === 0xff)

/** Whether a socket of the family may be bound to it: of its family, and of one host. */
export const isBindable = (raw: Uint8Array | null, family: number): raw is Uint8Array =>
  raw !== null && raw[0] === family && !isMapped(raw) && !isMulticast(raw) && !isBroadcast(raw)

/** Whether it names one port of a host. */
export const isRemote = (raw: Uint8Array | null, family: number): raw is Uint8Array =>
  raw !== null && raw[0] === family && !isMapped(raw) && portOf(raw) !== 0 && !hostBytes(raw).every((one) => one === 0)

/** Whether a connection to it may be opened. */
export const isConnectable = (raw: Uint8Array | null, family: number): raw is Uint8Array =>
  isRemote(raw, family) && !isMulticast(raw) && !isBroadcast(raw)

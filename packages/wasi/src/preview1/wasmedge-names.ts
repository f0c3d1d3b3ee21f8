/**
 * `sock_getaddrinfo` of WasmEdge: names and services. The program gives room for the answers, a list of `WasiAddrinfo`
 * (28 bytes), each with a `WasiSockaddr` (12 bytes) and its data. A name has one address here.
 */
import {
  WASI_ERRNO_FAULT, WASI_ERRNO_INVAL, WASI_ERRNO_NOBUFS, WASI_ERRNO_NOENT, WASI_ERRNO_NOTSUP, WASI_ERRNO_SUCCESS,
} from '@lsmkit/abi'
import { lookUp } from '../name-lookup.ts'
import type { Process } from '../process.ts'

const INFO = 28
const SOCKADDR = 12
/** Where the fields of a `WasiAddrinfo` are. */
const FAMILY = 2
const TYPE = 3
const PROTOCOL = 4
const ADDRLEN = 8
const ADDR = 12
const V4 = 1
const V6 = 2
const STREAM = 2
const TCP = 1
/** What C has for an address of IPv4. */
const SOCKADDR_IN = 16
/** A port and four bytes. */
const DATA = 6
const LONGEST = 1024

const services: ReadonlyMap<string, number> = new Map([['', 0], ['http', 80], ['https', 443]])

const portOf = (service: string): number | null => {
  if (/^\d{1,5}$/.test(service)) return Number(service) <= 0xffff ? Number(service) : null
  return services.get(service) ?? null
}

/** Text up to a NUL; null for a bad pointer. */
const textAt = ({ memory }: Process, at: number, length: number): string | null => {
  if (length === 0) return ''
  if (length > LONGEST || !memory.has(at, length)) return null
  return memory.name(at, length).replace(/\0.*$/s, '')
}

/** Writes the one answer; the WASI errno. */
const answered = ({ memory }: Process, info: number, address: string, port: number): number => {
  if (!memory.has(info, INFO)) return WASI_ERRNO_FAULT
  const { view } = memory
  const sockaddr = view.getUint32(info + ADDR, true)
  if (!memory.has(sockaddr, SOCKADDR)) return WASI_ERRNO_FAULT
  const [room, data] = [view.getUint32(sockaddr + 4, true), view.getUint32(sockaddr + 8, true)]
  if (room < DATA) return WASI_ERRNO_NOBUFS
  if (!memory.has(data, DATA)) return WASI_ERRNO_FAULT
  memory.bytes.set([port >> 8, port & 0xff, ...address.split('.').map(Number)], data)
  view.setUint8(sockaddr, V4)
  view.setUint8(info + FAMILY, V4)
  view.setUint8(info + TYPE, STREAM)
  view.setUint32(info + PROTOCOL, TCP, true)
  view.setUint32(info + ADDRLEN, SOCKADDR_IN, true)
  return WASI_ERRNO_SUCCESS
}

export const sock_getaddrinfo = (
  process: Process, node: number, nodeLength: number, service: number, serviceLength: number, hints: number,
  list: number, most: number, count: number,
): number => {
  const { memory } = process
  const name = textAt(process, node >>> 0, nodeLength >>> 0)
  const asked = textAt(process, service >>> 0, serviceLength >>> 0)
  const [hint, first, found] = [hints >>> 0, list >>> 0, count >>> 0]
  if (name === null || asked === null || !memory.has(first, 4) || !memory.has(found, 4)) return WASI_ERRNO_FAULT
  if (hint !== 0 && !memory.has(hint, INFO)) return WASI_ERRNO_FAULT
  const port = portOf(asked)
  if (port === null || most >>> 0 === 0) return WASI_ERRNO_INVAL
  if (hint !== 0 && memory.view.getUint8(hint + FAMILY) === V6) return WASI_ERRNO_NOTSUP
  const address = lookUp(process, name)
  if (address === null || address.includes(':')) return WASI_ERRNO_NOENT
  const errno = answered(process, memory.view.getUint32(first, true), address, port)
  if (errno === WASI_ERRNO_SUCCESS) memory.view.setUint32(found, 1, true)
  return errno
}

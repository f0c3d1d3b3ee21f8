/** Socket addresses as programs lay them out in memory, and as LSMs see them. */
import { AF_INET, AF_INET6, AF_UNIX } from '@lsmkit/abi'
import type { Sockaddr } from '@lsmkit/core'
import { decodeName, encodeName } from '../vfs/names.ts'

/** Bytes of a family, and of the whole structs. */
export const FAMILY_SIZE = 2
export const SOCKADDR_UN_SIZE = 110
export const SOCKADDR_IN_SIZE = 16
export const SOCKADDR_IN6_SIZE = 28
/** The last field of sockaddr_in6 came later. */
export const SIN6_LEN_RFC2133 = 24
export const SOCKADDR_STORAGE_SIZE = 128

const ipv4 = (raw: Uint8Array): string => raw.subarray(4, 8).join('.')
const ipv6 = (raw: Uint8Array): string => {
  const words = Array.from({ length: 8 }, (_, i) => ((raw[8 + 2 * i]! << 8) | raw[9 + 2 * i]!).toString(16))
  const text = words.join(':')
  const longest = text.match(/\b0(?::0)+\b/g)?.reduce((a, b) => (b.length > a.length ? b : a))
  return longest === undefined ? text : text.replace(longest, '::').replace(/:{3,}/, '::')
}

/** The name in a sockaddr_un: up to the first NUL for a path, all of it for an abstract name. */
export const unixName = (raw: Uint8Array): Uint8Array => {
  const path = raw.subarray(FAMILY_SIZE, SOCKADDR_UN_SIZE)
  if (path[0] === 0) return path
  const end = path.indexOf(0)
  return end < 0 ? path : path.subarray(0, end)
}

/** An address as LSMs see it; `raw` is the caller's. */
export const decodeSockaddr = (raw: Uint8Array): Sockaddr => {
  const family = raw.length < FAMILY_SIZE ? 0 : raw[0]! | (raw[1]! << 8)
  const port = raw.length >= 4 ? (raw[2]! << 8) | raw[3]! : 0
  if (family === AF_UNIX) return { family, addr: decodeName(unixName(raw)), port: 0, raw }
  if (family === AF_INET && raw.length >= SOCKADDR_IN_SIZE) return { family, addr: ipv4(raw), port, raw }
  if (family === AF_INET6 && raw.length >= SIN6_LEN_RFC2133) return { family, addr: ipv6(raw), port, raw }
  return { family, addr: '', port: 0, raw }
}

/** `struct sockaddr_un` of a path, or of an abstract name that begins with a NUL. */
export const sockaddrUn = (name: string): Uint8Array => {
  const bytes = encodeName(name)
  const isPath = bytes.length > 0 && bytes[0] !== 0
  const raw = new Uint8Array(FAMILY_SIZE + bytes.length + (isPath ? 1 : 0))
  raw[0] = AF_UNIX
  raw.set(bytes, FAMILY_SIZE)
  return raw
}

/** `struct sockaddr_in` of `127.0.0.1` and a port. */
export const sockaddrIn = (addr: string, port: number): Uint8Array => {
  const raw = new Uint8Array(SOCKADDR_IN_SIZE)
  raw.set([AF_INET, 0, port >> 8, port & 0xff, ...addr.split('.').map(Number)])
  return raw
}

/** `struct sockaddr_in6` of sixteen address bytes and a port. */
export const sockaddrIn6 = (addr: Uint8Array, port: number): Uint8Array => {
  const raw = new Uint8Array(SOCKADDR_IN6_SIZE)
  raw.set([AF_INET6, 0, port >> 8, port & 0xff])
  raw.set(addr, 8)
  return raw
}

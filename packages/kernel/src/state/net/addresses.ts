/**
 * Addresses of AF_INET and AF_INET6 as text, and where they lead: there is the loopback device alone. An address of
 * IPv4 that AF_INET6 writes as `::ffff:127.0.0.1` is kept as `127.0.0.1`, which its packets have.
 */
import { AF_INET } from '@lsmkit/abi'
import { decodeSockaddr, sockaddrIn, sockaddrIn6 } from './sockaddr.ts'

export interface Endpoint {
  readonly addr: string
  readonly port: number
}

export const isIpv4 = (addr: string): boolean => !addr.includes(':')

/** The address that stands for all of them. */
export const anyOf = (family: number): string => (family === AF_INET ? '0.0.0.0' : '::')
export const isAny = (addr: string): boolean => addr === '::' || addr === '0.0.0.0'

/** The loopback device's address of the same kind as `addr`. */
export const loopbackFor = (addr: string): string => (isIpv4(addr) ? '127.0.0.1' : '::1')

/** One of this machine's. */
export const isLocal = (addr: string): boolean => isAny(addr) || addr === '::1' || addr.startsWith('127.')

/** The address that packets to `to` come from, of a sock that is bound to `local`. */
export const sourceTo = (to: string, local: string): string =>
  isAny(local) || isIpv4(local) !== isIpv4(to) ? loopbackFor(to) : local

/** Whether a socket that is connected to `remote` receives packets of `other`; port 0 matches any. */
export const isPeer = (remote: Endpoint, other: Endpoint): boolean =>
  remote.addr === other.addr && (remote.port === 0 || remote.port === other.port)

/** The family, address and port of the caller's bytes. */
export const endpointOf = (raw: Uint8Array): Endpoint & { readonly family: number } => {
  const { family, addr, port } = decodeSockaddr(raw)
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(addr) ?? []
  if (high === undefined || low === undefined) return { family, addr, port }
  const bytes = [high, low].map((word) => Number.parseInt(word, 16)).flatMap((word) => [word >> 8, word & 0xff])
  return { family, addr: bytes.join('.'), port }
}

/** The words of an address of IPv6; `::` stands for as many zeros as are missing. */
const wordsOf = (addr: string): number[] => {
  const [head, tail] = addr.split('::').map((part) => part.split(':').filter((word) => word !== ''))
  const words = [...head!, ...Array<string>(8 - head!.length - (tail?.length ?? 0)).fill('0'), ...(tail ?? [])]
  return words.map((word) => Number.parseInt(word, 16))
}

const ipv6Bytes = (addr: string): Uint8Array => {
  if (isIpv4(addr)) return Uint8Array.of(...Array<number>(10).fill(0), 0xff, 0xff, ...addr.split('.').map(Number))
  return Uint8Array.from(wordsOf(addr).flatMap((word) => [word >> 8, word & 0xff]))
}

/** An address as a program with a socket of `family` sees it. */
export const toSockaddr = (family: number, { addr, port }: Endpoint): Uint8Array =>
  family === AF_INET ? sockaddrIn(addr, port) : sockaddrIn6(ipv6Bytes(addr), port)

/**
 * The bytes of a packet with its headers. Our sockets hand on what they carry, with the addresses beside it; programs
 * look for headers in front of it, as they stand when a hook of a socket is asked.
 */
import { IPPROTO_TCP, IPPROTO_UDP } from '@lsmkit/abi'
import type { SkBuff } from '@lsmkit/core'
import { addressBytes } from './address-bytes.ts'

interface PacketBytes {
  /** From the network header on; only what is carried where there are no addresses. */
  readonly head: Uint8Array
  /** Offsets in `head`. */
  readonly transport: number
  readonly payload: number
}

const IPV4_SIZE = 20
const IPV6_SIZE = 40
const TCP_SIZE = 20
const UDP_SIZE = 8
const TTL = 64

const transportSize = (protocol: number): number =>
  protocol === IPPROTO_TCP ? TCP_SIZE : protocol === IPPROTO_UDP ? UDP_SIZE : 0

/** Ones' complement of the sum of the header's words. */
const checksum = (bytes: Uint8Array): number => {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at]! << 8) | bytes[at + 1]!
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

const networkHeader = (skb: SkBuff, from: Uint8Array, to: Uint8Array, behind: number): Uint8Array => {
  const isIPv4 = from.length === 4
  const bytes = new Uint8Array(isIPv4 ? IPV4_SIZE : IPV6_SIZE)
  const view = new DataView(bytes.buffer)
  bytes[0] = isIPv4 ? 0x45 : 0x60
  if (isIPv4) {
    view.setUint16(2, IPV4_SIZE + behind)
    bytes.set([TTL, skb.ip_protocol], 8)
    bytes.set(from, 12)
    bytes.set(to, 16)
    view.setUint16(10, checksum(bytes))
  } else {
    view.setUint16(4, behind)
    bytes.set([skb.ip_protocol, TTL], 6)
    bytes.set(from, 8)
    bytes.set(to, 24)
  }
  return bytes
}

const transportHeader = ({ ip_protocol, sport, dport, data }: SkBuff): Uint8Array => {
  const bytes = new Uint8Array(transportSize(ip_protocol))
  const view = new DataView(bytes.buffer)
  if (bytes.length === 0) return bytes
  view.setUint16(0, sport)
  view.setUint16(2, dport)
  if (ip_protocol === IPPROTO_UDP) view.setUint16(4, UDP_SIZE + data.length)
  // length of the header in words; ACK
  else bytes.set([(TCP_SIZE / 4) << 4, 0x10], 12)
  return bytes
}

const made = new WeakMap<SkBuff, PacketBytes>()

export const packetBytes = (skb: SkBuff): PacketBytes => {
  let packet = made.get(skb)
  if (packet === undefined) made.set(skb, (packet = make(skb)))
  return packet
}

const make = (skb: SkBuff): PacketBytes => {
  const { data } = skb
  const [from, to] = [addressBytes(skb.saddr ?? ''), addressBytes(skb.daddr ?? '')]
  if (from === null || to === null || from.length !== to.length) return { head: data, transport: 0, payload: 0 }
  const transport = transportHeader(skb)
  const network = networkHeader(skb, from, to, transport.length + data.length)
  const head = new Uint8Array(network.length + transport.length + data.length)
  head.set(network)
  head.set(transport, network.length)
  head.set(data, network.length + transport.length)
  return { head, transport: network.length, payload: network.length + transport.length }
}

/**
 * Sockets that send pings: the groups that may have one (net.ipv4.ping_group_range), and the answer (net/ipv4/ping.c).
 */
import { AF_INET } from '@lsmkit/abi'
import type { Cred } from '@lsmkit/core'
import type { PlainNamespace } from '../../state/task/namespaces.ts'

/** Lowest and highest group; an empty range lets nobody. */
type Range = readonly [low: number, high: number]
const NOBODY: Range = [1, 0]
const ranges = new WeakMap<PlainNamespace, Range>()

export const pingGroupRange = (net: PlainNamespace): Range => ranges.get(net) ?? NOBODY
export const setPingGroupRange = (net: PlainNamespace, [low, high]: Range): void =>
  void ranges.set(net, low <= high ? [low, high] : NOBODY)

/** As `ping_init_sock`. */
export const mayPing = (net: PlainNamespace, { egid, group_info }: Cred): boolean => {
  const [low, high] = pingGroupRange(net)
  return [egid, ...group_info.gid].some((group) => low <= group && group <= high)
}

const HEADER = 8
const ECHO: Readonly<Record<number, readonly [request: number, reply: number]>> = { 4: [8, 0], 6: [128, 129] }
const versionOf = (family: number): readonly [request: number, reply: number] => ECHO[family === AF_INET ? 4 : 6]!

/** Whether these bytes may be sent: an echo request and nothing else. */
export const isEchoRequest = (family: number, data: Uint8Array): boolean =>
  data.length >= HEADER && data[0] === versionOf(family)[0] && data[1] === 0

const checksum = (data: Uint8Array): number => {
  let sum = 0
  for (let at = 0; at < data.length; at += 2) sum += (data[at]! << 8) | (data[at + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

/** The machine's answer to a ping; the identifier is the socket's. */
export const echoReply = (family: number, id: number, data: Uint8Array): Uint8Array => {
  const reply = data.slice()
  reply[0] = versionOf(family)[1]
  const view = new DataView(reply.buffer)
  view.setUint16(4, id)
  view.setUint16(2, 0)
  if (family === AF_INET) view.setUint16(2, checksum(reply))
  return reply
}

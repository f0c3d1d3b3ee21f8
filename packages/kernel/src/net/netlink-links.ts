/** RTM_GETLINK: every network namespace has one device, `lo` (net/core/rtnetlink.c). */
import { EINVAL, ENODEV, NLM_F_DUMP, NLM_F_MULTI, NLMSG_DONE, RTM_NEWLINK } from '@lsmkit/abi'
import type { Loopback } from './inet/loopback.ts'

const HEADER = 16
/** Bytes of `struct ifinfomsg`. */
const LINK = 16
const LO = 1
const ARPHRD_LOOPBACK = 772
const IFF_LOWER_UP = 0x10000
const IFLA_IFNAME = 3
const IFLA_MTU = 4

const message = (type: number, flags: number, seq: number, port: number, body: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(HEADER + body.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, bytes.length, true)
  view.setUint16(4, type, true)
  view.setUint16(6, flags, true)
  view.setUint32(8, seq, true)
  view.setUint32(12, port, true)
  bytes.set(body, HEADER)
  return bytes
}

/** `struct ifinfomsg` of `lo`, its name and its MTU as attributes. */
const lo = ({ flags, isUp, mtu }: Loopback): Uint8Array => {
  const bytes = new Uint8Array(LINK + 8 + 8)
  const view = new DataView(bytes.buffer)
  view.setUint16(2, ARPHRD_LOOPBACK, true)
  view.setInt32(4, LO, true)
  view.setUint32(8, flags | (isUp ? IFF_LOWER_UP : 0), true)
  view.setUint16(LINK, 4 + 3, true)
  view.setUint16(LINK + 2, IFLA_IFNAME, true)
  bytes.set([0x6c, 0x6f, 0], LINK + 4)
  view.setUint16(LINK + 8, 8, true)
  view.setUint16(LINK + 10, IFLA_MTU, true)
  view.setUint32(LINK + 12, mtu, true)
  return bytes
}

/** The name among the attributes of a request; null when there is none. */
const nameIn = (request: Uint8Array): string | null => {
  const view = new DataView(request.buffer, request.byteOffset, request.byteLength)
  for (let at = HEADER + LINK; at + 4 <= request.length; ) {
    const size = view.getUint16(at, true)
    if (size < 4 || at + size > request.length) break
    if (view.getUint16(at + 2, true) === IFLA_IFNAME)
      return new TextDecoder().decode(request.subarray(at + 4, at + size)).replace(/\0.*$/s, '')
    at += Math.ceil(size / 4) * 4
  }
  return null
}

/** The answer to a request of its asker `port`, one packet; or -errno. */
export const linksAsked = (request: Uint8Array, port: number, device: Loopback): Uint8Array | number => {
  const view = new DataView(request.buffer, request.byteOffset, request.byteLength)
  const seq = view.getUint32(8, true)
  if ((view.getUint16(6, true) & NLM_F_DUMP) === NLM_F_DUMP) {
    const link = message(RTM_NEWLINK, NLM_F_MULTI, seq, port, lo(device))
    const done = message(NLMSG_DONE, NLM_F_MULTI, seq, port, new Uint8Array(4))
    return Uint8Array.from([...link, ...done])
  }
  if (request.length < HEADER + LINK) return -EINVAL
  const index = view.getInt32(HEADER + 4, true)
  const name = nameIn(request)
  if (index <= 0 && name === null) return -EINVAL
  if (index > 0 ? index !== LO : name !== 'lo') return -ENODEV
  return message(RTM_NEWLINK, 0, seq, port, lo(device))
}

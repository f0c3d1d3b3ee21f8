/** RTM_GETLINK: the devices of a network namespace (net/core/rtnetlink.c). */
import { EINVAL, ENODEV, NLM_F_DUMP, NLM_F_MULTI, NLMSG_DONE, RTM_NEWLINK } from '@lsmkit/abi'
import type { NetDevice } from '../state/net/devices.ts'

const HEADER = 16
/** Bytes of `struct ifinfomsg`. */
const LINK = 16
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

/** `struct ifinfomsg` of a device, its name and its MTU as attributes. */
const link = ({ name, ifindex, kind, flags, isUp, hasCarrier, mtu }: NetDevice): Uint8Array => {
  const text = new TextEncoder().encode(`${name}\0`)
  const mtuAt = LINK + Math.ceil((4 + text.length) / 4) * 4
  const bytes = new Uint8Array(mtuAt + 8)
  const view = new DataView(bytes.buffer)
  view.setUint16(2, kind.type, true)
  view.setInt32(4, ifindex, true)
  view.setUint32(8, flags | (isUp && hasCarrier ? IFF_LOWER_UP : 0), true)
  view.setUint16(LINK, 4 + text.length, true)
  view.setUint16(LINK + 2, IFLA_IFNAME, true)
  bytes.set(text, LINK + 4)
  view.setUint16(mtuAt, 8, true)
  view.setUint16(mtuAt + 2, IFLA_MTU, true)
  view.setUint32(mtuAt + 4, mtu, true)
  return bytes
}

/** The name among the attributes of a request; null without one. */
const nameIn = (request: Uint8Array): string | null => {
  const view = new DataView(request.buffer, request.byteOffset, request.byteLength)
  for (let at = HEADER + LINK; at + 4 <= request.length;) {
    const size = view.getUint16(at, true)
    if (size < 4 || at + size > request.length) break
    if (view.getUint16(at + 2, true) === IFLA_IFNAME)
      return new TextDecoder().decode(request.subarray(at + 4, at + size)).replace(/\0.*$/s, '')
    at += Math.ceil(size / 4) * 4
  }
  return null
}

/** The answer to a request of its asker `port`, one packet; or -errno. */
export const linksAsked = (
  request: Uint8Array, port: number, devices: readonly NetDevice[],
): Uint8Array | number => {
  const view = new DataView(request.buffer, request.byteOffset, request.byteLength)
  const seq = view.getUint32(8, true)
  if ((view.getUint16(6, true) & NLM_F_DUMP) === NLM_F_DUMP) {
    const links = devices.map((device) => message(RTM_NEWLINK, NLM_F_MULTI, seq, port, link(device)))
    const done = message(NLMSG_DONE, NLM_F_MULTI, seq, port, new Uint8Array(4))
    return Uint8Array.from([...links, done].flatMap((one) => [...one]))
  }
  if (request.length < HEADER + LINK) return -EINVAL
  const index = view.getInt32(HEADER + 4, true)
  const name = nameIn(request)
  if (index <= 0 && name === null) return -EINVAL
  const device = devices.find((one) => (index > 0 ? one.ifindex === index : one.name === name))
  return device === undefined ? -ENODEV : message(RTM_NEWLINK, 0, seq, port, link(device))
}

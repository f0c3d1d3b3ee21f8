/** Contexts of programs on packets, as BPF_PROG_TEST_RUN makes them: `__sk_buff` and `xdp_md` with a packet behind. */
import type { Machine } from '../vm/machine.ts'

/** Offsets of `struct __sk_buff` (include/uapi/linux/bpf.h). */
const SKB = { len: 0, protocol: 16, data: 76, dataEnd: 80, dataMeta: 140, size: 192 } as const
/** Offsets of `struct xdp_md`. */
const XDP = { data: 0, dataEnd: 4, dataMeta: 8, size: 24 } as const
const ETHERNET = 14
/** Room in front of a packet that a program may claim. */
const HEADROOM = 256

export interface PacketContext {
  readonly address: number
  readonly size: number
  free(): void
}

/** A frame; `behind`: the packet begins behind its Ethernet header, as for sockets. */
export const skbContext = (machine: Machine, frame: Uint8Array, behind: boolean): PacketContext => {
  const { memory } = machine
  const [packet, context] = [memory.alloc(HEADROOM + frame.length), memory.alloc(SKB.size)]
  memory.u8.set(frame, packet + HEADROOM)
  const start = packet + HEADROOM + (behind ? ETHERNET : 0)
  const end = packet + HEADROOM + frame.length
  const { view } = memory
  view.setUint32(context + SKB.len, end - start, true)
  view.setUint32(context + SKB.protocol, view.getUint16(packet + HEADROOM + 12, true), true)
  view.setUint32(context + SKB.data, start, true)
  view.setUint32(context + SKB.dataEnd, end, true)
  view.setUint32(context + SKB.dataMeta, start, true)
  return {
    address: context,
    size: SKB.size,
    free: () => {
      memory.free(packet, HEADROOM + frame.length)
      memory.free(context, SKB.size)
    },
  }
}

export const xdpContext = (machine: Machine, frame: Uint8Array): PacketContext => {
  const { memory } = machine
  const [packet, context] = [memory.alloc(HEADROOM + frame.length), memory.alloc(XDP.size)]
  memory.u8.set(frame, packet + HEADROOM)
  const { view } = memory
  view.setUint32(context + XDP.data, packet + HEADROOM, true)
  view.setUint32(context + XDP.dataEnd, packet + HEADROOM + frame.length, true)
  view.setUint32(context + XDP.dataMeta, packet + HEADROOM, true)
  return {
    address: context,
    size: XDP.size,
    free: () => {
      memory.free(packet, HEADROOM + frame.length)
      memory.free(context, XDP.size)
    },
  }
}

/** What LD_ABS and LD_IND read: from the packet's start, or from its headers for negative offsets. */
export const loadFromSkb = (machine: Machine, context: number, offset: number, size: number): number | null => {
  const { memory } = machine
  if (!memory.mayRead(context, SKB.size)) return null
  const start = memory.view.getUint32(context + SKB.data, true)
  const end = memory.view.getUint32(context + SKB.dataEnd, true)
  const at = start + offset
  if (offset < 0 || at + size > end || !memory.mayRead(at, size)) return null
  return size === 1 ? memory.view.getUint8(at) : size === 2 ? memory.view.getUint16(at) : memory.view.getUint32(at)
}

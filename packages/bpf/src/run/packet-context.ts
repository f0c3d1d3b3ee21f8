/** Contexts of programs on packets, as BPF_PROG_TEST_RUN makes them. */
import type { Btf } from '../btf/btf.ts'
import { Packet, packetAt } from '../helpers/run/packet.ts'
import type { Machine } from '../vm/machine.ts'

/** Offsets of `struct __sk_buff` (include/uapi/linux/bpf.h). */
const SKB = { len: 0, protocol: 16, ifindex: 40, data: 76, dataEnd: 80, dataMeta: 140, size: 192 } as const
/** Offsets of `struct xdp_md`. */
const XDP = { data: 0, dataEnd: 4, dataMeta: 8, len: null, ingress: 12, size: 24 } as const
/** The loopback device. */
const LOOPBACK = 1
const ETHERNET = 14
/** Negative offsets of LD_ABS and LD_IND: from the network header, from the Ethernet header. */
const NET_OFFSET = -0x100000
const LINK_OFFSET = -0x200000

export interface PacketContext {
  readonly address: number
  /** The packet with its headers, as it is now. */
  packet(): Uint8Array
  free(): void
}

/** A frame; `behind`: the packet begins behind its Ethernet header, as for sockets. */
export const skbContext = (machine: Machine, frame: Uint8Array, behind: boolean): PacketContext => {
  const { memory } = machine
  const address = memory.alloc(SKB.size)
  const packet = new Packet(machine, address, frame, SKB, behind)
  memory.view.setUint32(address + SKB.protocol, memory.view.getUint16(packet.mac + 12, true), true)
  memory.view.setUint32(address + SKB.ifindex, LOOPBACK, true)
  return contextOf(machine, address, SKB.size, packet)
}

export const xdpContext = (machine: Machine, frame: Uint8Array): PacketContext => {
  const { memory } = machine
  const address = memory.alloc(XDP.size)
  const packet = new Packet(machine, address, frame, XDP, false)
  memory.view.setUint32(address + XDP.ingress, LOOPBACK, true)
  return contextOf(machine, address, XDP.size, packet)
}

/** `struct bpf_nf_ctx` at NF_INET_LOCAL_OUT of IPv4; null when the types lack what it points to. */
export const netfilterContext = (machine: Machine, frame: Uint8Array, types: Btf | null): PacketContext | null => {
  const [skb, state] = ['sk_buff', 'nf_hook_state'].map((name) => placed(types, name))
  const [len, pf, hook] = [skb?.offset('len'), state?.offset('pf'), state?.offset('hook')]
  if (!skb || !state || len === undefined || pf === undefined || hook === undefined) return null
  const { memory } = machine
  const size = 16 + state.size + skb.size
  const address = memory.alloc(size)
  const packet = new Packet(machine, address + 16 + state.size, frame, { len }, false)
  memory.view.setUint32(address, address + 16, true)
  memory.view.setUint32(address + 8, address + 16 + state.size, true)
  memory.u8[address + 16 + hook] = NF_INET_LOCAL_OUT
  memory.u8[address + 16 + pf] = NFPROTO_IPV4
  return contextOf(machine, address, size, packet)
}

const NF_INET_LOCAL_OUT = 3
const NFPROTO_IPV4 = 2

/** A kernel struct by name: its size to 8 bytes, and offsets of members. */
const placed = (types: Btf | null, name: string) => {
  const id = types?.find(name, 'struct') ?? 0
  if (types === null || id === 0) return undefined
  const members = new Map(types.members(id).map(({ name: member, bitOffset }) => [member, bitOffset / 8]))
  return { size: Math.ceil(types.size(id) / 8) * 8, offset: (member: string) => members.get(member) }
}

const contextOf = (machine: Machine, address: number, size: number, packet: Packet): PacketContext => ({
  address,
  packet: () => machine.memory.u8.slice(packet.pulled ? packet.start - ETHERNET : packet.start, packet.end),
  free: () => {
    packet.free()
    machine.memory.free(address, size)
  },
})

/** The reads of LD_ABS and LD_IND: from the packet's start, or from a header for negative offsets. */
export const loadFromSkb = (machine: Machine, context: number, offset: number, size: number): number | null => {
  const packet = packetAt(machine, context)
  if (packet === null) return null
  const at = placeOf(packet, offset)
  const { view } = machine.memory
  if (at < (offset < 0 ? packet.head : packet.start) || at + size > packet.end) return null
  return size === 1 ? view.getUint8(at) : size === 2 ? view.getUint16(at) : view.getUint32(at)
}

const placeOf = ({ start, network, mac }: Packet, offset: number): number =>
  offset >= 0 ? start + offset
    : offset >= NET_OFFSET ? network + offset - NET_OFFSET
      : offset >= LINK_OFFSET ? mac + offset - LINK_OFFSET : 0

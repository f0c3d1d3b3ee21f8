/** Sockets and packets as kernel structs: ends of connections from what their families keep, headers of packets. */
import { AF_INET, AF_INET6, AF_UNIX } from '@lsmkit/abi'
import type { SkBuff, Sock, Socket, XfrmUserSecCtx } from '@lsmkit/core'
import { addressBytes } from './address-bytes.ts'
import { packetBytes } from './packet-bytes.ts'
import { storageOf } from './local-storage.ts'
import { pidOf } from './pids.ts'
import { tableOf } from './tables.ts'

interface Endpoint {
  readonly addr: string
  readonly port: number
}

/** What a kernel keeps for a sock (`Sock.sk_user_data`), as far as programs look; others may have nothing there. */
interface KernelSock {
  readonly net?: object
  readonly local?: Endpoint
  readonly remote?: Endpoint | null
  readonly peer?: { readonly sk: Sock } | null
  /** AF_UNIX: `sun_path`. */
  readonly name?: Uint8Array
  readonly shutdown?: number
  readonly error?: number
  readonly maxBacklog?: number
  readonly backlog?: readonly object[]
  readonly refs?: number
}

const stateOf = ({ sk_user_data }: Sock): KernelSock => (sk_user_data ?? {}) as KernelSock

const swapped = (port: number): number => ((port & 0xff) << 8) | ((port >> 8) & 0xff)

const localOf = (sk: Sock): Uint8Array | null => addressBytes(stateOf(sk).local?.addr ?? '')
const remoteOf = (sk: Sock): Uint8Array | null => addressBytes(stateOf(sk).remote?.addr ?? '')

/** As a number whose bytes lie in memory as the address does; of a socket of IPv6 the IPv4 address that it maps. */
const word = (bytes: Uint8Array | null): number => {
  if (bytes === null) return 0
  const last = bytes.subarray(-4)
  const isIPv4 = bytes.length === 4 || bytes.subarray(0, 12).join() === '0,0,0,0,0,0,0,0,0,0,255,255'
  return isIPv4 ? new DataView(last.slice().buffer).getUint32(0, true) : 0
}

/** `struct in6_addr`. */
const in6 = (sk: Sock, bytes: Uint8Array | null): object | null => {
  if (sk.sk_family !== AF_INET6) return null
  const own = new Uint8Array(16)
  if (bytes?.length === 16) own.set(bytes)
  else if (bytes?.length === 4) own.set([0xff, 0xff, ...bytes], 10)
  const view = new DataView(own.buffer)
  return {
    in6_u: {
      u6_addr8: own,
      u6_addr16: Array.from({ length: 8 }, (_, at) => view.getUint16(at * 2, true)),
      u6_addr32: Array.from({ length: 4 }, (_, at) => view.getUint32(at * 4, true)),
    },
  }
}

const isInet = ({ sk_family }: Sock): boolean => sk_family === AF_INET || sk_family === AF_INET6

/** `struct unix_address`: family and name; none while it has no name. */
const unixAddress = (sk: Sock): object | null => {
  const { name } = stateOf(sk)
  if (sk.sk_family !== AF_UNIX || name === undefined || name.length === 0) return null
  let own = addresses.get(name)
  if (own === undefined) {
    own = { len: 2 + name.length, refcnt: 1, name: [{ sun_family: AF_UNIX, sun_path: name }] }
    addresses.set(name, own)
  }
  return own
}
const addresses = new WeakMap<Uint8Array, object>()

/** Numbers of network namespaces, in the order in which programs met them. */
const cookies = new WeakMap<object, number>()
let lastCookie = 0
const cookieOf = (net: object): number => {
  let cookie = cookies.get(net)
  if (cookie === undefined) cookies.set(net, (cookie = ++lastCookie))
  return cookie
}

/** The device that each network namespace has. */
const loopbacks = new WeakMap<object, object>()
const loopbackOf = (net: object): object => {
  let device = loopbacks.get(net)
  if (device === undefined) loopbacks.set(net, (device = { name: 'lo', ifindex: 1, nd_net: { net } }))
  return device
}

/** One number for a flow, as both ends of it have it. */
const flowHash = ({ saddr, daddr, sport, dport, ip_protocol }: SkBuff): number => {
  let hash = 0x811c9dc5
  const ends = [`${saddr} ${sport}`, `${daddr} ${dport}`].sort()
  for (const letter of `${ip_protocol} ${ends.join(' ')}`) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193)
  return hash >>> 0
}

/** Options that a socket was given, by number of SOL_SOCKET; with what a new one has. */
const option = (name: number, first: number) => (sk: Sock): number => {
  const { options } = (sk.sk_user_data ?? {}) as { readonly options?: ReadonlyMap<number, unknown> }
  const value = options?.get(name)
  return typeof value === 'number' ? value : first
}
const SO_SNDBUF = 7
const SO_RCVBUF = 8
const SO_PRIORITY = 12
const BUFFER = 212992

const XFRMA_SEC_CTX = 8
/** Bytes in front of the text of a `struct xfrm_user_sec_ctx`. */
const SEC_CTX_HEADER = 8
/** Bytes of the text of a label, without a zero at its end. */
const labelLength = ({ ctx_str }: { readonly ctx_str: string }): number => new TextEncoder().encode(ctx_str).length

export const netMembers = {
  net: {
    ns: null, net_cookie: cookieOf, loopback_dev: loopbackOf,
    ifindex: (net: object) => (loopbackOf(net) as { ifindex: number }).ifindex,
  },
  socket: {
    ops: ({ sk, type }: Socket) => tableOf(sk?.sk_family ?? 0, `socket ${type}`),
  },
  // all that hooks are asked about are of some task
  sock: {
    __sk_common: null, sk_peer_pid: ({ sk_peer_pid }: Sock) => pidOf(sk_peer_pid), sk_kern_sock: () => 0,
    sk_bpf_storage: storageOf,
    sk_shutdown: (sk: Sock) => stateOf(sk).shutdown, sk_err: (sk: Sock) => stateOf(sk).error,
    sk_max_ack_backlog: (sk: Sock) => stateOf(sk).maxBacklog,
    sk_ack_backlog: (sk: Sock) => stateOf(sk).backlog?.length, sk_security: 'security',
    sk_rcvbuf: option(SO_RCVBUF, BUFFER), sk_sndbuf: option(SO_SNDBUF, BUFFER), sk_priority: option(SO_PRIORITY, 0),
  },
  sock_common: {
    skc_family: 'sk_family', skc_state: 'sk_state', skc_bound_dev_if: 'sk_bound_dev_if', skc_num: 'sk_num',
    skc_dport: ({ sk_dport }: Sock) => swapped(sk_dport),
    skc_daddr: (sk: Sock) => word(remoteOf(sk)), skc_rcv_saddr: (sk: Sock) => word(localOf(sk)),
    skc_v6_daddr: (sk: Sock) => in6(sk, remoteOf(sk)), skc_v6_rcv_saddr: (sk: Sock) => in6(sk, localOf(sk)),
    skc_net: (sk: Sock) => ({ net: stateOf(sk).net ?? null }), skc_refcnt: (sk: Sock) => stateOf(sk).refs,
    skc_prot: ({ sk_family, sk_protocol, sk_type }: Sock) => tableOf(sk_family, `proto ${sk_protocol} ${sk_type}`),
  },
  inet_sock: {
    sk: null, inet_saddr: (sk: Sock) => word(localOf(sk)),
    inet_sport: (sk: Sock) => (isInet(sk) ? swapped(sk.sk_num) : 0),
  },
  xfrm_sec_ctx: { ctx_len: labelLength },
  xfrm_user_sec_ctx: {
    ctx_len: labelLength, len: (label: XfrmUserSecCtx) => SEC_CTX_HEADER + labelLength(label),
    exttype: () => XFRMA_SEC_CTX,
  },
  unix_sock: { sk: null, addr: unixAddress, peer: (sk: Sock) => stateOf(sk).peer?.sk ?? null },
  sk_buff: {
    head: (skb: SkBuff) => packetBytes(skb).head,
    data: (skb: SkBuff) => packetBytes(skb).head.subarray(packetBytes(skb).transport),
    len: (skb: SkBuff) => packetBytes(skb).head.length - packetBytes(skb).transport,
    // as it lies in memory: in the order of the net
    protocol: ({ protocol }: SkBuff) => swapped(protocol),
    hash: flowHash, skb_iif: ({ dev }: SkBuff) => dev?.ifindex,
    network_header: () => 0, transport_header: (skb: SkBuff) => packetBytes(skb).transport, mark: () => 0,
  },
}

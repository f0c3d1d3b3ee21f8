/** State of an AF_INET or AF_INET6 sock beside `struct sock`: addresses, and its queue (struct inet_sock). */
import {
  AF_INET, AF_INET6, EAFNOSUPPORT, EINVAL, ENETUNREACH, IPPROTO_IPV6, IPV6_V6ONLY, SOCK_DGRAM, SOCK_RAW,
} from '@lsmkit/abi'
import type { SkBuff, Sock } from '@lsmkit/core'
import type { Holder } from '../host-memory.ts'
import { COST } from '../memory-costs.ts'
import type { PlainNamespace } from '../task/namespaces.ts'
import { WaitQueue } from '../vfs/wait.ts'
import { loopbackIn } from './devices.ts'
import { skbCost } from './proto.ts'
import type { SockState } from './proto.ts'
import { SIN6_LEN_RFC2133, SOCKADDR_IN_SIZE } from './sockaddr.ts'
import { stateOf } from './proto.ts'
import { anyOf, endpointOf, isAny, isIpv4, isLocal, loopbackFor } from './addresses.ts'
import type { Endpoint } from './addresses.ts'
import type { KernelPolicy } from './xfrm.ts'

const ETH_P_IP = 0x0800
const ETH_P_IPV6 = 0x86dd
/** The option as a sock keeps it. */
export const V6ONLY = IPPROTO_IPV6 * 1000 + IPV6_V6ONLY

export const RCV_SHUTDOWN = 1
export const SEND_SHUTDOWN = 2

/** Bytes from which on a piece of a stream takes no more. */
const FULL_PIECE = 16384

/** A way for datagrams to one address and port of the host's network. */
export interface DatagramWay {
  /** Sends one, or loses it: 0, or -errno. */
  send(bytes: Uint8Array): number
  /** No socket is left that sends by it or wants its answers. */
  close(): void
}

/** A datagram, or a piece of a stream: as many segments as came before it was read. */
export class InetSkb {
  data: Uint8Array
  read = 0
  readonly from: Endpoint

  /** `data` must not change afterwards. */
  constructor(data: Uint8Array, from: Endpoint) {
    this.data = data
    this.from = from
  }

  /** As `tcp_try_coalesce`: appends `more`; false if it has no room. */
  append(more: Uint8Array): boolean {
    const { data, read } = this
    const unread = data.length - read
    if (unread >= FULL_PIECE) return false
    const end = data.length + more.length
    if (end <= data.buffer.byteLength) this.data = new Uint8Array(data.buffer, 0, end)
    else {
      const room = new Uint8Array(2 * (unread + more.length))
      room.set(data.subarray(read))
      this.data = room.subarray(0, unread + more.length)
      this.read = 0
    }
    this.data.set(more, this.data.length - more.length)
    return true
  }
}

export class InetSock implements SockState {
  readonly sk: Sock
  readonly net: PlainNamespace
  /** Waiting calls; a subflow shares it with its connection. */
  wait = new WaitQueue()
  refs = 1
  readonly options = new Map<number, number>()
  /** Its own policies of IPsec, by direction. */
  readonly policies = new Map<number, KernelPolicy>()
  /** The subflow that carries an MPTCP sock's data; `msk` leads back. */
  first: InetSock | null = null
  msk: InetSock | null = null
  #ownError = 0
  filter: SockState['filter'] = null
  memory!: Holder
  local: Endpoint
  remote: Endpoint | null = null
  /** The label that an LSM puts on each packet of this sock. */
  netlabel: object | null = null
  /** The other end of a stream. */
  peer: InetSock | null = null
  readonly queue: InetSkb[] = []
  /** For a listener: connections that wait for accept(2), and socks whose first packet found no room. */
  readonly backlog: InetSock[] = []
  readonly waiting: InetSock[] = []
  maxBacklog = 0
  /** The listener that has no room for this one. */
  waitsAt: InetSock | null = null
  /** Ways for datagrams out of the machine, by address and port. */
  ways: Map<string, DatagramWay> | null = null
  /** RCV_SHUTDOWN, SEND_SHUTDOWN. */
  shutdown = 0
  /** Whether it has a port. After an unbind `local` still has the last one. */
  bound = false
  /** The address and the port were asked for, and outlive a connection (SOCK_BINDADDR_LOCK, SOCK_BINDPORT_LOCK). */
  keepsAddr = false
  keepsPort = false

  constructor(sk: Sock, net: PlainNamespace) {
    this.sk = sk
    this.net = net
    this.local = { addr: anyOf(sk.sk_family), port: 0 }
  }

  get error(): number {
    return this.first === null ? this.#ownError : this.first.error
  }
  set error(error: number) {
    if (this.first === null) this.#ownError = error
    else this.first.error = error
  }

  static of(sk: Sock): InetSock {
    return stateOf<InetSock>(sk)
  }

  /** Puts a datagram, or a piece of a stream, behind what waits; false where there is no memory for it. */
  enqueue(data: Uint8Array, from: Endpoint): boolean {
    if (!this.memory.charge(COST.skb + data.length)) return false
    this.queue.push(new InetSkb(data, from))
    return true
  }
  /** Puts `data` into the last piece of a stream, where that has room and there is memory. */
  append(data: Uint8Array): boolean {
    const last = this.queue.at(-1)
    // it grows to at most twice the unread bytes
    if (last === undefined || !this.memory.account.hasRoom(2 * (last.data.length + data.length))) return false
    const before = skbCost(last.data)
    const isIn = last.append(data)
    this.memory.force(skbCost(last.data) - before)
    return isIn
  }
  /** The first message has been read. */
  dequeue(): void {
    const skb = this.queue.shift()
    if (skb !== undefined) this.memory.uncharge(skbCost(skb.data))
  }
  clearQueue(): void {
    while (this.queue.length > 0) this.dequeue()
  }

  get isStream(): boolean {
    return this.sk.sk_type !== SOCK_DGRAM && this.sk.sk_type !== SOCK_RAW
  }
  get bytes(): number {
    return this.queue.reduce((sum, { data, read }) => sum + data.length - read, 0)
  }
}

/** Whether it has nothing to do with IPv4 (`ipv6_only_sock`). */
export const isV6Only = ({ options }: InetSock): boolean => options.get(V6ONLY) === 1

/** Whether packets to `addr` are for a sock that is bound to `bound`, by default its own address. */
export const answersFor = (sock: InetSock, addr: string, bound = sock.local.addr): boolean =>
  bound === addr || (bound === '0.0.0.0' && isIpv4(addr)) || (bound === '::' && !(isV6Only(sock) && isIpv4(addr)))

/**
 * Where a program wants to go, `any` meaning this machine; or -errno. Datagrams of AF_INET6 may go to an address of
 * AF_INET. `leaves`: it may be another machine.
 */
export const destination = (sock: InetSock, raw: Uint8Array, leaves = false): Endpoint | number => {
  const { sk: { sk_family, sk_type }, net, local } = sock
  const { family, addr, port } = endpointOf(raw)
  const isOther = family === AF_INET && sk_family === AF_INET6 && sk_type === SOCK_DGRAM
  if (raw.length < (sk_family === AF_INET || isOther ? SOCKADDR_IN_SIZE : SIN6_LEN_RFC2133)) return -EINVAL
  if (family !== sk_family && !isOther) return -EAFNOSUPPORT
  if (sk_family === AF_INET6 && isIpv4(addr) && isV6Only(sock)) return -ENETUNREACH
  if (!isLocal(addr) && leaves) return { addr, port }
  if (!isLocal(addr) || !loopbackIn(net).isUp) return -ENETUNREACH
  // a sock that has an address of IPv4 stays there
  return { addr: isAny(addr) ? loopbackFor(isAny(local.addr) ? addr : local.addr) : addr, port }
}

/** A packet as LSMs see it. */
export const packetOf = (
  sk: Sock, { local: from, netlabel }: Pick<InetSock, 'local' | 'netlabel'>, to: Endpoint, data: Uint8Array,
): SkBuff => ({
  sk: null, protocol: isIpv4(to.addr) ? ETH_P_IP : ETH_P_IPV6, len: data.length, data, secmark: 0,
  dev: { name: 'lo', ifindex: 1 }, saddr: from.addr, daddr: to.addr, sport: from.port, dport: to.port,
  ip_protocol: sk.sk_protocol, netlabel, secid: 0,
})

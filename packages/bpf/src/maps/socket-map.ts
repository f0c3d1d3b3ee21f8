/** SOCKMAP, SOCKHASH, REUSEPORT_SOCKARRAY and XSKMAP: sockets that packets are sent on to. */
import {
  AF_INET, AF_INET6, AF_UNIX, BPF_EXIST, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, BPF_MAP_TYPE_SOCKHASH,
  BPF_MAP_TYPE_SOCKMAP, BPF_NOEXIST, E2BIG, EEXIST, EINVAL, ENOENT, ENOTSUPP, EOPNOTSUPP, IPPROTO_TCP, IPPROTO_UDP,
  SOCK_DGRAM, SOCK_STREAM,
} from '@lsmkit/abi'
import { BpfMap } from './bpf-map.ts'

/** Questions to a socket that is put in; `struct sock` of a kernel has the answers. */
export interface HeldSocket {
  readonly sk_family: number
  readonly sk_type: number
  readonly sk_protocol: number
  readonly sk_state?: number
}

const TCP_ESTABLISHED = 1
const TCP_LISTEN = 10

/** Sockets by the bytes of their key: an index, or the key of a hash. Programs cannot look into them here. */
export class SocketMap extends BpfMap {
  readonly #sockets = new Map<string, HeldSocket>()

  /** As BPF_MAP_UPDATE_ELEM with a descriptor of the socket. */
  put(key: number, socket: HeldSocket, flags = 0): number {
    const refusal = this.#refusal(socket)
    // maps of streams look at the socket before anything else
    if (refusal !== 0 && this.#isOfStreams) return refusal
    if (flags > BPF_EXIST) return -EINVAL
    if (this.#isArray && this.#index(key) >= this.maxEntries) return -E2BIG
    if (refusal !== 0) return refusal
    const text = this.#text(key)
    const isThere = this.#sockets.has(text)
    if (isThere && flags === BPF_NOEXIST) return -EEXIST
    if (!isThere && flags === BPF_EXIST) return -ENOENT
    if (!isThere && this.#sockets.size >= this.maxEntries) return -E2BIG
    this.#sockets.set(text, socket)
    return 0
  }

  /** The socket of a key, for who sends to it; null when there is none. */
  held(key: number): HeldSocket | null {
    return this.#sockets.get(this.#text(key)) ?? null
  }

  /** A socket that is closed leaves every map. */
  leave(socket: HeldSocket): void {
    for (const [key, held] of this.#sockets) if (held === socket) this.#sockets.delete(key)
  }

  /** Numbers of descriptors mean nothing without a task's table: `put` takes the socket. */
  override update(_key: number, _value: number, _flags: number): number {
    return -EOPNOTSUPP
  }

  override delete(key: number): number {
    const isReuse = this.type === BPF_MAP_TYPE_REUSEPORT_SOCKARRAY
    if (this.#isArray && this.#index(key) >= this.maxEntries) return isReuse ? -E2BIG : -EINVAL
    if (this.#sockets.delete(this.#text(key))) return 0
    if (this.type === BPF_MAP_TYPE_SOCKMAP) return -EINVAL
    return isReuse || this.type === BPF_MAP_TYPE_SOCKHASH ? -ENOENT : 0
  }

  override nextKey(key: number, next: number): number {
    if (this.#isArray) {
      const index = key === 0 ? 0xffff_ffff : this.#index(key)
      if (index === this.maxEntries - 1) return -ENOENT
      this.memory.view.setUint32(next, index >= this.maxEntries ? 0 : index + 1, true)
      return 0
    }
    const keys = [...this.#sockets.keys()]
    const found = keys[key === 0 ? 0 : keys.indexOf(this.#text(key)) + 1]
    if (found === undefined) return -ENOENT
    for (let at = 0; at < this.keySize; at++) this.memory.u8[next + at] = found.charCodeAt(at)
    return 0
  }

  override get count(): number {
    return this.#sockets.size
  }

  get #isArray(): boolean {
    return this.type !== BPF_MAP_TYPE_SOCKHASH
  }

  #index(key: number): number {
    return this.memory.view.getUint32(key, true)
  }

  #text(key: number): string {
    return String.fromCharCode(...this.memory.u8.subarray(key, key + this.keySize))
  }

  get #isOfStreams(): boolean {
    return this.type === BPF_MAP_TYPE_SOCKMAP || this.type === BPF_MAP_TYPE_SOCKHASH
  }

  #refusal({ sk_family: family, sk_type: type, sk_protocol: protocol, sk_state: state = 0 }: HeldSocket): number {
    const isInet = family === AF_INET || family === AF_INET6
    const isTcp = isInet && type === SOCK_STREAM && protocol === IPPROTO_TCP
    const isUdp = isInet && type === SOCK_DGRAM && protocol === IPPROTO_UDP
    // no socket of this kernel is one of a group that shares its port
    if (this.type === BPF_MAP_TYPE_REUSEPORT_SOCKARRAY) return isTcp || isUdp ? -EINVAL : -ENOTSUPP
    if (!this.#isOfStreams) return -EOPNOTSUPP
    const isStream = isTcp || (family === AF_UNIX && type === SOCK_STREAM)
    const isReady = state === TCP_ESTABLISHED || (isTcp && state === TCP_LISTEN)
    return isUdp || (family === AF_UNIX && type === SOCK_DGRAM) || (isStream && isReady) ? 0 : -EOPNOTSUPP
  }
}

/** The account of a run: the connections and bytes that it has taken of the network, and its limits. */
import type { LimitNumbers } from '@lsmkit/wasi/limits'
import type { Protocol } from './host-rule.ts'
import type { Target } from './hosts.ts'

export type NetworkLimits = Pick<LimitNumbers, 'connections' | 'traffic'>

/** A request of HTTP that the box has made for a program: by `wasi:http`, or `curl` of a shell. */
export interface HttpTraffic {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly status: number
}

/** The connections of a run to one host and port that were open, or its ways for datagrams. */
export interface HostTraffic {
  readonly host: string
  readonly port: number
  readonly protocol: Protocol
  /** Those that the name led to. */
  readonly addresses: readonly string[]
  readonly connections: number
  /** Bytes to the host and from it. */
  readonly sent: number
  readonly received: number
  /** Answered requests; empty for connections whose bytes are the program's own. */
  readonly requests: readonly HttpTraffic[]
  /** Requests beyond those that are listed. */
  readonly requestsLeftOut: number
}
type Counted = Omit<{ -readonly [N in keyof HostTraffic]: HostTraffic[N] }, 'requests'> & { requests: HttpTraffic[] }

/** Hosts of one run that are listed; those after them are not. */
const MOST_HOSTS = 1024
/** Requests to one host that are listed. */
const MOST_REQUESTS = 256

export class Account {
  readonly limits: NetworkLimits
  /** Connections that are open or being opened. */
  open = 0
  /** Bytes to and from hosts. */
  bytes = 0
  readonly #hosts = new Map<string, Counted>()

  constructor(limits: NetworkLimits) {
    this.limits = limits
  }

  get isFull(): boolean {
    return this.open >= this.limits.connections
  }

  get hosts(): readonly HostTraffic[] {
    return [...this.#hosts.values()].map((one) => ({ ...one, requests: [...one.requests] }))
  }

  /** A connection is open: what its bytes are added to. */
  connected({ host, port, protocol }: Target, address: string): Counted {
    const key = `${host} ${port} ${protocol}`
    const traffic = this.#hosts.get(key) ?? { host, port, protocol, addresses: [], connections: 0, sent: 0, received: 0,
      requests: [], requestsLeftOut: 0 }
    if (this.#hosts.size < MOST_HOSTS) this.#hosts.set(key, traffic)
    traffic.connections++
    if (!traffic.addresses.includes(address)) traffic.addresses = [...traffic.addresses, address]
    return traffic
  }

  /** A request was answered. */
  answered({ host, port, protocol }: Target, request: HttpTraffic): void {
    const traffic = this.#hosts.get(`${host} ${port} ${protocol}`)
    if (traffic === undefined) return
    if (traffic.requests.length < MOST_REQUESTS) traffic.requests.push(request)
    else traffic.requestsLeftOut++
  }

  /** Counts bytes; false if they are beyond the limit. */
  take(bytes: number): boolean {
    this.bytes += bytes
    return this.bytes <= this.limits.traffic
  }
}

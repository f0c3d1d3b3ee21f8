/** The account of a run: the connections and bytes that it has taken of the network, and its limits. */
import type { LimitNumbers } from '@lsmkit/wasi/limits'

export type NetworkLimits = Pick<LimitNumbers, 'connections' | 'traffic'>

export class Account {
  readonly limits: NetworkLimits
  /** Connections that are open or being opened. */
  open = 0
  /** Bytes to and from hosts. */
  bytes = 0

  constructor(limits: NetworkLimits) {
    this.limits = limits
  }

  get isFull(): boolean {
    return this.open >= this.limits.connections
  }

  /** Counts bytes; false if they are beyond the limit. */
  take(bytes: number): boolean {
    this.bytes += bytes
    return this.bytes <= this.limits.traffic
  }
}

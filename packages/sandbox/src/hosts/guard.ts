/** The rules and names of one machine, for its hook and its gateway. */
import type { Task } from '@lsmkit/core'
import type { WholeAllow } from '../allow.ts'
import { plainHost } from './address.ts'
import type { Protocol } from './host-rule.ts'
import type { HostDecision, HostRefusal, HttpAsk, Target } from './hosts.ts'
import { Hosts } from './hosts.ts'
import { Names } from './names.ts'

/** An address of the machine itself. */
export const isLocal = (addr: string): boolean =>
  addr === '0.0.0.0' || addr === '::' || addr === '::1' || addr.startsWith('127.')

/** The hosts and ports that tasks may connect to. */
export interface Peers {
  readonly hosts: Hosts
  /** Ports of the machine's own loopback; null where others decide about it. */
  readonly loopback: readonly number[] | null
}
type PeersOfAllow = Pick<WholeAllow, 'hosts' | 'connect'>

/** Of a box, whose loopback is for the ports of `connect`. */
export const peersOf = ({ hosts, connect }: PeersOfAllow): Peers =>
  ({ hosts: new Hosts(hosts), loopback: connect.filter((peer) => typeof peer === 'number') })

export const guardOf = (allow: PeersOfAllow): HostGuard => new HostGuard(peersOf(allow))

export class HostGuard {
  readonly hosts: Hosts
  readonly names = new Names()
  readonly #all: Peers
  #narrower: (task: Task) => Peers | null = () => null
  #ask: HttpAsk | null = null

  constructor(all: Peers) {
    this.#all = all
    this.hosts = all.hosts
  }

  /** From now on tasks for which `narrower` gives peers have those alone. */
  narrow(narrower: (task: Task) => Peers | null): void {
    this.#narrower = narrower
  }

  peersOf(task: Task): Peers {
    return this.#narrower(task) ?? this.#all
  }

  /** Makes a connect(2) that is for this request of HTTP alone. */
  asking<T>(ask: HttpAsk, connect: () => T): T {
    this.#ask = ask
    try {
      return connect()
    } finally {
      this.#ask = null
    }
  }

  targetOf(addr: string, port: number, protocol: Protocol): Target {
    return { host: this.names.hostOf(plainHost(addr)), port, protocol }
  }

  /** Why a request may not be made; null where it may, and for the machine's own loopback, which hooks decide about. */
  refusalOf(task: Task, target: Target, ask: HttpAsk): HostRefusal | null {
    if (isLocal(this.names.addressOf(target.host) ?? target.host)) return null
    const decision = this.peersOf(task).hosts.decide(target, ask)
    return 'why' in decision ? decision : null
  }

  decide(task: Task, target: Target): HostDecision {
    return this.peersOf(task).hosts.decide(target, this.#ask)
  }
}

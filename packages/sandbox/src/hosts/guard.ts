/** The rules and names of one machine, for its hook and its gateway. */
import type { WholeAllow } from '../allow.ts'
import type { HostDecision, HostRefusal, HttpAsk, Target } from './hosts.ts'
import { Hosts } from './hosts.ts'
import type { HostRule } from './host-rule.ts'
import { Names } from './names.ts'

/** An address of the machine itself. */
export const isLocal = (addr: string): boolean =>
  addr === '0.0.0.0' || addr === '::' || addr === '::1' || addr.startsWith('127.')

/** For the policy of a box, whose loopback is for the ports of `connect`. */
export const guardOf = ({ hosts, connect }: Pick<WholeAllow, 'hosts' | 'connect'>): HostGuard =>
  new HostGuard(hosts, connect.filter((peer) => typeof peer === 'number'))

export class HostGuard {
  readonly hosts: Hosts
  readonly names = new Names()
  /** Ports of the machine's own loopback; null where others decide about it. */
  readonly loopback: readonly number[] | null
  #ask: HttpAsk | null = null

  constructor(rules: readonly HostRule[], loopback: readonly number[] | null) {
    this.hosts = new Hosts(rules)
    this.loopback = loopback
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

  targetOf(addr: string, port: number): Target {
    return { host: this.names.hostOf(addr), port }
  }

  /** Why a request may not be made; null where it may, and for the machine's own loopback, which hooks decide about. */
  refusalOf(target: Target, ask: HttpAsk): HostRefusal | null {
    if (isLocal(this.names.addressOf(target.host) ?? target.host)) return null
    const decision = this.hosts.decide(target, ask)
    return 'why' in decision ? decision : null
  }

  decide(target: Target): HostDecision {
    return this.hosts.decide(target, this.#ask)
  }
}

/** The hosts of a box: connections of programs, requests of HTTP, and a record of each refused host. */
import { EACCES } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import type { LimitNumbers } from '@lsmkit/wasi/limits'
import type { WholeAllow } from '../allow.ts'
import type { DenialCollector } from '../denial-collector.ts'
import type { Inside } from '../inside-box.ts'
import type { Refusals } from '../refusals.ts'
import type { Roles } from '../roles.ts'
import type { HostTraffic, NetworkLimits } from './account.ts'
import { BoxNetwork } from './box-network.ts'
import type { NetworkOf } from './box-network.ts'
import { guardOf } from './guard.ts'
import type { HostGuard } from './guard.ts'
import { fetchFor, httpService } from './http.ts'
import type { HttpClient } from './http.ts'
import { hostNetwork } from './network.ts'
import type { Network } from './network.ts'
import type { GatewayRefusal } from './way.ts'

/** The guard of the hosts that a policy allows, and the way to them. */
export type Outside = Pick<NetworkOf, 'guard' | 'network'>

/** Null: the policy allows no host, or modules alone decide. */
export const outsideOf = (allow: WholeAllow | null, network: Network): Outside | null =>
  allow === null || allow.hosts.length === 0 ? null : { guard: guardOf(allow), network: hostNetwork(network) }

export interface BoxHostsOf {
  /** As programs get it. */
  readonly kernel: Kernel
  readonly plain: Kernel
  readonly allow: WholeAllow | null
  readonly outside: Outside | null
  /** Certificates that are trusted beside the usual ones. */
  readonly ca: Network['ca'] | null
  /** Of the policy. */
  readonly limits: LimitNumbers
  readonly roles: Roles
  readonly refusals: Refusals
  readonly denialCollector: DenialCollector
}

export class BoxHosts {
  readonly #of: BoxHostsOf
  readonly #guard: HostGuard
  /** Null: no host may be connected to. */
  readonly #network: BoxNetwork | null
  /** Null where modules alone decide. */
  readonly fetch: Inside['fetch']

  /** Opens the way out of the kernel. */
  constructor(of: BoxHostsOf) {
    this.#of = of
    const { plain, allow, outside, roles, refusals } = of
    this.#guard = outside?.guard ?? guardOf({ hosts: [], connect: [] })
    this.#guard.narrow((task) => roles.peersOf(refusals.roleOf(task)))
    this.#network = outside === null ? null : this.#open(outside)
    if (allow !== null) plain.machine.http = httpService(this.#client())
    this.fetch = allow === null ? null : (task, request, signal) => fetchFor(this.#client(), task, request, signal)
  }

  /** A run begins that has limits of its own. */
  begin(run: number, limits: NetworkLimits): void {
    this.#network?.begin(run, limits)
  }

  /** A run ends: the hosts that it was connected to. */
  end(run: number): readonly HostTraffic[] {
    return this.#network?.end(run) ?? []
  }

  #open(outside: Outside): BoxNetwork {
    const { plain, limits, refusals, denialCollector } = this.#of
    return new BoxNetwork({
      ...outside, kernel: plain, limits,
      runOf: (task) => refusals.runOf(task),
      refused: (task, refusal) => {
        denialCollector.expectRefusal(task)
        this.#refuse(task, refusal)
      },
    })
  }

  #refuse(task: Task, { errno, ...refusal }: GatewayRefusal): void {
    const record = { kind: 'host', rc: -errno, time: Date.now(), ...refusal } as const
    const call = refusal.protocol === 'udp' ? 'sendto' : 'connect'
    this.#of.refusals.note({ task, call, names: [], followed: [], record })
  }

  #client(): HttpClient {
    const guard = this.#guard
    return {
      kernel: this.#of.kernel, guard, ca: this.#of.ca ?? null,
      mayAsk: (task, target, ask) => {
        const refusal = guard.refusalOf(task, target, ask)
        if (refusal !== null) this.#refuse(task, { ...target, errno: EACCES, ...refusal })
        return refusal === null
      },
      answered: (task, target, { method, path }, status) =>
        this.#network?.answered(task, target, { method, path, status }),
    }
  }
}

/** The network of a box: its guard, its way out, and what each run has taken of it. */
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { Account } from './account.ts'
import type { HostTraffic, HttpTraffic, NetworkLimits } from './account.ts'
import { hostsDatagrams } from './datagrams.ts'
import { hostsGateway } from './gateway.ts'
import type { HostGuard } from './guard.ts'
import type { Target } from './hosts.ts'
import type { HostNetwork } from './network.ts'
import { Pins } from './pins.ts'
import type { Client, GatewayRefusal } from './way.ts'

export interface NetworkOf {
  readonly kernel: Kernel
  readonly guard: HostGuard
  readonly network: HostNetwork
  /** Of a run that has no limits of its own. */
  readonly limits: NetworkLimits
  readonly runOf: (task: Task) => number
  readonly refused: (task: Task, refusal: GatewayRefusal) => void
}

export class BoxNetwork {
  readonly #of: NetworkOf
  readonly #accounts = new Map<number, Account>()

  /** Opens the way out of the kernel. */
  constructor(of: NetworkOf) {
    this.#of = of
    const { kernel: { machine }, guard, network } = of
    machine.names = (name) => guard.names.addressOf(name)
    const { resolve, ...ways } = network
    const way = { guard, pins: new Pins(resolve), ...ways, client: () => this.#client(machine.current.task) }
    machine.gateway = hostsGateway(way)
    machine.datagrams = hostsDatagrams(way)
  }

  /** A run begins that has limits of its own. */
  begin(run: number, limits: NetworkLimits): void {
    this.#accounts.set(run, new Account(limits))
  }

  /** A run ends: the hosts that it was connected to. */
  end(run: number): readonly HostTraffic[] {
    const hosts = this.#accounts.get(run)?.hosts ?? []
    this.#accounts.delete(run)
    return hosts
  }

  /** A request of HTTP of a task was answered. */
  answered(task: Task, target: Target, request: HttpTraffic): void {
    this.#client(task).account.answered(target, request)
  }

  #client(task: Task): Client {
    const run = this.#of.runOf(task)
    let account = this.#accounts.get(run)
    if (account === undefined) {
      account = new Account(this.#of.limits)
      this.#accounts.set(run, account)
    }
    const { guard, refused } = this.#of
    return { account, decide: (target) => guard.decide(task, target), refused: (refusal) => refused(task, refusal) }
  }
}

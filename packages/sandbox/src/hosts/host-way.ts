/**
 * The way out under `allow.hosts` for connections that name their host themselves, without a kernel: a proxy has it.
 * The gateway decides, pins names and counts bytes as it does for a box.
 */
import { EACCES } from '@lsmkit/abi'
import { aFunction, optionsOf, plainOptions, required } from '@lsmkit/core/option-rules'
import type { OptionRule, OptionShape } from '@lsmkit/core/option-rules'
import type { OutsideConnection, OutsideEvents } from '@lsmkit/kernel'
import { Account } from './account.ts'
import type { HostTraffic, NetworkLimits } from './account.ts'
import { parseAddress, plainHost } from './address.ts'
import { hostsGateway } from './gateway.ts'
import { HostGuard } from './guard.ts'
import { hostName } from './host-name.ts'
import { checkHosts, hostRules } from './host-options.ts'
import type { HostRule } from './host-rule.ts'
import { Hosts } from './hosts.ts'
import type { HostPort, HttpAsk } from './hosts.ts'
import { hostNetwork, networkRules } from './network.ts'
import type { Network } from './network.ts'
import { Pins } from './pins.ts'
import type { GatewayRefusal } from './way.ts'

export interface HostWayOptions {
  /** As `allow.hosts` of a policy. */
  readonly hosts: readonly HostRule[]
  readonly network?: Network
  readonly limits: NetworkLimits
  readonly refused: (refusal: GatewayRefusal) => void
}

const aCount: OptionRule = {
  is: (value) => typeof value === 'number' && value >= 0, what: 'a number from 0, or Infinity',
}

const shape: OptionShape<HostWayOptions> = {
  takes: {
    hosts: required(hostRules), network: optionsOf(networkRules), refused: required(aFunction),
    limits: required(optionsOf<NetworkLimits>({ connections: required(aCount), traffic: required(aCount) })),
  },
}

export class HostWay {
  readonly #hosts: Hosts
  readonly #account: Account
  readonly #refused: (refusal: GatewayRefusal) => void
  readonly #gateway: ReturnType<typeof hostsGateway>
  /** The request that a connection is for, while it is being asked for. */
  #ask: HttpAsk | null = null

  /** Throws OptionError, and SandboxError where the host opens no connections. */
  constructor(options: HostWayOptions) {
    const { hosts, network = {}, limits, refused } = plainOptions(options, shape, 'HostWay')
    checkHosts(hosts, 'HostWay')
    this.#hosts = new Hosts(hosts)
    this.#account = new Account(limits)
    this.#refused = refused
    const { dial, resolve } = hostNetwork(network)
    this.#gateway = hostsGateway({
      guard: new HostGuard({ hosts: this.#hosts, loopback: null }), pins: new Pins(resolve), dial,
      datagrams: null,
      client: () => ({
        account: this.#account, refused, decide: (target) => this.#hosts.decide(target, this.#ask),
      }),
    })
  }

  /**
   * A connection to a host by its name or address, or -errno. `ask`: the one request of HTTP that it is for; null for
   * bytes that nobody can judge.
   */
  connect({ host, port }: HostPort, ask: HttpAsk | null, events: OutsideEvents): OutsideConnection | number | null {
    const name = parseAddress(host) === null ? hostName(host) : plainHost(host)
    if (name === null) {
      this.#refused({ host, port, protocol: 'tcp', errno: EACCES, why: 'no name of a host', permit: null })
      return -EACCES
    }
    this.#ask = ask
    try {
      return this.#gateway({ addr: name, port }, events)
    } finally {
      this.#ask = null
    }
  }

  /** The hosts that connections were open to. */
  get traffic(): readonly HostTraffic[] {
    return this.#account.hosts
  }
}

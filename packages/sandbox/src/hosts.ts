/** `@lsmkit/sandbox/hosts`: the rules of `allow.hosts` for a kernel of your own, without a box. */
import { EACCES } from '@lsmkit/abi'
import { checkOptions, optionsOf, plainOptions, required } from '@lsmkit/core/option-rules'
import type { OptionShape } from '@lsmkit/core/option-rules'
import type { Lsm, Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { limitNumbers, limitRules } from '@lsmkit/wasi/limits'
import type { Limits } from '@lsmkit/wasi/limits'
import { BoxNetwork } from './hosts/box-network.ts'
import type { GatewayRefusal } from './hosts/way.ts'
import { HostGuard } from './hosts/guard.ts'
import { checkHosts, hostRules } from './hosts/host-options.ts'
import type { HostRule } from './hosts/host-rule.ts'
import { Hosts } from './hosts/hosts.ts'
import { httpService } from './hosts/http.ts'
import { hostsLsm } from './hosts/lsm.ts'
import { hostNetwork, networkRules } from './hosts/network.ts'
import type { Network } from './hosts/network.ts'

export { nodeDial } from './hosts/dial.ts'
export { HostWay } from './hosts/host-way.ts'
export type { HostWayOptions } from './hosts/host-way.ts'
export { hostText, ruleText } from './hosts/host-rule.ts'
export { narrowedHost } from './hosts/narrowed.ts'
export type { HostEntry, HostRule, Protocol } from './hosts/host-rule.ts'
export type { GatewayRefusal } from './hosts/way.ts'
export type { HostTraffic, NetworkLimits } from './hosts/account.ts'
export type { HostPort, HttpAsk, Target } from './hosts/hosts.ts'
export { networkRules } from './hosts/network.ts'
export type { ByteStreams, DialTarget } from './hosts/dial.ts'
export type { Network } from './hosts/network.ts'

export interface HostAccessOptions {
  /** As `allow.hosts` of a policy. */
  readonly hosts: readonly HostRule[]
  readonly network?: Network
}

const shape: OptionShape<HostAccessOptions> = {
  takes: { hosts: required(hostRules), network: optionsOf(networkRules) },
}

export interface HostAccess {
  /** For the stack of the kernel. */
  readonly lsm: Lsm<'hosts'>
  /** Opens the way out of a kernel with that stack. `refused` is called for what no hook has refused. */
  open(kernel: Kernel, limits: Limits, refused: (refusal: GatewayRefusal) => void): void
}

/** Throws OptionError for a rule with a mistake, and SandboxError where the host opens no connections. */
export const hostAccess = (options: HostAccessOptions): HostAccess => {
  const { hosts, network = {} } = plainOptions(options, shape, 'hostAccess')
  checkHosts(hosts, 'hostAccess')
  const guard = new HostGuard({ hosts: new Hosts(hosts), loopback: null })
  const host = hostNetwork(network)
  return {
    lsm: hostsLsm(guard),
    open(kernel, limits, refused) {
      checkOptions(limits, limitRules, 'open')
      const runOf = (_task: Task): number => 0
      void new BoxNetwork({
        kernel, guard, network: host, limits: limitNumbers(limits), runOf, refused: (_, refusal) => refused(refusal),
      })
      kernel.machine.http = httpService({
        kernel, guard, ca: network.ca ?? null,
        mayAsk: (task, target, ask) => {
          const refusal = guard.refusalOf(task, target, ask)
          if (refusal !== null) refused({ ...target, errno: EACCES, ...refusal })
          return refusal === null
        },
        answered: () => {},
      })
    },
  }
}

/** `@lsmkit/sandbox/hosts`: the rules of `allow.hosts` for a kernel of your own, without a box. */
import { OptionError } from '@lsmkit/core/option-rules'
import type { Lsm, Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { limitNumbers } from '@lsmkit/wasi/limits'
import type { Limits } from '@lsmkit/wasi/limits'
import { BoxNetwork } from './hosts/box-network.ts'
import type { GatewayRefusal } from './hosts/gateway.ts'
import { HostGuard } from './hosts/guard.ts'
import { isMistake, parseRule } from './hosts/host-rule.ts'
import type { HostRule } from './hosts/host-rule.ts'
import { hostsLsm } from './hosts/lsm.ts'
import { hostNetwork } from './hosts/network.ts'
import type { Network } from './hosts/network.ts'

export { hostText, ruleText } from './hosts/host-rule.ts'
export type { HostEntry, HostRule } from './hosts/host-rule.ts'
export type { GatewayRefusal } from './hosts/gateway.ts'
export type { ByteStreams, DialTarget } from './hosts/dial.ts'
export type { Network } from './hosts/network.ts'

export interface HostAccess {
  /** For the stack of the kernel. */
  readonly lsm: Lsm<'hosts'>
  /** Opens the way out of a kernel with that stack. `refused` is called for what no hook has refused. */
  open(kernel: Kernel, limits: Limits, refused: (refusal: GatewayRefusal) => void): void
}

/** Throws OptionError for a rule that is none, and SandboxError where the host opens no connections. */
export const hostAccess = (rules: readonly HostRule[], network: Network = {}): HostAccess => {
  rules.forEach((rule, at) => {
    const parsed = parseRule(rule)
    if (!isMistake(parsed)) return
    throw new OptionError('bad-option', parsed.message, { place: `hosts[${at}]`, hint: parsed.hint })
  })
  const guard = new HostGuard(rules, null)
  const host = hostNetwork(network)
  return {
    lsm: hostsLsm(guard),
    open(kernel, limits, refused) {
      const runOf = (_task: Task): number => 0
      void new BoxNetwork({
        kernel, guard, network: host, limits: limitNumbers(limits), runOf, refused: (_, refusal) => refused(refusal),
      })
    },
  }
}

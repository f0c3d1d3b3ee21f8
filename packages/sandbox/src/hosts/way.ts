/** The way out of a machine, as connections and datagrams share it: who goes, where a name leads, how many may go. */
import { EACCES, EADDRNOTAVAIL } from '@lsmkit/abi'
import type { Account } from './account.ts'
import { parseAddress } from './address.ts'
import type { OpenDatagrams } from './datagram-dial.ts'
import type { Dial } from './dial.ts'
import type { HostGuard } from './guard.ts'
import type { HostRule, Rule } from './host-rule.ts'
import type { HostDecision, Led, Target } from './hosts.ts'
import type { Pins } from './pins.ts'

/** A refusal that no hook has seen. */
export interface GatewayRefusal extends Target {
  readonly errno: number
  readonly why: string
  readonly permit: HostRule | null
}

export interface Way {
  readonly guard: HostGuard
  readonly pins: Pins
  readonly dial: Dial
  /** How a way for datagrams is opened; null: the host has none. */
  readonly datagrams: OpenDatagrams | null
  /** The program that connects now. */
  readonly client: () => Client
}

export interface Client {
  readonly account: Account
  readonly decide: (target: Target) => HostDecision
  /** Where its refusals are reported, later too. */
  readonly refused: (refusal: GatewayRefusal) => void
}

/** The rules by which the program may go there; -errno once the refusal is reported. */
export const decided = ({ decide, refused }: Client, target: Target): readonly Rule[] | number => {
  const decision = decide(target)
  if ('rules' in decision) return decision.rules
  refused({ ...target, errno: EACCES, ...decision })
  return -EACCES
}

/** Whether there is room for one more: 0, or -errno once the refusal is reported. */
export const roomFor = ({ account, refused }: Client, target: Target): number => {
  if (!account.isFull) return 0
  const why = `${account.limits.connections} connections are open (limits: connections)`
  refused({ ...target, errno: EADDRNOTAVAIL, why, permit: null })
  return -EADDRNOTAVAIL
}

/** Where a host may be led; null for a name that has no address. */
export const leadTo = async ({ guard, pins }: Way, target: Target, rules: readonly Rule[]): Promise<Led | null> => {
  const { host } = target
  let answers: readonly string[]
  try {
    answers = parseAddress(host) === null ? await pins.addressesOf(host) : await Promise.resolve([host])
  } catch {
    return null
  }
  return guard.hosts.lead(rules, target, answers)
}

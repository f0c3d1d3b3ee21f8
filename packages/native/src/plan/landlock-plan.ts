/** The Landlock part of a plan, from the same rules that confine tasks of a box. */
import { abis, maskOf, planOf } from '@lsmkit/landlock/plan'
import type { LandlockAbi, RulesetOptions } from '@lsmkit/landlock/plan'
import {
  LANDLOCK_ACCESS_FS_EXECUTE, LANDLOCK_ACCESS_FS_READ_DIR, LANDLOCK_ACCESS_FS_READ_FILE, LANDLOCK_ACCESS_NET_BIND_UDP,
  LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP, LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON, LANDLOCK_RESTRICT_SELF_NO_NEW_PRIVS,
} from '@lsmkit/abi'
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import type { Facts } from './facts.ts'
import { finer, hostPathOf, placesOf } from './mapping.ts'
import type { LandlockPlan, PathRule } from './plan.ts'

const UDP_ABI = 10
export const QUIET_ABI = 10
const LOG_ABI = 7
const NO_NEW_PRIVS_ABI = 11
/** The newest interface that a plan can be made for. */
export const NEWEST_ABI = Math.max(abis.length, NO_NEW_PRIVS_ABI)
const DNS = 53

const UNCHANGING = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR

interface Parts {
  readonly rules: RulesetOptions
  readonly facts: Facts
  /** UDP is open. */
  readonly udp: boolean
  /** Ports of hosts. */
  readonly hosts: readonly number[]
  /** Paths whose refusals are not logged. */
  readonly quiet: readonly string[]
}

/** A rule for each place of the host, with the rights of all lists that name it. */
const pathRules = (
  policy: Policy, granted: ReadonlyMap<string, number>, handled: number, { folders }: Facts,
): readonly PathRule[] => {
  const found = new Map<string, PathRule>()
  for (const [path, rights] of granted) {
    for (const place of placesOf(policy, path).flatMap((mapped) => finer(mapped, folders))) {
      const left = rights & handled & (place.writable ? -1 : UNCHANGING)
      if (left === 0) continue
      const key = `${place.private ?? ''}\0${hostPathOf(place)}`
      const known = found.get(key)
      found.set(key, { place, rights: (known?.rights ?? 0) | left })
    }
  }
  return [...found.values()]
}

/** LANDLOCK_RESTRICT_SELF_*: refusals of the program are logged, and the call itself gives privileges up. */
const flagsOf = (abi: number): number => (abi < LOG_ABI ? 0 : LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON) |
  (abi < NO_NEW_PRIVS_ABI ? 0 : LANDLOCK_RESTRICT_SELF_NO_NEW_PRIVS)

export const landlockPlan = (policy: Policy, { rules, facts, udp, hosts, quiet }: Parts): LandlockPlan => {
  const plan = planOf(rules)
  const abi = Math.min(facts.landlock, abis.length) as LandlockAbi
  const fs = plan.fs & maskOf('fs', abi)
  const net = plan.net & maskOf('net', abi)
  const scope = plan.scope & maskOf('scope', abi)
  const ports = [...plan.ports].map(([port, rights]) => [port, rights & net] as [number, number])
    .filter(([, rights]) => rights !== 0)
  const hasUdp = facts.landlock >= UDP_ABI
  if (hasUdp && udp) {
    for (const port of new Set([...hosts, DNS])) ports.push([port, LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP])
    // a socket that sends has a port of its own, whichever
    ports.push([0, LANDLOCK_ACCESS_NET_BIND_UDP])
  }
  return {
    fs, net: net | (hasUdp ? LANDLOCK_ACCESS_NET_BIND_UDP | LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP : 0), scope, ports,
    paths: pathRules(policy, plan.paths, fs, facts), flags: flagsOf(facts.landlock),
    quiet: facts.landlock < QUIET_ABI ? [] : quiet.flatMap((path) => placesOf(policy, path).map(({ place }) => place)),
  }
}

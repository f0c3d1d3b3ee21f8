/** The Landlock part of a plan, from the same rules that confine tasks of a box. */
import { abis, maskOf, planOf } from '@lsmkit/landlock/plan'
import type { LandlockAbi, RulesetOptions } from '@lsmkit/landlock/plan'
import {
  LANDLOCK_ACCESS_FS_EXECUTE, LANDLOCK_ACCESS_FS_READ_DIR, LANDLOCK_ACCESS_FS_READ_FILE,
} from '@lsmkit/abi'
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import type { Facts } from './facts.ts'
import { finer, hostPathOf, placesOf } from './mapping.ts'
import type { LandlockPlan, PathRule } from './plan.ts'

// ABI 10
export const ACCESS_NET_BIND_UDP = 0x4
export const ACCESS_NET_CONNECT_SEND_UDP = 0x8
const UDP_ABI = 10
/** The newest interface that a plan can be made for. */
export const NEWEST_ABI = Math.max(abis.length, UDP_ABI)
const DNS = 53

const UNCHANGING = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR

interface Parts {
  readonly rules: RulesetOptions
  readonly facts: Facts
  /** UDP is open. */
  readonly udp: boolean
  /** Ports of hosts. */
  readonly hosts: readonly number[]
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

export const landlockPlan = (policy: Policy, { rules, facts, udp, hosts }: Parts): Omit<LandlockPlan, 'flags'> => {
  const plan = planOf(rules)
  const abi = Math.min(facts.landlock, abis.length) as LandlockAbi
  const fs = plan.fs & maskOf('fs', abi)
  const net = plan.net & maskOf('net', abi)
  const scope = plan.scope & maskOf('scope', abi)
  const ports = [...plan.ports].map(([port, rights]) => [port, rights & net] as [number, number])
    .filter(([, rights]) => rights !== 0)
  const hasUdp = facts.landlock >= UDP_ABI
  if (hasUdp && udp) {
    ports.push(...[...new Set([...hosts, DNS])].map((port) => [port, ACCESS_NET_CONNECT_SEND_UDP] as [number, number]))
    // a socket that sends has a port of its own, whichever
    ports.push([0, ACCESS_NET_BIND_UDP])
  }
  return {
    fs, net: net | (hasUdp ? ACCESS_NET_BIND_UDP | ACCESS_NET_CONNECT_SEND_UDP : 0), scope, ports,
    paths: pathRules(policy, plan.paths, fs, facts),
  }
}

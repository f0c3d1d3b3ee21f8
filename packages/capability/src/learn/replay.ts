/** Checks of a log asked of other sets: who would be refused what. */
import { capHas, capName } from '@lsmkit/abi'
import type { CapSet } from '@lsmkit/abi'
import type { Replayed } from '@lsmkit/core/policy/audit-log'
import type { CapabilitySets } from '../sets.ts'
import type { CapabilityCheck } from './checks.ts'

/** Kernels keep 15 bytes of a name. */
const COMM = 15

/** A check tells the name of a program, without its folder and cut. */
const commOf = (program: string): string => program.slice(program.lastIndexOf('/') + 1).slice(0, COMM)

/** A program that has no set has no capability. Looks that are not logged are passed over. */
export function* replayedChecks(checks: Iterable<CapabilityCheck>, sets: CapabilitySets): Generator<Replayed> {
  const permitted = new Map<string, CapSet>([...sets].map(([program, caps]) => [commOf(program), caps.permitted]))
  for (const { line, outcome, cap, comm, isProbe } of checks) {
    if (isProbe) continue
    const set = permitted.get(comm)
    yield {
      line, was: outcome === 'denied' ? 'denied' : 'granted',
      now: set !== undefined && capHas(set, cap) ? 'granted' : 'denied',
      access: `${comm} ${capName(cap).toLowerCase()}`, why: set === undefined ? `${comm} has no set` : '',
    }
  }
}

/** The same as a list. */
export const replayChecks = (checks: Iterable<CapabilityCheck>, sets: CapabilitySets): Replayed[] =>
  [...replayedChecks(checks, sets)]

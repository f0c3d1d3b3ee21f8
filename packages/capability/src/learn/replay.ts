/** Checks of a log asked of other sets: who would be refused what. */
import { capHas, capName } from '@lsmkit/abi'
import type { CapWords } from '@lsmkit/abi'
import { LsmkitError } from '@lsmkit/core'
import type { Replayed } from '@lsmkit/core/audit-log'
import { capFromText } from '../cap-from-text.ts'
import type { CapabilityCheck } from './checks.ts'

/** The line of a list of sets that is none. */
export class CapabilitySetsError extends LsmkitError<'bad-line'> {}

/** Kernels keep 15 bytes of a name. */
const COMM = 15

/**
 * Sets by program, from lines `PROGRAM SET` as `learnCapabilities` and getcap(8) write them; # starts a comment. A
 * program is its name without the folder. Throws CapabilitySetsError.
 */
export const capabilitySets = (text: string): Map<string, CapWords> => {
  const sets = new Map<string, CapWords>()
  for (const [i, line] of text.split('\n').entries()) {
    const words = line.replace(/#.*/, '').trim().split(/\s+/)
    if (words[0] === '') continue
    const [program, ...set] = words as [string, ...string[]]
    if (set.length === 0) {
      throw new CapabilitySetsError('bad-line', 'a line has a program and its set', {
        place: `line ${i + 1}`, hint: 'ping cap_net_raw=ep',
      })
    }
    sets.set(program.slice(program.lastIndexOf('/') + 1).slice(0, COMM), capFromText(set.join(' ')).permitted)
  }
  return sets
}

/** A program that has no set has no capability. Looks that are not logged are passed over. */
export const replayChecks = (checks: readonly CapabilityCheck[], sets: ReadonlyMap<string, CapWords>): Replayed[] =>
  checks.filter(({ isProbe }) => !isProbe).map(({ line, outcome, cap, comm }) => {
    const set = sets.get(comm)
    const name = capName(cap).toLowerCase()
    return {
      line, was: outcome === 'denied' ? 'denied' : 'granted',
      now: set !== undefined && capHas(set, cap) ? 'granted' : 'denied',
      access: `${comm} ${name}`, why: set === undefined ? `${comm} has no set` : '',
    }
  })

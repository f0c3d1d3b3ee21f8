/** Files of capability sets as getcap(8) prints them, a program and its text a line, and what changed between two. */
import { capList, capName, capWithout } from '@lsmkit/abi'
import type { CapSet } from '@lsmkit/abi'
import type { PolicyChange } from '@lsmkit/core'
import { capFromText } from './cap-from-text.ts'
import type { CapState } from './cap-state.ts'
import { emptyCapState } from './cap-state.ts'
import { capToText } from './cap-to-text.ts'
import { CapsError } from './errors.ts'

/** By program, as the file names it. */
export type CapabilitySets = ReadonlyMap<string, CapState>

/** A program and the clauses behind it. The program's name may have spaces, a clause has an operator. */
const LINE = /^(.+?)\s+(?:=\s+)?((?:\S*[=+-]\S*\s*)+)$/

/** `PROGRAM TEXT`, or `PROGRAM = TEXT` of older releases; `#` begins a comment. Throws CapsError with the line. */
export const parseCapabilitySets = (text: string): CapabilitySets => {
  const sets = new Map<string, CapState>()
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.replace(/(^|\s)#.*/, '').trim()
    if (line === '') continue
    const [, program, caps] = LINE.exec(line) ?? []
    if (program === undefined) throw new CapsError('no-operator', `\`${line}\` names no program and its capabilities`,
      `line ${i + 1}`, 'write `/usr/bin/ping cap_net_raw=ep`')
    try {
      sets.set(program, capFromText(caps!))
    } catch (error) {
      if (!(error instanceof CapsError)) throw error
      throw new CapsError(error.code, error.summary, `line ${i + 1}`, error.hint)
    }
  }
  return sets
}

const flags = [['permitted', 'have'], ['inheritable', 'inherit'], ['effective', 'have at once']] as const

const namesOf = (set: CapSet): string => capList(set).map((cap) => capName(cap).toLowerCase()).join(', ')

/** The differences between programs, set by set. */
export function* capabilityChanges(before: CapabilitySets, after: CapabilitySets): Generator<PolicyChange> {
  for (const program of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const [was, is] = [before.get(program) ?? emptyCapState(), after.get(program) ?? emptyCapState()]
    const because = [`${program} ${capToText(is)}`]
    const subject = 'capabilities'
    for (const [flag, verb] of flags) {
      const [came, went] = [namesOf(capWithout(is[flag], was[flag])), namesOf(capWithout(was[flag], is[flag]))]
      if (came !== '') yield { effect: 'more', subject, words: `${program} may now ${verb} ${came}`, because }
      if (went !== '') yield { effect: 'less', subject, words: `${program} may no longer ${verb} ${went}`, because }
    }
  }
}

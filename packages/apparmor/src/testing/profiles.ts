/** Small profiles for tests: automata of a few states, made by hand. */
import type { Dfa } from '../dfa/dfa.ts'
import { nameBytes } from '../name.ts'
import { emptyPdb } from '../policydb/policy.ts'
import type { Pdb, Profile } from '../policydb/policy.ts'
import { writePolicy } from '../policydb/writer.ts'

/** Width of a state's transitions: none overlap. */
const WIDTH = 300

/** An automaton that accepts each given name, with the words of its last state; all states but the dead one differ. */
export const dfaOf = (names: Readonly<Record<string, readonly [accept: number, accept2: number]>>): Dfa => {
  const moves: [from: number, byte: number, to: number][] = []
  const accepts: [number, number][] = [[0, 0], [0, 0]]
  for (const [name, words] of Object.entries(names)) {
    let state = 1
    for (const byte of nameBytes(name)) {
      const known = moves.find(([from, by]) => from === state && by === byte)
      if (known === undefined) moves.push([state, byte, accepts.push([0, 0]) - 1])
      state = known?.[2] ?? accepts.length - 1
    }
    accepts[state] = [...words]
  }
  const states = accepts.length
  const dfa: Dfa = {
    flags: 0,
    accept: Uint32Array.from(accepts, ([word]) => word),
    accept2: Uint32Array.from(accepts, ([, word]) => word),
    base: Uint32Array.from({ length: states }, (_, state) => state * WIDTH),
    check: new Uint16Array((states + 1) * WIDTH),
    next: new Uint16Array((states + 1) * WIDTH),
    def: new Uint16Array(states),
    equivalence: null,
  }
  for (const [from, byte, to] of moves) {
    dfa.check[dfa.base[from]! + byte] = from
    dfa.next[dfa.base[from]! + byte] = to
  }
  return dfa
}

export const pdbOf = (names: Parameters<typeof dfaOf>[0], parts: Partial<Pdb> = {}): Pdb =>
  ({ ...emptyPdb, dfa: dfaOf(names), ...parts })

export const aProfile = (name: string, parts: Partial<Profile> = {}): Profile => ({
  name, namespace: null, rename: null, attach: null, xmatch: emptyPdb, xmatchLength: 0, disconnected: null,
  flags: { hat: false, debug1: false, debug2: false }, mode: 'enforce', auditAll: false, pathFlags: 0x20000,
  caps: { allow: 0n, audit: 0n, quiet: 0n, dropped: 0n, extended: null },
  xattrs: null, rlimits: null, secmark: null, policydb: null, file: emptyPdb, data: null, ...parts,
})

export const policyOf = (...profiles: readonly Profile[]): Uint8Array =>
  writePolicy({ version: 7, namespace: null, profiles })

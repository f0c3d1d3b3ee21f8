/** An automaton in the kernel's form, to be walked and compared. */
import type { Walkable } from './compare.ts'
import { OUT_OF_BAND } from './byte-set.ts'
import { DFA_OOB_TRANSITIONS, type Dfa } from './dfa.ts'
import { next, outOfBand } from './step.ts'

export const walkableDfa = (dfa: Dfa): Walkable => ({
  hasOutOfBand: (dfa.flags & DFA_OOB_TRANSITIONS) !== 0,
  step: (state, symbol) => symbol === OUT_OF_BAND ? outOfBand(dfa, state) : next(dfa, state, symbol),
})

/** No string matches. */
export const walkableNothing: Walkable = { hasOutOfBand: false, step: () => 0 }

/** Conditions that must hold for an automaton that is matched without further checks (`verify_dfa`). */
import { ApparmorError } from '../errors.ts'
import {
  BASE_INDEX, DFA_DIFF_ENCODE, DFA_OOB_TRANSITIONS, STATE_DIFF_ENCODE, STATE_OOB_TRANSITION,
} from './dfa.ts'
import type { Dfa } from './dfa.ts'

/** Columns below the base of a state: that of the out-of-band step. */
const BELOW = 1
const BASE_FLAGS = 0xff000000

const refuse = (message: string): never => {
  throw new ApparmorError('bad-dfa', message)
}

/** Throws ApparmorError `bad-dfa` where a step could leave the tables or never end. */
export const verifyDfa = (dfa: Dfa): void => {
  for (let state = 0; state < dfa.base.length; state++) verifyState(dfa, state)
  verifyTransitions(dfa)
  verifyDifferences(dfa)
}

const verifyState = ({ flags, base, def, next }: Dfa, state: number): void => {
  const word = base[state]!
  if (def[state]! >= base.length) refuse(`the default of state ${state} is out of bounds`)
  if ((word & BASE_INDEX) + 255 >= next.length) refuse(`the transitions of state ${state} are out of bounds`)
  if ((word & BASE_FLAGS) === 0) return
  if ((word & BASE_FLAGS & ~(STATE_DIFF_ENCODE | STATE_OOB_TRANSITION)) !== 0) {
    refuse(`state ${state} has unknown flags`)
  }
  if ((word & STATE_DIFF_ENCODE) !== 0 && (flags & DFA_DIFF_ENCODE) === 0) {
    refuse(`state ${state} is encoded as differences, which the header does not announce`)
  }
  if ((word & STATE_OOB_TRANSITION) === 0) return
  if ((word & BASE_INDEX) < BELOW) refuse(`the out-of-band transition of state ${state} is out of bounds`)
  if ((flags & DFA_OOB_TRANSITIONS) === 0) {
    refuse(`state ${state} has an out-of-band transition, which the header does not announce`)
  }
}

const verifyTransitions = ({ base, next, check }: Dfa): void => {
  const states = base.length
  for (let i = 0; i < next.length; i++) {
    if (next[i]! >= states || check[i]! >= states) refuse(`transition ${i} is out of bounds`)
  }
}

/** Each chain of states that are encoded as differences ends in one that is not. */
const verifyDifferences = ({ flags, base, def }: Dfa): void => {
  if ((flags & DFA_DIFF_ENCODE) === 0) return
  /** Per state: 0 not seen, else one more than the state from which a walk first came by. */
  const walk = new Uint32Array(base.length)
  for (let from = 0; from < base.length; from++) {
    let state = from
    while ((base[state]! & STATE_DIFF_ENCODE) !== 0 && walk[state] === 0) {
      walk[state] = from + 1
      state = def[state]!
    }
    // a walk that ends at its own trace goes round; one that meets an older trace, which ended well, does not
    const stepped = walk[from] === from + 1
    if (stepped && (base[state]! & STATE_DIFF_ENCODE) !== 0 && walk[state] === from + 1) {
      refuse(`the differences of state ${state} lead back to it`)
    }
  }
}

/** `@lsmkit/apparmor/dfa`: automata in the kernel's form, and matching on them. Needs nothing of policy. */
export {
  BASE_INDEX, DFA_DIFF_ENCODE, DFA_NOMATCH, DFA_OOB_TRANSITIONS, DFA_START, STATE_DIFF_ENCODE, STATE_OOB_TRANSITION,
} from './dfa.ts'
export type { Dfa } from './dfa.ts'
export { Matcher } from './matcher.ts'
export { leftMatch, match, matchLen, next, nullStep, outOfBand } from './step.ts'
export type { LeftMatch } from './step.ts'
export { readDfa } from './read-dfa.ts'
export { writeDfa } from './write-dfa.ts'

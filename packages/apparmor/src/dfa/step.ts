/** Matching in the plainest way, step by step on the tables as they are: what the fast path must agree with. */
import { BASE_INDEX, DFA_NOMATCH, STATE_DIFF_ENCODE, STATE_OOB_TRANSITION } from './dfa.ts'
import type { Dfa } from './dfa.ts'

/** One step by a class of bytes (`match_char`): differences are followed to the state that they differ from. */
const stepClass = (dfa: Dfa, from: number, offset: number): number => {
  let state = from
  for (;;) {
    const base = dfa.base[state]!
    const at = (base & BASE_INDEX) + offset
    if (dfa.check[at] === state) return dfa.next[at]!
    state = dfa.def[state]!
    if ((base & STATE_DIFF_ENCODE) === 0) return state
  }
}

/** One step by one byte (`aa_dfa_next`). */
export const next = (dfa: Dfa, state: number, byte: number): number =>
  stepClass(dfa, state, dfa.equivalence === null ? byte : dfa.equivalence[byte]!)

/** The step between the parts of a pair: a NUL, which no name holds (`aa_dfa_null_transition`). */
export const nullStep = (dfa: Dfa, state: number): number => next(dfa, state, 0)

/** The step beside all bytes (`aa_dfa_outofband_transition`): it leads to conditions such as extended attributes. */
export const outOfBand = (dfa: Dfa, state: number): number =>
  (dfa.base[state]! & STATE_OOB_TRANSITION) === 0 ? DFA_NOMATCH : stepClass(dfa, state, -1)

/** The state after all bytes, NULs among them (`aa_dfa_match_len`). The dead state is never left. */
export const matchLen = (dfa: Dfa, start: number, bytes: Uint8Array, from = 0, to = bytes.length): number => {
  if (start === DFA_NOMATCH) return DFA_NOMATCH
  let state = start
  for (let i = from; i < to; i++) state = next(dfa, state, bytes[i]!)
  return state
}

/** The state after the bytes before the first NUL (`aa_dfa_match`). */
export const match = (dfa: Dfa, start: number, bytes: Uint8Array): number => {
  const nul = bytes.indexOf(0)
  return matchLen(dfa, start, bytes, 0, nul < 0 ? bytes.length : nul)
}

/** Steps that are remembered to find that a state comes again. */
const HISTORY = 32

export interface LeftMatch {
  readonly state: number
  /** Bytes before the pattern began to repeat itself: the more, the more specific is the match. 0 without a match. */
  readonly count: number
}

/**
 * As `aa_dfa_leftmatch`: matches an attachment, and counts how much of the name is said in plain letters. Differences
 * are not followed here, as in the kernel, until a state repeats.
 */
export const leftMatch = (dfa: Dfa, start: number, bytes: Uint8Array): LeftMatch => {
  const history: number[] = []
  let state = start
  let count = 0
  const nul = bytes.indexOf(0)
  const end = state === DFA_NOMATCH ? 0 : nul < 0 ? bytes.length : nul
  for (let i = 0; i < end; i++) {
    history.push(state)
    const at = (dfa.base[state]! & BASE_INDEX) + (dfa.equivalence === null ? bytes[i]! : dfa.equivalence[bytes[i]!]!)
    state = dfa.check[at] === state ? dfa.next[at]! : dfa.def[state]!
    const back = loopLength(history, state)
    if (back >= 0) {
      count -= back
      state = matchLen(dfa, state, bytes, i + 1, end)
      break
    }
    count++
  }
  return { state, count: state === DFA_NOMATCH ? 0 : count }
}

/**
 * How many steps ago the state was left, or -1 (`is_loop`). States have numbers that rise along a pattern, so one
 * above the last is new. The kernel's ring holds the step that is being made beside those before it.
 */
const loopLength = (history: readonly number[], state: number): number => {
  const last = history.length - 1
  if (history[last]! < state) return -1
  const seen = Math.min(last, HISTORY)
  for (let i = 0; i < seen; i++) if (history[last - i] === state) return i
  return -1
}

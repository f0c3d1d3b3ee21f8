/**
 * Where apparmor_parser's own answer depends on chance: which permissions of a string come out by the order of its
 * rules.
 */
import { orderDependent } from '../dfa/order-dependent.ts'
import { step } from '../dfa/automaton.ts'
import { determinise, type Built } from '../dfa/build.ts'
import { Nfa } from '../dfa/nfa.ts'
import { isExact } from '../dfa/regex.ts'
import { regexOf } from './automaton-rules.ts'
import type { EncodedRule } from './encoded.ts'

/** Finds the rules of a string, by one automaton for all of them. */
export class RuleFinder {
  readonly #rules: readonly EncodedRule[]
  #built: Built | null = null

  constructor(rules: readonly EncodedRule[]) {
    this.#rules = rules
  }

  /** The rules that match all of the symbols. */
  find(symbols: readonly number[]): readonly EncodedRule[] {
    const built = this.#built ??= this.#build()
    const state = symbols.reduce((at, symbol) => step(built, at, symbol), built.start)
    return [...built.marks.get(built.accepts[state]!)].map((index) => this.#rules[index]!)
  }

  /** Sets of rules that match a string together, by their indices. */
  *meetings(): Generator<readonly number[]> {
    const { marks } = this.#built ??= this.#build()
    for (let set = 1; set < marks.size; set++) yield [...marks.get(set)]
  }

  #build(): Built {
    const nfa = new Nfa(Infinity)
    for (const [index, rule] of this.#rules.entries()) nfa.add(regexOf(rule), index)
    return determinise(nfa)
  }
}

/** Of other classes: denials that keep more quiet than they deny take it too where they come last. */
export const unsureOfClasses = (finder: RuleFinder, symbols: readonly number[]): number => (
  finder.find(symbols).filter(({ mode }) => mode === 'deny')
    .reduce((bits, { perms, audit }) => bits | (audit & ~perms), 0) >>> 0
)

/** The permissions of a file name, in the words of rules, that any order of its rules may give or take. */
export const unsureBits = (finder: RuleFinder, symbols: readonly number[]): number => {
  const { allow, audit } = orderDependent(
    finder.find(symbols).map((rule) => ({ ...rule, exact: isExact(regexOf(rule)) })),
  )
  return (allow | audit) >>> 0
}

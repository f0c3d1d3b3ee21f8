/** Encoded rules to an automaton, with the permissions of each state. Mistakes name the rules that make them. */
import { mergeMarks, type Accepted } from '../dfa/accept.ts'
import { type Mark } from '../dfa/mark.ts'
import type { Automaton } from '../dfa/automaton.ts'
import { BUILD_LIMITS, determinise, TooManyStates, type Built } from '../dfa/build.ts'
import { MOST_STATES } from '../dfa/compress.ts'
import { minimise } from '../dfa/minimise.ts'
import { Nfa } from '../dfa/nfa.ts'
import { concat, isExact, NUL, parsePattern, PatternError, type Regex } from '../dfa/regex.ts'
import type { EncodedRule } from './encoded.ts'
import { execConflict, ProfileError } from './errors.ts'
import type { Place } from './place.ts'

/** States of the automaton with choices: what a rule's text can ask for. */
const MOST_NFA_STATES = 8_000_000
/** States that one rule may have by itself before it is to blame. */
const MOST_OF_ONE_RULE = 60_000
/** Rules that are looked at to name the one to blame. */
const MOST_BLAMED = 5000
/** Pairs of rules that are looked at to name a conflict. */
const MOST_PAIRS = 400

/** An automaton with what its states allow: `accepted[accepts[state]]`. */
export interface RuleAutomaton {
  readonly automaton: Automaton
  readonly accepted: readonly Accepted[]
}

const NOTHING: Accepted = { allow: 0, prompt: 0, audit: 0, quiet: 0 }

const placeOf = (rule: EncodedRule | undefined): Place | null => rule?.rule?.place ?? null

/** Throws `ProfileError`. */
export const regexOf = (rule: EncodedRule): Regex => {
  try {
    return concat(rule.parts.flatMap((part, index) => index === 0 ? [parsePattern(part)] : [NUL, parsePattern(part)]))
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    throw new ProfileError('bad-pattern', `the pattern cannot be read: ${error.message}`, placeOf(rule))
  }
}

/** What rules say, each kind once, and which rules say it. */
class Marks {
  readonly list: Mark[] = []
  readonly rules: EncodedRule[][] = []
  readonly #known = new Map<string, number>()

  add(rule: EncodedRule, exact: boolean): number {
    const { priority, mode, perms, audit } = rule
    const key = `${priority} ${mode} ${perms} ${audit} ${exact}`
    let index = this.#known.get(key)
    if (index === undefined) {
      this.#known.set(key, index = this.list.push({ priority, mode, perms, audit, exact }) - 1)
      this.rules.push([])
    }
    this.rules[index]!.push(rule)
    return index
  }
}

/** Whether some string matches both rules. */
const overlap = (a: EncodedRule, b: EncodedRule): boolean => {
  const nfa = new Nfa(MOST_OF_ONE_RULE)
  nfa.add(regexOf(a), 0)
  nfa.add(regexOf(b), 1)
  const built = determinise(nfa, { states: MOST_OF_ONE_RULE, members: BUILD_LIMITS.members })
  return built.accepts.some((accepts) => built.marks.get(accepts).length === 2)
}

/** Names two rules that execute in different ways and match the same string. */
const conflict = (marks: Marks, state: readonly number[], last: Mark): ProfileError => {
  const rules = marks.rules[marks.list.indexOf(last)]!
  const others = state.filter((index) => marks.list[index] !== last).flatMap((index) => marks.rules[index]!)
  let pairs = 0
  for (const rule of rules) {
    for (const other of others) {
      if (pairs++ > MOST_PAIRS) break
      if ((other.perms & EXEC) === 0 || !overlap(rule, other)) continue
      return execConflict(rule.rule!.place, other.rule!.place)
    }
  }
  return new ProfileError('exec-conflict', 'rules execute the same path in different ways', placeOf(rules[0]))
}

const EXEC = 0x1 | 0x1 << 14

const statesOf = (rule: EncodedRule): number => {
  const nfa = new Nfa(MOST_NFA_STATES)
  nfa.add(regexOf(rule), 0)
  try {
    return determinise(nfa, { states: MOST_OF_ONE_RULE, members: BUILD_LIMITS.members }).size
  } catch (error) {
    if (!(error instanceof TooManyStates)) throw error
    return Infinity
  }
}

/** The wild rule with the most states of its own. */
const widest = (rules: readonly EncodedRule[]): { readonly rule: EncodedRule | undefined, readonly states: number } => {
  const wild = rules.filter((rule) => !isExact(regexOf(rule))).slice(0, MOST_BLAMED)
  let worst: { rule: EncodedRule | undefined, states: number } = { rule: wild[0] ?? rules[0], states: 0 }
  for (const rule of wild) {
    const states = statesOf(rule)
    if (states > worst.states) worst = { rule, states }
    if (states === Infinity) break
  }
  return worst
}

const explosion = (rule: EncodedRule | undefined, limit: number): ProfileError => (
  new ProfileError('pattern-explodes', `the rules need more than ${limit} states to be told apart`, placeOf(rule), {
    hint: 'this rule needs the most: many wildcards behind one another, or behind `**`, multiply',
  })
)

/** Few policies have more states before minimising; one that has is looked at for a rule that alone has too many. */
const SUSPICIOUS = 250_000

const determiniseRules = (nfa: Nfa, rules: readonly EncodedRule[]): Built => {
  for (const states of [SUSPICIOUS, BUILD_LIMITS.states]) {
    try {
      return determinise(nfa, { ...BUILD_LIMITS, states })
    } catch (error) {
      if (!(error instanceof TooManyStates)) throw error
      const worst = widest(rules)
      if (worst.states === Infinity || states > SUSPICIOUS) throw explosion(worst.rule, MOST_STATES)
    }
  }
  throw explosion(rules[0], MOST_STATES)
}

const build = (rules: readonly EncodedRule[], marks: Marks): Built => {
  const nfa = new Nfa(MOST_NFA_STATES)
  for (const rule of rules) {
    const regex = regexOf(rule)
    if (!nfa.add(regex, marks.add(rule, isExact(regex)))) throw explosion(rule, MOST_NFA_STATES)
  }
  return determiniseRules(nfa, rules)
}

/** Names accepted permissions by their value; the state that matches nothing is 0. */
const acceptValues = (built: Built, marks: Marks, isFile: boolean): {
  readonly accepts: Int32Array, readonly accepted: Accepted[],
} => {
  const accepted: Accepted[] = [NOTHING]
  const known = new Map([['0 0 0 0', 0]])
  const byMarks = Array.from({ length: built.marks.size }, (_, set) => {
    const state = [...built.marks.get(set)]
    const merged = mergeMarks(state.map((index) => marks.list[index]!), isFile)
    if ('mode' in merged) throw conflict(marks, state, merged)
    const key = `${merged.allow} ${merged.prompt} ${merged.audit} ${merged.quiet}`
    let index = known.get(key)
    if (index === undefined) known.set(key, index = accepted.push(merged) - 1)
    return index
  })
  return { accepts: built.accepts.map((set) => byMarks[set]!), accepted }
}

/** Throws `ProfileError`. */
export const automatonOf = (rules: readonly EncodedRule[], isFile: boolean): RuleAutomaton => {
  const marks = new Marks()
  const built = build(rules, marks)
  const { accepts, accepted } = acceptValues(built, marks, isFile)
  const automaton = minimise({ ...built, accepts })
  if (automaton.size > MOST_STATES) {
    const message = `the rules need ${automaton.size} states; a kernel takes ${MOST_STATES}`
    throw new ProfileError('too-many-states', message, placeOf(rules[0]), {
      hint: 'fewer rules, or patterns that cover several paths, need fewer',
    })
  }
  return { automaton, accepted }
}

/** The answer of a compiled profile to a question, the rules that decide, and the rule that comes nearest to a yes. */
import { aBoolean, checkOptions } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { mergeMarks } from '../dfa/accept.ts'
import { step } from '../dfa/automaton.ts'
import { determinise } from '../dfa/build.ts'
import { Nfa } from '../dfa/nfa.ts'
import { isExact } from '../dfa/regex.ts'
import { matchLen } from '../dfa/step.ts'
import { regexOf } from '../profile/automaton-rules.ts'
import type { CompiledProfile } from '../profile/compile.ts'
import type { EncodedRule } from '../profile/encoded.ts'
import { RuleFinder } from '../profile/order.ts'
import type { Question } from './question.ts'
import { isOfFiles, ruleOf, type RuleText } from './rule-text.ts'

export interface Decision {
  readonly allowed: boolean
  /**
   * `rule`: rules say it; `missing`: none allows it; `unconfined`, `not-mediated`: nothing is asked; `complain`:
   * logged.
   */
  readonly reason: 'rule' | 'missing' | 'denied' | 'unconfined' | 'not-mediated'
  /** The profile only logs what it does not allow. */
  readonly complain: boolean
  /** Rules that decided. */
  readonly rules: readonly RuleText[]
  /** Where nothing allows it: the rule that grants this and matches most of the string. */
  readonly nearest: RuleText | null
}

/** Bits of a file rule: seven of the owner, and of others 14 higher. */
const OTHER_SIDE = 14
const SEVEN = 0x7f

type Answer = Pick<Decision, 'allowed' | 'reason' | 'rules' | 'nearest'>

/** How many symbols of the string the rule can begin with. */
const progress = (rule: EncodedRule, symbols: readonly number[]): number => {
  const nfa = new Nfa(200_000)
  nfa.add(regexOf(rule), 0)
  const built = determinise(nfa)
  let state = built.start
  for (const [index, symbol] of symbols.entries()) {
    state = step(built, state, symbol)
    if (state === 0) return index
  }
  return symbols.length
}

/** The bits on the other side of a file rule too: a rule for the owner is near to what others ask. */
const eitherSide = (perms: number, asked: number, isFile: boolean): boolean => {
  if (!isFile) return (perms & asked) === asked
  const own = (asked | asked >>> OTHER_SIDE) & SEVEN
  return own !== 0 && ((perms & own) === own || (perms >>> OTHER_SIDE & own) === own)
}

/** A rule that matches all of the string and lacks a permission, else one that grants and matches most of it. */
const nearestRule = (
  rules: readonly EncodedRule[], found: readonly EncodedRule[], symbols: readonly number[], asked: number,
  isFile: boolean,
): RuleText | null => {
  const allowing = (list: readonly EncodedRule[]): EncodedRule[] =>
    list.filter(({ mode, rule }) => mode === 'allow' && rule !== null)
  let best: EncodedRule | null = allowing(isFile ? found.filter(isOfFiles) : found)[0] ?? null
  let most = 0
  for (const rule of best === null ? allowing(rules) : []) {
    if (!eitherSide(rule.perms, asked, isFile)) continue
    const length = progress(rule, symbols)
    if (length <= most) continue
    best = rule
    most = length
  }
  return best === null ? null : ruleOf(best)
}

const unique = (rules: readonly EncodedRule[]): RuleText[] =>
  [...new Map(rules.map((rule) => [`${rule.rule?.place}`, ruleOf(rule)])).values()].filter((text) => text !== null)

const decideByRules = (
  compiled: CompiledProfile, rules: readonly EncodedRule[], symbols: readonly number[], asked: number, isFile: boolean,
): Answer => {
  const found = new RuleFinder(rules).find(symbols)
  const merged = mergeMarks(found.map((rule) => ({ ...rule, exact: isExact(regexOf(rule)) })), isFile)
  const allow = 'mode' in merged ? 0 : merged.allow
  const missing = (asked & ~allow) >>> 0
  if (missing === 0) {
    const granting = found.filter(({ mode, perms }) => mode !== 'deny' && (perms & asked) !== 0)
    return { allowed: true, reason: 'rule', rules: unique(granting), nearest: null }
  }
  const denying = found.filter(({ mode, perms }) => mode === 'deny' && (perms & missing) !== 0)
  if (denying.length > 0) return { allowed: false, reason: 'denied', rules: unique(denying), nearest: null }
  return { allowed: false, reason: 'missing', rules: [], nearest: nearestRule(rules, found, symbols, missing, isFile) }
}

const decideCapability = ({ source }: CompiledProfile, number: number): Answer => {
  const bit = 1n << BigInt(number)
  const texts = source.capabilityRules.filter(({ set }) => (set & bit) !== 0n)
    .map(({ place, deny }) => ({ deny, place, text: place.excerpt.trim() }))
  const rules = (deny: boolean): RuleText[] => texts.filter((rule) => rule.deny === deny)
    .map(({ place, text }) => ({ place, text }))
  if ((source.capabilities.deny & bit) !== 0n) {
    return { allowed: false, reason: 'denied', rules: rules(true), nearest: null }
  }
  const allowed = (source.capabilities.allow & bit) !== 0n
  return { allowed, reason: allowed ? 'rule' : 'missing', rules: rules(false), nearest: null }
}

export interface DecideOptions {
  /** The task owns the file; true without it. */
  readonly owner?: boolean
}

export const decideRules: OptionRules<DecideOptions> = { owner: aBoolean }

/** The answer of the profile's rules; other checks of a kernel are not looked at. Throws OptionError. */
export const decide = (
  compiled: CompiledProfile, question: Question, options: DecideOptions = {},
): Decision => {
  checkOptions(options, decideRules, 'decide')
  const { owner = true } = options
  const { profile, fileRules, classRules } = compiled
  const complain = profile.mode === 'complain'
  if (profile.mode === 'unconfined') return { allowed: true, reason: 'unconfined', complain, rules: [], nearest: null }
  if (question.kind === 'capability') return { complain, ...decideCapability(compiled, question.number) }
  const { symbols, asked } = question
  if (question.kind === 'file') {
    const sided = (asked & SEVEN) === 0 ? asked : owner ? asked : asked << OTHER_SIDE
    return { complain, ...decideByRules(compiled, fileRules, symbols, sided >>> 0, true) }
  }
  const dfa = profile.policydb?.dfa ?? null
  const start = symbols[0] === LABEL_CLASS ? symbols[1]! : symbols[0]!
  if (dfa === null || matchLen(dfa, 1, Uint8Array.of(start)) === 0) {
    return { allowed: true, reason: 'not-mediated', complain, rules: [], nearest: null }
  }
  return { complain, ...decideByRules(compiled, classRules, symbols, asked, false) }
}

const LABEL_CLASS = 16

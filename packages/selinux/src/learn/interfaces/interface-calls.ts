/** Learned rules as calls of interfaces: those that allow the least besides. */
import { aNumber, aString, checkOptions, listOf, optionsOf, required } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { InterfaceGrants } from '../../source/outline/grants.ts'
import type { TeRules } from '../../query/te-rules.ts'
import type { LearnedRule } from '../learn.ts'
import { AccessCounter, bitsIn, eachAccess } from './access-counter.ts'
import type { AccessBlock } from './access-counter.ts'
import { blocksOfCall, InterfaceIndex, transitionsOfCall } from './interface-index.ts'
import type { Call } from './interface-index.ts'

/** A call that stands for rules. */
export interface InterfaceCall {
  /** `apache_read_log(web_t)` */
  readonly text: string
  readonly name: string
  readonly summary: string
  /** Where the interface is defined. */
  readonly file: string
  readonly line: number
  /** The rules that it stands for, by their place in the list. */
  readonly rules: readonly number[]
  /** Arguments that are types. */
  readonly types: readonly string[]
  /** Accesses (a type to a type, one permission) that it allows besides what was wanted and what the policy allows. */
  readonly beyond: number
  /** The first of these: `httpd_log_t:dir { search }`. */
  readonly also: readonly string[]
  /** The next calls that would do, and how much they allow besides. */
  readonly others: readonly { readonly text: string; readonly beyond: number }[]
}

export interface AnsweredRules {
  readonly calls: readonly InterfaceCall[]
  /** Rules that no interface stands for without allowing far more. */
  readonly rest: readonly LearnedRule[]
}

export interface InterfaceOptions {
  /** An interface that allows more accesses besides is not taken: 60. */
  readonly mostBeyond?: number
  /** Calls that the module has already: what they allow is not counted, and rules that they stand for are left out. */
  readonly given?: readonly GivenCall[]
}

/** `files_tmp_filetrans(web_t, web_tmp_t, file)` */
export interface GivenCall {
  readonly name: string
  readonly words: readonly string[]
}

const givenRules: OptionRules<GivenCall> = { name: required(aString), words: required(listOf(aString)) }
const optionRules: OptionRules<InterfaceOptions> = { mostBeyond: aNumber(0), given: listOf(optionsOf(givenRules)) }

const MOST_BEYOND = 60
/** An interface that allows more besides is not even listed. */
const MOST_COUNTED = 1000
const MOST_OTHERS = 3
const MOST_ALSO = 4

/** Permissions of a process by which it gets another domain. */
const ENTRIES = ['transition', 'dyntransition']

interface Counted {
  readonly call: Call
  readonly text: string
  readonly certain: readonly AccessBlock[]
  readonly beyond: number
}

type Masks = Map<number, number>

interface Target {
  readonly source: number
  readonly target: number
  readonly tclass: number
  readonly mask: number
  readonly key: number
}

const textOf = ({ grants, words }: Call): string => `${grants.name}(${words.join(', ')})`

class Answering {
  readonly counter: AccessCounter
  readonly #index: InterfaceIndex
  readonly targets: readonly (Target | null)[]
  /** What is wanted, and what the chosen calls allow. */
  readonly #known: Masks = new Map()

  constructor(
    rules: readonly LearnedRule[], policy: TeRules, all: readonly InterfaceGrants[], given: readonly GivenCall[],
  ) {
    this.counter = new AccessCounter(policy)
    for (const word of given.flatMap(({ words }) => words)) if (isTypeName(word)) this.counter.addType(word)
    for (const { source, target, permissions } of rules) {
      if (permissions.length === 0) continue
      this.counter.addType(source)
      if (target !== 'self') this.counter.addType(target)
    }
    this.#index = new InterfaceIndex(this.counter, all)
    this.targets = rules.map((rule) => this.#targetOf(rule))
    for (const target of this.targets) if (target !== null) this.#add(target.key, target.mask)
  }

  #add(key: number, mask: number): void {
    this.#known.set(key, (this.#known.get(key) ?? 0) | mask)
  }

  #targetOf({ source, target, tclass: name, permissions }: LearnedRule): Target | null {
    const { view } = this.counter
    const [from] = this.counter.values(source)
    const [to] = this.counter.values(target === 'self' ? source : target)
    if (permissions.length === 0 || from === undefined || to === undefined || !view.hasClass(name)) return null
    const tclass = view.tclass(name)
    const known = view.names.permissions[tclass]!
    if (!permissions.every((permission) => known.includes(permission))) return null
    return {
      source: from, target: to, tclass, mask: view.mask(tclass, permissions), key: this.counter.keyOf(from, to, tclass),
    }
  }

  /** Those that allow all of a rule, the least besides first. */
  candidates(rule: LearnedRule, wanted: Target): Counted[] {
    const found: Counted[] = []
    let most = MOST_COUNTED
    for (const call of this.#index.callsFor(rule)) {
      if (isOfAnyProgram(call, rule) || isLabelling(call, rule) || isWayIn(call, rule)) continue
      if (!this.#isWantedTransition(call)) continue
      const { certain, possible } = blocksOfCall(call, this.counter)
      if (!coversTarget(certain, wanted)) continue
      const limit = call.isNamed ? most : 0
      const beyond = this.#beyond([...certain, ...possible], limit)
      if (beyond > limit) continue
      found.push({ call, text: textOf(call), certain, beyond })
      found.sort((a, b) => a.beyond - b.beyond || (a.text < b.text ? -1 : 1))
      if (found.length > MOST_OTHERS + 1) found.pop()
      if (found.length > MOST_OTHERS) most = found.at(-1)!.beyond
    }
    return found
  }

  /** A domain changes by a program that is wanted to be executed, or not at all. */
  #isWantedTransition(call: Call): boolean {
    const { counter } = this
    if (!counter.view.hasClass('file')) return call.grants.transitions.length === 0
    const tclass = counter.view.tclass('file')
    const execute = counter.view.mask(tclass, ['execute'])
    return transitionsOfCall(call, counter).every(({ sources, programs }) =>
      sources.some((source) => programs.some((program) =>
        ((this.#known.get(counter.keyOf(source, program, tclass)) ?? 0) & execute) !== 0)))
  }

  /** How many accesses are new, up to one more than `most`. */
  #beyond(blocks: readonly AccessBlock[], most: number): number {
    let count = 0
    const own: Masks = new Map()
    for (const block of blocks) {
      const goesOn = eachAccess(block, (source, target, tclass, mask) => {
        const more = this.#newOf(own, source, target, tclass, mask)
        count += bitsIn(more)
        return count <= most
      })
      if (!goesOn) return most + 1
    }
    return count
  }

  #newOf(own: Masks, source: number, target: number, tclass: number, mask: number): number {
    const key = this.counter.keyOf(source, target, tclass)
    const seen = own.get(key) ?? 0
    let more = mask & ~seen & ~(this.#known.get(key) ?? 0)
    if (more !== 0) more &= ~this.counter.allowed(source, target, tclass)
    if (more !== 0) own.set(key, seen | more)
    return more
  }

  /** The first accesses that a call allows besides. */
  also({ call }: Counted): string[] {
    const { certain, possible } = blocksOfCall(call, this.counter)
    const own: Masks = new Map()
    const lines: string[] = []
    for (const block of [...certain, ...possible]) {
      eachAccess(block, (source, target, tclass, mask) => {
        const more = this.#newOf(own, source, target, tclass, mask)
        if (more !== 0) lines.push(this.#accessText(source, target, tclass, more))
        return lines.length < MOST_ALSO
      })
    }
    return lines.slice(0, MOST_ALSO)
  }

  #accessText(source: number, target: number, tclass: number, mask: number): string {
    const { names } = this.counter.view
    const to = source === target ? 'self' : this.counter.nameOf(target)
    return `${this.counter.nameOf(source)} ${to}:${names.classes[tclass]} { ` +
      `${names.permissionsOf(tclass, mask).sort().join(' ')} }`
  }

  /** The places of rules that calls of the module allow already. */
  takeGiven(given: readonly GivenCall[], all: readonly InterfaceGrants[]): Set<number> {
    const done = new Set<number>()
    for (const { name, words } of given) {
      const grants = all.find((one) => one.name === name)
      if (grants === undefined) continue
      const { certain, possible } = blocksOfCall({ grants, words, isNamed: true }, this.counter)
      for (const [i, target] of this.targets.entries()) {
        if (target !== null && coversTarget(certain, target)) done.add(i)
      }
      this.take([...certain, ...possible])
    }
    return done
  }

  take(blocks: readonly AccessBlock[]): void {
    for (const block of blocks) {
      eachAccess(block, (source, target, tclass, mask) => {
        this.#add(this.counter.keyOf(source, target, tclass), mask)
        return true
      })
    }
  }
}

/** Types that a module declares end so; a class or a set of classes is another argument. */
const isTypeName = (word: string): boolean => word.endsWith('_t')

/** A way into a domain that is an argument, by a program that is none of its own. */
const isOfAnyProgram = ({ words }: Call, { tclass, target, permissions }: LearnedRule): boolean =>
  tclass === 'process' && permissions.includes('transition') && words.includes(target)

/** It is for the owner of the target: it makes the type an entry point, a kind of file, a port … */
const isLabelling = ({ grants, words }: Call, { source, target }: LearnedRule): boolean =>
  target !== 'self' && target !== source && grants.attributes.some(({ type }) =>
    type === `$${words.indexOf(target) + 1}`)

/** It is for who makes the source a domain: it lets another domain become the source. */
const isWayIn = ({ grants, words }: Call, { source, target, tclass }: LearnedRule): boolean =>
  !(tclass === 'process' && target === source) && grants.accesses.some(({ targets, classes, permissions }) =>
    classes.includes('process') && ENTRIES.some((entry) => permissions.includes(entry)) &&
    targets.includes(`$${words.indexOf(source) + 1}`))

const coversTarget = (blocks: readonly AccessBlock[], { source, target, tclass, mask }: Target): boolean => {
  let given = 0
  for (const block of blocks) {
    if (block.tclass !== tclass || (block.mask & mask) === 0 || !block.sources.includes(source)) continue
    if (block.targets === null ? source === target : block.targets.includes(target)) given |= block.mask
  }
  return (mask & ~given) === 0
}

interface Chosen {
  readonly counted: Counted
  readonly others: readonly Counted[]
  readonly also: readonly string[]
  readonly rules: number[]
}

/** Calls whose rules other calls allow too are left out. */
const withoutIdle = (chosen: readonly Chosen[]): Chosen[] => {
  let kept = [...chosen]
  for (const one of chosen) {
    const rest = kept.filter((other) => other !== one)
    if (one.rules.every((rule) => rest.some(({ rules }) => rules.includes(rule)))) kept = rest
  }
  return kept
}

/**
 * Interfaces that stand for rules: for each rule the one that allows the least besides the rules and the policy. The
 * rules are those of `learn`; types of theirs that the policy does not have are new ones. Throws OptionError.
 */
export const answerWithInterfaces = (
  rules: readonly LearnedRule[], policy: TeRules, all: readonly InterfaceGrants[], options: InterfaceOptions = {},
): AnsweredRules => {
  checkOptions(options, optionRules, 'answerWithInterfaces')
  const most = options.mostBeyond ?? MOST_BEYOND
  const { given = [] } = options
  const answering = new Answering(rules, policy, all, given)
  const { targets } = answering
  const done = answering.takeGiven(given, all)
  const chosen: Chosen[] = []
  for (const [i, rule] of rules.entries()) {
    const wanted = targets[i]
    if (wanted === null || wanted === undefined || done.has(i)) continue
    if (chosen.some(({ rules: own }) => own.includes(i))) continue
    const [best, ...others] = answering.candidates(rule, wanted)
    if (best === undefined || best.beyond > most) continue
    const covered = targets.flatMap((target, at) =>
      target !== null && coversTarget(best.certain, target) ? [at] : [])
    const within = others.filter(({ beyond }) => beyond <= most)
    chosen.push({ counted: best, others: within, also: answering.also(best), rules: covered })
    answering.take(best.certain)
  }
  const kept = withoutIdle(chosen)
  const answered = new Set([...done, ...kept.flatMap(({ rules: own }) => own)])
  return { calls: kept.map((one) => callOf(one, answering.counter)), rest: rules.filter((_, i) => !answered.has(i)) }
}

const callOf = (
  { counted: { call: { grants, words }, text, beyond }, others, also, rules }: Chosen, counter: AccessCounter,
): InterfaceCall => ({
  text, name: grants.name, summary: grants.summary, file: grants.file, line: grants.line, rules,
  types: words.filter((word) => counter.values(word).length > 0), beyond, also,
  others: others.slice(0, MOST_OTHERS).map((other) => ({ text: other.text, beyond: other.beyond })),
})

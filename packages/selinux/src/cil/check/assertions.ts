/**
 * neverallow and neverallowx, checked against the policy that was written; and then which rules of the source are to
 * blame.
 */
import type { Avtab, Xperms } from '../../policydb/avtab.ts'
import {
  AVTAB_ALLOWED, AVTAB_ENABLED, AVTAB_XPERMS_ALLOWED, AVTAB_XPERMS_IOCTLDRIVER, AVTAB_XPERMS_NLMSG,
} from '../../policydb/constants.ts'
import type { Policydb } from '../../policydb/policydb.ts'
import { bitsFor, intersects, isNone, list, setBit } from '../../bits.ts'
import type { Bits } from '../../bits.ts'
import type { Effort } from '../effort.ts'
import { CilError } from '../errors.ts'
import type { Related } from '../errors.ts'
import { inBoth } from '../expand/number-ranges.ts'
import type { Ranges } from '../expand/number-ranges.ts'
import { bitsOf, common, hasDifferent, hasType, meet, sharePair, typesOf } from '../expand/pairs.ts'
import type { TypeSet } from '../expand/pairs.ts'
import { xpermNumbers } from '../expand/xperm-numbers.ts'
import type { AvRule, RuleList, RuleTarget, XpermRule } from '../resolve/facts.ts'
import type { Declared } from '../resolve/scope.ts'
import type { ClassSymbol } from '../resolve/symbols.ts'
import type { Numbering } from '../to-policydb/numbering.ts'
import { RuleSources } from './rule-sources.ts'

/** So many rules are shown with an assertion they break, */
const MOST_SHOWN = 4
/** and with so many assertions: looking for them takes all rules each time. */
const MOST_EXPLAINED = 64

const NUMBERS = 0x10000
/** Words of the numbers of a driver. */
const DRIVER = 8

type Kind = 'ioctl' | 'nlmsg'

export class Assertions {
  readonly #n: Numbering
  readonly #effort: Effort
  /** Rules that always hold. */
  readonly #always: Avtab
  /** The two branches of each condition. */
  readonly #branches: (readonly [whenTrue: Avtab, whenFalse: Avtab])[]
  /** By value of a type or attribute: the types. */
  readonly #members: (TypeSet | undefined)[] = []
  readonly #allows: RuleSources
  /** By table, the extended rules by class; made when the first is asked for. */
  readonly #extended = new Map<Avtab, ReadonlyMap<number, readonly number[]>>()
  #explained = 0

  constructor(n: Numbering, policy: Policydb) {
    this.#n = n
    this.#effort = n.effort
    for (const symbol of n.facts.typeOrder) {
      const value = n.type(symbol)
      if (value > 0) this.#members[value] = typesOf(symbol)
    }
    this.#always = policy.avtab
    this.#branches = policy.conditionals.map(({ whenTrue, whenFalse }) => [whenTrue, whenFalse])
    this.#allows = new RuleSources([this.#always, ...this.#branches.flat()], AVTAB_ALLOWED, {
      members: this.#members,
      attributesOf: (type) => [...policy.typeAttributes[n.typeValue[type]! - 1]!].map((bit) => bit + 1),
      effort: this.#effort,
    })
  }

  /** Every assertion that is broken, in the order of the text. */
  check(): CilError[] {
    const errors: CilError[] = []
    const { rules, xpermRules } = this.#n.facts.always
    for (const rule of rules) if (rule.kind === 'neverallow' && this.#isBroken(rule)) errors.push(this.#explain(rule))
    for (const rule of xpermRules) {
      if (rule.kind === 'neverallow' && this.#isBrokenByXperms(rule)) errors.push(this.#explainXperms(rule))
    }
    return errors
  }

  #isBroken(rule: AvRule): boolean {
    this.#effort.node = rule.node
    return this.#n.masks.of(rule.permissions).some(({ tclass, mask }) =>
      this.#allows.some(tclass.value + 1, typesOf(rule.source), (table, i) => (table.datum[i]! & mask) !== 0 &&
        this.#meets(rule.source, rule.target, table.source[i]!, table.target[i]!)))
  }

  /** Whether a rule of the policy is about a pair of the assertion. */
  #meets(source: Declared, target: RuleTarget, ruleSource: number, ruleTarget: number): boolean {
    const [sources, targets] = [this.#members[ruleSource]!, this.#members[ruleTarget]!]
    if (typeof targets !== 'number') this.#effort.spend(targets.length)
    const own = typesOf(source)
    if (!meet(own, sources)) return false
    if (typeof target !== 'string') return meet(typesOf(target), targets)
    const both = common(own, sources)
    if (target === 'self') return meet(both, targets)
    return hasDifferent(both, target === 'notself' ? targets : common(targets, own))
  }

  /**
   * As libsepol: a pair that is allowed the permission is in breach when nothing limits it, or when an extended rule
   * allows a number of the assertion, in whatever branch.
   */
  #isBrokenByXperms(rule: XpermRule): boolean {
    this.#effort.node = rule.node
    const { kind, tclass } = rule.xperms
    const forbidden = numberBits(xpermNumbers(this.#n.tree, rule.xperms))
    const name = this.#n.tree.names.of(kind)
    return this.#n.masks.classes(tclass!).some((each) => {
      const permission = each.permission(name)
      if (permission === undefined) return false
      const value = each.value + 1
      return this.#allows.some(value, typesOf(rule.source), (table, i) => (table.datum[i]! &
        (1 << each.bitOf(permission))) !== 0 && this.#isPairBroken(rule, table, i, value, forbidden))
    })
  }

  #isPairBroken(rule: XpermRule, table: Avtab, i: number, tclass: number, forbidden: Bits): boolean {
    const { kind } = rule.xperms
    for (const [from, to] of this.#pairs(rule.source, rule.target, table.source[i]!, table.target[i]!)) {
      if (!this.#isLimited(table, from, to, tclass, kind)) return true
      for (const one of [this.#always, ...this.#branches.flat()]) {
        for (const xperms of this.#xpermRules(one, from, to, tclass, kind)) if (allows(xperms, forbidden)) return true
      }
    }
    return false
  }

  *#pairs(
    source: Declared, target: RuleTarget, ruleSource: number, ruleTarget: number,
  ): Iterable<[number, number]> {
    const size = this.#n.facts.types.length
    const targets = list(bitsOf(this.#members[ruleTarget]!, size))
    const own = typesOf(source)
    for (const from of list(bitsOf(common(own, this.#members[ruleSource]!), size))) {
      this.#effort.spend(targets.length)
      for (const to of targets) {
        const isMeant = typeof target !== 'string' ? hasType(typesOf(target), to)
          : target === 'self' ? from === to : from !== to && (target === 'notself' || hasType(own, to))
        if (isMeant) yield [from, to]
      }
    }
  }

  /**
   * Whether extended rules limit what an allow rule of a table gives a pair: for a rule that always holds those that do
   * so too, or stand in both branches of a condition; for a conditional one, those of its own branch alone.
   */
  #isLimited(allow: Avtab, from: number, to: number, tclass: number, kind: Kind): boolean {
    const isIn = (table: Avtab): boolean => this.#xpermRules(table, from, to, tclass, kind).next().done !== true
    return isIn(allow) || (allow === this.#always && this.#branches.some((branches) => branches.every(isIn)))
  }

  /** Extended rules of a table that allow a pair something. */
  *#xpermRules(table: Avtab, from: number, to: number, tclass: number, kind: Kind): Generator<Xperms> {
    let extended = this.#extended.get(table)
    if (extended === undefined) this.#extended.set(table, extended = extendedByClass(table))
    const places = extended.get(tclass) ?? []
    this.#effort.spend(1 + places.length)
    for (const i of places) {
      const xperms = table.xpermsOf(i)!
      if ((xperms.kind === AVTAB_XPERMS_NLMSG) !== (kind === 'nlmsg')) continue
      if (hasType(this.#members[table.source[i]!]!, from) && hasType(this.#members[table.target[i]!]!, to)) yield xperms
    }
  }

  #explain(rule: AvRule): CilError {
    const forbidden = this.#n.masks.of(rule.permissions)
    const guilty = this.#guilty(({ rules }) => rules, (allow) => allow.kind === 'allow' &&
      sharePair(rule.source, rule.target, allow.source, allow.target) &&
      this.#n.masks.of(allow.permissions).some(({ tclass, mask }) =>
        forbidden.some((other) => other.tclass === tclass && (other.mask & mask) !== 0)))
    return this.#error('neverallow', rule, guilty, guilty.length > 0 ? null : this.#ruleOfTable(rule))
  }

  /** A rule that no source has: one of the policy that modules are linked onto. */
  #ruleOfTable(rule: AvRule): string | null {
    let text: string | null = null
    for (const { tclass, mask } of this.#n.masks.of(rule.permissions)) {
      this.#allows.some(tclass.value + 1, typesOf(rule.source), (table, i) => {
        if ((table.datum[i]! & mask) === 0) return false
        if (!this.#meets(rule.source, rule.target, table.source[i]!, table.target[i]!)) return false
        text = `the policy has \`${ruleText(this.#n, table, i, tclass)}\``
        return true
      })
      if (text !== null) break
    }
    return text
  }

  #explainXperms(rule: XpermRule): CilError {
    const forbidden = xpermNumbers(this.#n.tree, rule.xperms)
    return this.#error('neverallowx', rule, this.#guilty(({ xpermRules }) => xpermRules, (allow) =>
      allow.kind === 'allow' && allow.xperms.kind === rule.xperms.kind &&
      sharePair(rule.source, rule.target, allow.source, allow.target) &&
      inBoth(xpermNumbers(this.#n.tree, allow.xperms), forbidden).length > 0))
  }

  /** The nodes of the rules that are to blame. */
  #guilty<Rule extends { readonly node: number }>(
    rulesIn: (list: RuleList) => readonly Rule[], isGuilty: (rule: Rule) => boolean,
  ): number[] {
    if (this.#explained++ >= MOST_EXPLAINED) return []
    const { always, booleanIfs } = this.#n.facts
    return [always, ...booleanIfs.flatMap(({ whenTrue, whenFalse }) => [whenTrue, whenFalse])].flatMap((rules) =>
      rulesIn(rules).filter(isGuilty).map(({ node }) => node))
  }

  #error(
    kind: string, { node }: { node: number }, guilty: readonly number[], hint: string | null = null,
  ): CilError {
    const { tree } = this.#n
    const more = guilty.length > MOST_SHOWN ? `${guilty.length - MOST_SHOWN} more rules break it` : hint
    const related = guilty.slice(0, MOST_SHOWN).map((rule): Related =>
      ({ message: `allowed by \`${tree.quote(rule)}\``, place: tree.place(rule) }))
    return new CilError('neverallow', `${kind} does not hold: \`${tree.quote(node)}\``, tree.place(node),
      { hint: more, related })
  }
}

/** An allow rule as sesearch prints it. */
const ruleText = (n: Numbering, table: Avtab, i: number, tclass: ClassSymbol): string => {
  const nameOf = (value: number): string => {
    const symbol = n.facts.typeOrder.find((each) => n.type(each) === value)
    return symbol === undefined ? '?' : n.name(symbol)
  }
  const permissions = [...(tclass.common?.permissions.values() ?? []), ...tclass.permissions.values()]
    .filter((permission) => (table.datum[i]! & (1 << tclass.bitOf(permission))) !== 0)
    .map(({ name }) => n.tree.names.text(name)).sort()
  return `allow ${nameOf(table.source[i]!)} ${nameOf(table.target[i]!)}:${n.name(tclass)} { ${permissions.join(' ')} };`
}

const numberBits = (ranges: Ranges): Bits => {
  const bits = bitsFor(NUMBERS)
  for (let at = 0; at < ranges.length; at += 2) {
    for (let number = ranges[at]!; number <= ranges[at + 1]!; number++) setBit(bits, number)
  }
  return bits
}

/** Whether an extended rule allows one of the numbers. */
const allows = (xperms: Xperms, numbers: Bits): boolean => {
  const ofDriver = (driver: number): Bits => numbers.subarray(driver * DRIVER, (driver + 1) * DRIVER)
  if (xperms.kind !== AVTAB_XPERMS_IOCTLDRIVER) return intersects(ofDriver(xperms.driver), xperms.bits)
  return list(xperms.bits).some((driver) => !isNone(ofDriver(driver)))
}

const extendedByClass = (table: Avtab): Map<number, number[]> => {
  const found = new Map<number, number[]>()
  for (let i = 0; i < table.length; i++) {
    if ((table.specified[i]! & ~AVTAB_ENABLED) !== AVTAB_XPERMS_ALLOWED) continue
    const places = found.get(table.tclass[i]!)
    if (places === undefined) found.set(table.tclass[i]!, [i])
    else places.push(i)
  }
  return found
}

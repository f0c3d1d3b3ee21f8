/**
 * neverallow and neverallowx, checked against the policy that was written; and then which rules of the source are to
 * blame.
 */
import type { Avtab, Xperms } from '../../policydb/avtab.ts'
import {
  AVTAB_ALLOWED, AVTAB_ENABLED, AVTAB_XPERMS_ALLOWED, AVTAB_XPERMS_IOCTLDRIVER, AVTAB_XPERMS_NLMSG,
} from '../../policydb/constants.ts'
import type { Policydb } from '../../policydb/policydb.ts'
import { bitsFor, hasBit, intersection, intersects, list, setBit, union } from '../../bits.ts'
import type { Bits } from '../../bits.ts'
import { CilError } from '../errors.ts'
import type { Related } from '../errors.ts'
import { hasDifferent, TypeSets } from '../expand/pairs.ts'
import { xpermBits } from '../expand/xperm-bits.ts'
import type { AvRule, RuleList, RuleTarget, XpermRule } from '../resolve/facts.ts'
import type { Declared } from '../resolve/symbols.ts'
import type { Numbering } from '../to-policydb/numbering.ts'

/** So many rules are shown with an assertion they break. */
const MOST_SHOWN = 4

/** A table of the policy; `byClass`: the places of allow rules, and of extended ones. */
interface Rules {
  readonly table: Avtab
  readonly byClass: ReadonlyMap<number, readonly number[]>
}

const rulesOf = (table: Avtab): Rules => ({ table, byClass: byClass(table) })

type Kind = 'ioctl' | 'nlmsg'

export class Assertions {
  private readonly n: Numbering
  private readonly sets: TypeSets
  /** What always holds. */
  private readonly always: Rules
  /** The two branches of each condition. */
  private readonly branches: (readonly [whenTrue: Rules, whenFalse: Rules])[]
  /** All of them. */
  private readonly tables: readonly Rules[]
  /** By value of a type or attribute: the types, by place. */
  private readonly members: (Bits | undefined)[] = []

  constructor(n: Numbering, policy: Policydb) {
    this.n = n
    this.sets = new TypeSets(n.facts.types.length)
    this.always = rulesOf(policy.avtab)
    this.branches = policy.conditionals.map(({ whenTrue, whenFalse }) => [rulesOf(whenTrue), rulesOf(whenFalse)])
    this.tables = [this.always, ...this.branches.flat()]
    for (const symbol of n.facts.typeOrder) {
      const value = n.type(symbol)
      if (value > 0) this.members[value] = this.sets.of(symbol)
    }
  }

  /** Every assertion that is broken, in the order of the text. */
  check(): CilError[] {
    const errors: CilError[] = []
    const { rules, xpermRules } = this.n.facts.always
    for (const rule of rules) if (rule.kind === 'neverallow' && this.isBroken(rule)) errors.push(this.explain(rule))
    for (const rule of xpermRules) {
      if (rule.kind === 'neverallow' && this.isBrokenByXperms(rule)) errors.push(this.explainXperms(rule))
    }
    return errors
  }

  private isBroken(rule: AvRule): boolean {
    for (const { tclass, mask } of this.n.masks.of(rule.permissions)) {
      for (const { table, byClass } of this.tables) {
        for (const i of byClass.get(tclass.value + 1) ?? []) {
          if ((table.specified[i]! & AVTAB_ALLOWED) !== 0 && (table.datum[i]! & mask) !== 0 &&
            this.meets(rule.source, rule.target, table.source[i]!, table.target[i]!)) return true
        }
      }
    }
    return false
  }

  /** Whether a rule of the policy is about a pair of the assertion. */
  private meets(source: Declared, target: RuleTarget, ruleSource: number, ruleTarget: number): boolean {
    const [sources, targets] = [this.members[ruleSource]!, this.members[ruleTarget]!]
    const own = this.sets.of(source)
    if (!intersects(own, sources)) return false
    if (typeof target !== 'string') return intersects(this.sets.of(target), targets)
    const common = intersection(own, sources)
    if (target === 'self') return intersects(common, targets)
    return hasDifferent(common, target === 'notself' ? targets : intersection(targets, own))
  }

  /**
   * As libsepol: a pair that is allowed the permission is in breach when nothing limits it, or when an extended rule
   * allows a number of the assertion, in whatever branch.
   */
  private isBrokenByXperms(rule: XpermRule): boolean {
    const { xperms } = rule
    const forbidden = xpermBits(this.n.tree, xperms)
    const name = this.n.tree.names.of(xperms.kind)
    for (const tclass of this.n.masks.classes(xperms.tclass!)) {
      const permission = tclass.permission(name)
      if (permission === undefined) continue
      const bit = 1 << tclass.bitOf(permission)
      for (const rules of this.tables) {
        const { table } = rules
        for (const i of rules.byClass.get(tclass.value + 1) ?? []) {
          if ((table.specified[i]! & AVTAB_ALLOWED) === 0 || (table.datum[i]! & bit) === 0) continue
          for (const [from, to] of this.pairs(rule.source, rule.target, table.source[i]!, table.target[i]!)) {
            if (!this.isLimited(rules, from, to, tclass.value + 1, xperms.kind)) return true
            if (intersects(this.xpermsOf(from, to, tclass.value + 1, xperms.kind), forbidden)) return true
          }
        }
      }
    }
    return false
  }

  private *pairs(
    source: Declared, target: RuleTarget, ruleSource: number, ruleTarget: number,
  ): Iterable<[number, number]> {
    const targets = list(this.members[ruleTarget]!)
    const own = this.sets.of(source)
    for (const from of list(intersection(own, this.members[ruleSource]!))) {
      for (const to of targets) {
        const isMeant = typeof target !== 'string' ? hasBit(this.sets.of(target), to)
          : target === 'self' ? from === to : from !== to && (target === 'notself' || hasBit(own, to))
        if (isMeant) yield [from, to]
      }
    }
  }

  /**
   * Whether extended rules limit what an allow rule of a table gives a pair: for a rule that always holds those that do
   * so too, or stand in both branches of a condition; for a conditional one, those of its own branch alone.
   */
  private isLimited(allow: Rules, from: number, to: number, tclass: number, kind: Kind): boolean {
    const isIn = (rules: Rules): boolean => this.xpermRules(rules, from, to, tclass, kind).next().done !== true
    return isIn(allow) || (allow === this.always && this.branches.some((branches) => branches.every(isIn)))
  }

  /** Extended rules of a table that allow a pair something. */
  private *xpermRules(
    { table, byClass }: Rules, from: number, to: number, tclass: number, kind: Kind,
  ): Generator<Xperms> {
    for (const i of byClass.get(tclass) ?? []) {
      if ((table.specified[i]! & ~AVTAB_ENABLED) !== AVTAB_XPERMS_ALLOWED) continue
      const xperms = table.xpermsOf(i)!
      if ((xperms.kind === AVTAB_XPERMS_NLMSG) !== (kind === 'nlmsg')) continue
      if (hasBit(this.members[table.source[i]!]!, from) && hasBit(this.members[table.target[i]!]!, to)) yield xperms
    }
  }

  /** The numbers that extended rules allow a pair anywhere. */
  private xpermsOf(from: number, to: number, tclass: number, kind: Kind): Bits {
    const allowed = bitsFor(0x10000)
    for (const rules of this.tables) {
      for (const xperms of this.xpermRules(rules, from, to, tclass, kind)) {
        if (xperms.kind === AVTAB_XPERMS_IOCTLDRIVER) {
          for (const driver of list(xperms.bits)) for (let x = 0; x < 256; x++) setBit(allowed, driver * 256 + x)
        } else allowed.set(union(allowed.slice(xperms.driver * 8, xperms.driver * 8 + 8), xperms.bits),
          xperms.driver * 8)
      }
    }
    return allowed
  }

  private explain(rule: AvRule): CilError {
    const forbidden = this.n.masks.of(rule.permissions)
    const guilty: Related[] = []
    for (const allow of this.rules().flatMap(({ rules }) => rules)) {
      if (allow.kind !== 'allow' || !this.sets.share(rule.source, rule.target, allow.source, allow.target)) continue
      const isCommon = this.n.masks.of(allow.permissions).some(({ tclass, mask }) =>
        forbidden.some((other) => other.tclass === tclass && (other.mask & mask) !== 0))
      if (isCommon) {
        guilty.push({ message: `allowed by \`${this.n.tree.quote(allow.node)}\``,
          place: this.n.tree.place(allow.node) })
      }
    }
    return this.error('neverallow', rule, guilty)
  }

  private explainXperms(rule: XpermRule): CilError {
    const forbidden = xpermBits(this.n.tree, rule.xperms)
    const guilty: Related[] = []
    for (const allow of this.rules().flatMap(({ xpermRules }) => xpermRules)) {
      if (allow.kind !== 'allow' || allow.xperms.kind !== rule.xperms.kind ||
        !this.sets.share(rule.source, rule.target, allow.source, allow.target) ||
        !intersects(xpermBits(this.n.tree, allow.xperms), forbidden)) continue
      guilty.push({ message: `allowed by \`${this.n.tree.quote(allow.node)}\``, place: this.n.tree.place(allow.node) })
    }
    return this.error('neverallowx', rule, guilty)
  }

  private rules(): RuleList[] {
    const { always, booleanIfs } = this.n.facts
    return [always, ...booleanIfs.flatMap(({ whenTrue, whenFalse }) => [whenTrue, whenFalse])]
  }

  private error(kind: string, rule: { node: number }, guilty: readonly Related[]): CilError {
    const more = guilty.length > MOST_SHOWN ? `${guilty.length - MOST_SHOWN} more rules break it` : null
    return new CilError('neverallow', `${kind} does not hold: \`${this.n.tree.quote(rule.node)}\``,
      this.n.tree.place(rule.node),
      { hint: more, related: guilty.slice(0, MOST_SHOWN) })
  }
}

const byClass = (table: Avtab): Map<number, number[]> => {
  const found = new Map<number, number[]>()
  for (let i = 0; i < table.length; i++) {
    if ((table.specified[i]! & (AVTAB_ALLOWED | AVTAB_XPERMS_ALLOWED)) === 0) continue
    const places = found.get(table.tclass[i]!)
    if (places === undefined) found.set(table.tclass[i]!, [i])
    else places.push(i)
  }
  return found
}

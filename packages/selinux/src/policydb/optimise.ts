/**
 * Leaves out of a policy what its rules say twice (`secilc -O`, and what semodule installs): permissions that a rule on
 * attributes with the same types and more grants as well, and conditional ones that hold always.
 */
import { Avtab } from './avtab.ts'
import {
  AVTAB_AUDITDENY, AVTAB_AV, AVTAB_ENABLED, AVTAB_XPERMS, AVTAB_XPERMS_IOCTLDRIVER, AVTAB_XPERMS_IOCTLFUNCTION,
  AVTAB_XPERMS_NLMSG, TYPE_ATTRIBUTE,
} from './constants.ts'
import { Ebitmap } from './ebitmap.ts'
import { membersOf } from './names.ts'
import type { Policydb } from './policydb.ts'

/** The same policy with fewer rules. */
export const optimisePolicy = (policy: Policydb): Policydb => {
  const wider = widerOf(policy)
  const always = new Rules(policy.avtab)
  for (let rule = 0; rule < always.length; rule++) always.reduce(rule, always, wider)
  const attributes = new Set(policy.types.items.filter(isAttribute).map(({ value }) => value))
  const branch = (table: Avtab): Avtab => {
    const rules = new Rules(table, (source, target) => attributes.has(source) || attributes.has(target))
    // Rules on types alone cover nothing here, and go before one of those that do.
    for (const rule of [...rules.others, ...rules.covering]) {
      if (!rules.reduce(rule, always, wider)) rules.reduce(rule, rules, wider)
    }
    return rules.kept()
  }
  return {
    ...policy,
    avtab: always.kept(),
    conditionals: policy.conditionals.map((conditional) =>
      ({ ...conditional, whenTrue: branch(conditional.whenTrue), whenFalse: branch(conditional.whenFalse) })),
  }
}

const isAttribute = ({ properties }: { properties: number }): boolean => (properties & TYPE_ATTRIBUTE) !== 0

/** By type or attribute: itself, and the attributes that have all of its types. */
const widerOf = (policy: Policydb): readonly (readonly number[])[] => {
  const wider: number[][] = []
  const sets = new Map(Array.from(membersOf(policy), ([value, types]) => [value, Ebitmap.of(types)]))
  for (const [i, attributes] of policy.typeAttributes.entries()) {
    wider[i + 1] = [i + 1, ...Array.from(attributes, (bit) => bit + 1).filter((value) => value !== i + 1)]
  }
  for (const [value, types] of sets) {
    wider[value] = [...sets].filter(([, set]) => set.contains(types)).map(([other]) => other)
  }
  return wider
}

const none: readonly number[] = []

/** Rules of one table while they lose permissions. */
class Rules {
  /** Places of the rules that may cover others, and of the rest. */
  readonly covering: number[] = []
  readonly others: number[] = []
  readonly #table: Avtab
  /** What each rule still grants, audits or keeps from the audit log. */
  readonly #masks: Uint32Array
  readonly #xperms: (Uint32Array | null)[]
  readonly #isGone: Uint8Array
  /** By class and kind, by source, by target: places. */
  readonly #places = new Map<number, Map<number, Map<number, number[]>>>()

  constructor(table: Avtab, mayCover: (source: number, target: number) => boolean = () => true) {
    this.#table = table
    this.#isGone = new Uint8Array(table.length)
    this.#masks = table.datum.slice(0, table.length)
    this.#xperms = Array.from({ length: table.length }, (_, i) => table.xpermsOf(i)?.bits.slice() ?? null)
    for (let i = 0; i < table.length; i++) {
      if (this.#kind(i) === AVTAB_AUDITDENY) this.#masks[i] = ~this.#masks[i]!
      const covers = mayCover(table.source[i]!, table.target[i]!)
      ;(covers ? this.covering : this.others).push(i)
      if (covers) this.#enter(i)
    }
  }

  get length(): number {
    return this.#table.length
  }

  /** Takes from a rule what wider rules `by` say too; true, and the rule is gone, when that is all of it. */
  reduce(rule: number, by: Rules, wider: readonly (readonly number[])[]): boolean {
    if ((this.#kind(rule) & (AVTAB_AV | AVTAB_XPERMS)) === 0) return false
    const sources = by.#places.get(this.#classAndKind(rule))
    if (sources === undefined) return false
    for (const source of wider[this.#table.source[rule]!] ?? none) {
      const targets = sources.get(source)
      if (targets === undefined) continue
      for (const target of wider[this.#table.target[rule]!] ?? none) {
        for (const other of targets.get(target) ?? none) {
          if ((by === this && other === rule) || by.#isGone[other] === 1) continue
          if (this.#subtract(rule, by, other)) {
            this.#isGone[rule] = 1
            return true
          }
        }
      }
    }
    return false
  }

  kept(): Avtab {
    const kept = new Avtab(this.length)
    const { source, target, tclass, specified } = this.#table
    for (let i = 0; i < this.length; i++) {
      if (this.#isGone[i] === 1) continue
      const bits = this.#xperms[i] ?? null
      const mask = this.#kind(i) === AVTAB_AUDITDENY ? ~this.#masks[i]! : this.#masks[i]!
      if (bits === null) kept.add(source[i]!, target[i]!, tclass[i]!, specified[i]!, mask)
      else {
        kept.addXperms(source[i]!, target[i]!, tclass[i]!, specified[i]!, { ...this.#table.xpermsOf(i)!, bits })
      }
    }
    return kept
  }

  #kind(rule: number): number {
    return this.#table.specified[rule]! & ~AVTAB_ENABLED
  }

  #classAndKind(rule: number): number {
    return this.#table.tclass[rule]! * 0x10000 + this.#kind(rule)
  }

  #enter(rule: number): void {
    const key = this.#classAndKind(rule)
    const sources = this.#places.get(key) ?? new Map<number, Map<number, number[]>>()
    this.#places.set(key, sources)
    const source = this.#table.source[rule]!
    const targets = sources.get(source) ?? new Map<number, number[]>()
    sources.set(source, targets)
    const target = this.#table.target[rule]!
    const list = targets.get(target)
    if (list === undefined) targets.set(target, [rule])
    else list.push(rule)
  }

  /** True when nothing is left of the rule. Of netlink messages all is kept, as libsepol does. */
  #subtract(rule: number, by: Rules, other: number): boolean {
    const own = this.#xperms[rule] ?? null
    const theirs = by.#xperms[other] ?? null
    if (own === null || theirs === null) return (this.#masks[rule] &= ~by.#masks[other]!) === 0
    const [mine, wide] = [this.#table.xpermsOf(rule)!, by.#table.xpermsOf(other)!]
    if (mine.kind === AVTAB_XPERMS_IOCTLFUNCTION && wide.kind === AVTAB_XPERMS_IOCTLDRIVER) {
      return (theirs[mine.driver >>> 5]! & (1 << (mine.driver & 31))) !== 0
    }
    if (mine.kind !== wide.kind || mine.driver !== wide.driver || mine.kind === AVTAB_XPERMS_NLMSG) return false
    for (let word = 0; word < own.length; word++) own[word]! &= ~theirs[word]!
    return own.every((word) => word === 0)
  }
}

/** Accesses of a policy and of what is added to it, by type, type and class, so that new ones can be counted. */
import { hasBit, list } from '../../bits.ts'
import type { Bits } from '../../bits.ts'
import { AVTAB_ALLOWED } from '../../policydb/constants.ts'
import type { TeRules } from '../../query/te-rules.ts'
import type { PolicyView } from '../../query/view.ts'

/** Permissions from types to types, in values of the policy. */
export interface AccessBlock {
  readonly sources: readonly number[]
  /** Null of `self`. */
  readonly targets: readonly number[] | null
  readonly tclass: number
  readonly mask: number
}

interface RuleOf {
  readonly targets: Bits
  readonly mask: number
}

/** What joins an attribute gets: the rules that name the attribute. */
interface AttributeRule {
  readonly isSource: boolean
  readonly others: readonly number[]
  readonly tclass: number
  readonly mask: number
}

export const bitsIn = (mask: number): number => {
  let total = 0
  for (let word = mask; word !== 0; word &= word - 1) total++
  return total
}

export class AccessCounter {
  readonly view: PolicyView
  readonly #new: string[] = []
  readonly #allowed = new Map<number, ReadonlyMap<number, readonly RuleOf[]>>()
  readonly #attributes = new Map<string, readonly AttributeRule[]>()
  readonly #values = new Map<string, readonly number[]>()

  constructor({ view }: TeRules) {
    this.view = view
  }

  /** Types that the policy does not have yet. */
  addType(name: string): void {
    if (!this.view.hasType(name) && !this.#new.includes(name)) this.#new.push(name)
  }

  isNew(name: string): boolean {
    return this.#new.includes(name)
  }

  /** The types that a name stands for; none of a name that there is not. */
  values(name: string): readonly number[] {
    let values = this.#values.get(name)
    if (values === undefined) this.#values.set(name, (values = this.#valuesOf(name)))
    return values
  }

  #valuesOf(name: string): readonly number[] {
    const at = this.#new.indexOf(name)
    if (at >= 0) return [this.view.policy.types.nprim + 1 + at]
    return this.view.hasType(name) ? list(this.view.members(this.view.type(name))) : []
  }

  nameOf(value: number): string {
    const { names, policy } = this.view
    return names.types[value] ?? this.#new[value - policy.types.nprim - 1] ?? `#${value}`
  }

  keyOf(source: number, target: number, tclass: number): number {
    const { policy, names } = this.view
    const types = policy.types.nprim + 1 + this.#new.length
    return (source * types + target) * names.classes.length + tclass
  }

  /** The mask that rules without a condition allow. */
  allowed(source: number, target: number, tclass: number): number {
    if (source > this.view.policy.types.nprim || target > this.view.policy.types.nprim) return 0
    let known = this.#allowed.get(source)
    if (known === undefined) this.#allowed.set(source, (known = this.#rulesOf(source)))
    let mask = 0
    for (const rule of known.get(tclass) ?? []) if (hasBit(rule.targets, target)) mask |= rule.mask
    return mask
  }

  #rulesOf(source: number): Map<number, RuleOf[]> {
    const { view } = this
    const { avtab } = view.policy
    const found = new Map<number, RuleOf[]>()
    for (let i = 0; i < avtab.length; i++) {
      if ((avtab.specified[i]! & AVTAB_ALLOWED) === 0 || !hasBit(view.members(avtab.source[i]!), source)) continue
      const rule = { targets: view.members(avtab.target[i]!), mask: avtab.datum[i]! }
      const rules = found.get(avtab.tclass[i]!)
      if (rules === undefined) found.set(avtab.tclass[i]!, [rule])
      else rules.push(rule)
    }
    return found
  }

  /** The accesses that a type gets with an attribute. */
  blocksOf(type: number, attribute: string): AccessBlock[] {
    return this.#rulesOfAttribute(attribute).map(({ isSource, others, tclass, mask }) => isSource
      ? { sources: [type], targets: others, tclass, mask } : { sources: others, targets: [type], tclass, mask })
  }

  #rulesOfAttribute(name: string): readonly AttributeRule[] {
    const known = this.#attributes.get(name)
    if (known !== undefined) return known
    const rules: AttributeRule[] = []
    if (this.view.hasType(name)) {
      const value = this.view.type(name)
      const { avtab } = this.view.policy
      for (let i = 0; i < avtab.length; i++) {
        if ((avtab.specified[i]! & AVTAB_ALLOWED) === 0) continue
        const [source, target] = [avtab.source[i]!, avtab.target[i]!]
        const rule = { tclass: avtab.tclass[i]!, mask: avtab.datum[i]! }
        if (source === value) rules.push({ isSource: true, others: list(this.view.members(target)), ...rule })
        if (target === value) rules.push({ isSource: false, others: list(this.view.members(source)), ...rule })
      }
    }
    this.#attributes.set(name, rules)
    return rules
  }
}

/** Calls `each` for every access of a block, until that returns false. */
export const eachAccess = (
  { sources, targets, tclass, mask }: AccessBlock,
  each: (source: number, target: number, tclass: number, mask: number) => boolean,
): boolean => {
  for (const source of sources) {
    if (targets === null) {
      if (!each(source, source, tclass, mask)) return false
      continue
    }
    for (const target of targets) if (!each(source, target, tclass, mask)) return false
  }
  return true
}

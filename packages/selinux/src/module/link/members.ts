/** The types of a policy's attributes as sets of bits, by name and by value: bit n is the type of value n. */
import { bitsFor, setBit } from '../../bits.ts'
import type { Bits } from '../../bits.ts'
import { TYPE_ATTRIBUTE } from '../../policydb/constants.ts'
import { membersOf } from '../../policydb/names.ts'
import type { Policydb } from '../../policydb/policydb.ts'
import { namelessAttribute } from '../binary/as-module.ts'

/** Attributes that a compiler made of an expression, which the policy does not keep. */
export const isGenerated = (name: string): boolean => /_typeattr_\d+$/.test(name)

export interface AttributeSet {
  readonly name: string
  readonly value: number
  readonly bits: Bits
  readonly size: number
}

export class Members {
  readonly policy: Policydb
  /** By value of a type or attribute; aliases do not count. */
  readonly names: readonly string[]
  readonly attributes: ReadonlyMap<string, AttributeSet>
  readonly byValue: ReadonlyMap<number, AttributeSet>
  readonly types: ReadonlyMap<string, number>
  readonly typeCount: number

  constructor(policy: Policydb) {
    this.policy = policy
    const names: string[] = []
    const types = new Map<string, number>()
    const members = membersOf(policy)
    for (const { name, value, properties } of policy.types.items) {
      if (properties !== 0) names[value] = name
      if (properties !== 0 && (properties & TYPE_ATTRIBUTE) === 0) types.set(name, value)
    }
    const sets = Array.from(members, ([value, list]): AttributeSet => {
      names[value] ??= namelessAttribute(value)
      const bits = this.empty()
      for (const type of list) setBit(bits, type)
      return { name: names[value]!, value, bits, size: list.length }
    })
    this.names = names
    this.types = types
    this.typeCount = types.size
    this.attributes = new Map(sets.map((set) => [set.name, set]))
    this.byValue = new Map(sets.map((set) => [set.value, set]))
  }

  empty(): Bits {
    return bitsFor(this.policy.types.nprim + 1)
  }

  /** Attributes that the sources name, those of this type first. */
  attributesOf(type: number): AttributeSet[] {
    return Array.from(this.policy.typeAttributes[type - 1] ?? [], (bit) => this.byValue.get(bit + 1))
      .filter((set) => set !== undefined)
  }
}

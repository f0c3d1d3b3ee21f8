/** A policy as questions need it: names to values, and the types behind each type or attribute. */
import { bitsFor, setBit } from '../bits.ts'
import type { Bits } from '../bits.ts'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { TYPE_ATTRIBUTE } from '../policydb/constants.ts'
import { PolicyNames, membersOf } from '../policydb/names.ts'
import type { Policydb } from '../policydb/policydb.ts'
import { QueryError } from './errors.ts'

/** A policy with its names looked up, for many questions of it. */
export class PolicyView {
  readonly policy: Policydb
  readonly names: PolicyNames
  readonly #types = new Map<string, number>()
  readonly #attributes = new Set<number>()
  /** By value of a type or attribute: the types, bit n of value n. */
  readonly #expanded: Bits[] = []
  readonly #classes: ReadonlyMap<string, number>
  readonly #roles: ReadonlyMap<string, number>
  readonly #booleans: ReadonlyMap<string, number>

  constructor(policy: Policydb) {
    this.policy = policy
    this.names = new PolicyNames(policy)
    for (const { name, value, properties } of policy.types.items) {
      this.#types.set(name, value)
      if ((properties & TYPE_ATTRIBUTE) !== 0) this.#attributes.add(value)
    }
    const members = membersOf(policy)
    for (let value = 1; value <= policy.types.nprim; value++) {
      const bits = bitsFor(policy.types.nprim + 1)
      if (!this.#attributes.has(value)) setBit(bits, value)
      for (const type of members.get(value) ?? []) setBit(bits, type)
      this.#expanded[value] = bits
    }
    const valued = (items: readonly { name: string; value: number }[]) =>
      new Map(items.map(({ name, value }) => [name, value]))
    this.#classes = valued(policy.classes.items)
    this.#roles = valued(policy.roles.items)
    this.#booleans = valued(policy.booleans.items)
  }

  /** The value of a type, alias or attribute. */
  type(name: string): number {
    return found(this.#types, name, 'type or attribute')
  }

  tclass(name: string): number {
    return found(this.#classes, name, 'class')
  }

  hasType(name: string): boolean {
    return this.#types.has(name)
  }

  hasClass(name: string): boolean {
    return this.#classes.has(name)
  }

  role(name: string): number {
    return found(this.#roles, name, 'role')
  }

  boolean(name: string): number {
    return found(this.#booleans, name, 'boolean')
  }

  isAttribute(value: number): boolean {
    return this.#attributes.has(value)
  }

  /** The types a type or attribute stands for; bit n is the type of value n. */
  members(value: number): Bits {
    return this.#expanded[value]!
  }

  /** The mask of permissions of a class. */
  mask(tclass: number, permissions: readonly string[]): number {
    const known = this.names.permissions[tclass]!
    return permissions.reduce((mask, name) => {
      const bit = known.indexOf(name)
      if (bit >= 0) return mask | (1 << bit)
      throw new QueryError('unknown-name', `class \`${this.names.classes[tclass]}\` has no permission \`${name}\``,
        didYouMean(name, known.filter((text) => text !== undefined)))
    }, 0)
  }
}

const found = (table: ReadonlyMap<string, number>, name: string, kind: string): number => {
  const value = table.get(name)
  if (value !== undefined) return value
  throw new QueryError('unknown-name', `the policy has no ${kind} \`${name}\``, didYouMean(name, table.keys()))
}

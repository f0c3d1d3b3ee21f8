/** The names behind the values of a policy: by kind, by value. */
import { TYPE_ATTRIBUTE } from './constants.ts'
import type { Ebitmap } from './ebitmap.ts'
import type { Common, Context, Level, ObjectClass, Policydb, Range } from './policydb.ts'

/** Permissions by bit, those of the common included; holes are undefined. */
const joined = (common: Common | undefined, item: ObjectClass): (string | undefined)[] => {
  const names: (string | undefined)[] = []
  for (const { name, value } of common?.permissions.items ?? []) names[value - 1] = name
  for (const { name, value } of item.permissions.items) names[value - 1] = name
  return names
}

interface Valued {
  readonly name: string
  readonly value: number
}

const byValue = (items: readonly Valued[]): (string | undefined)[] => {
  const names: (string | undefined)[] = []
  for (const { name, value } of items) names[value] ??= name
  return names
}

/** `c1`, `c1,c2`, `c1.c3`: runs of three and more are abbreviated (mls_sid_to_context). */
export const categoriesText = (cats: Ebitmap, names: readonly (string | undefined)[]): string => {
  const parts: string[] = []
  let [first, last] = [-1, -2]
  const flush = (): void => {
    if (first < 0) return
    parts.push(names[first + 1] ?? `#${first + 1}`)
    if (last > first) parts.push(`${last > first + 1 ? '.' : ','}${names[last + 1] ?? `#${last + 1}`}`)
  }
  cats.forEach((bit) => {
    if (bit !== last + 1) {
      flush()
      if (first >= 0) parts.push(',')
      first = bit
    }
    last = bit
  })
  flush()
  return parts.join('')
}

/** Names by value of every kind. A value without a name shows as `#value`. */
export class PolicyNames {
  readonly classes: readonly (string | undefined)[]
  readonly roles: readonly (string | undefined)[]
  readonly types: readonly (string | undefined)[]
  readonly users: readonly (string | undefined)[]
  readonly booleans: readonly (string | undefined)[]
  readonly sensitivities: readonly (string | undefined)[]
  readonly categories: readonly (string | undefined)[]
  /** By class value: permissions by bit. */
  readonly permissions: readonly (readonly (string | undefined)[] | undefined)[]
  readonly mls: boolean

  constructor(policy: Policydb) {
    this.mls = policy.mls
    this.classes = byValue(policy.classes.items)
    this.roles = byValue(policy.roles.items)
    this.types = byValue(policy.types.items.filter(({ properties }) => properties !== 0))
    this.users = byValue(policy.users.items)
    this.booleans = byValue(policy.booleans.items)
    const sensitivities = policy.sensitivities.items.filter(({ isAlias }) => !isAlias)
    this.sensitivities = byValue(sensitivities.map(({ name, level }) => ({ name, value: level.sens })))
    this.categories = byValue(policy.categories.items.filter(({ isAlias }) => !isAlias))
    const permissions: (readonly (string | undefined)[])[] = []
    const commons = new Map(policy.commons.items.map((common) => [common.name, common]))
    for (const item of policy.classes.items) permissions[item.value] = joined(commons.get(item.common ?? ''), item)
    this.permissions = permissions
  }

  level({ sens, cats }: Level): string {
    const name = this.sensitivities[sens] ?? `#${sens}`
    return cats.isEmpty ? name : `${name}:${categoriesText(cats, this.categories)}`
  }

  range({ low, high }: Range): string {
    const text = this.level(low)
    const end = low === high ? text : this.level(high)
    return end === text ? text : `${text}-${end}`
  }

  context({ user, role, type, range }: Context): string {
    const text = `${this.users[user] ?? `#${user}`}:${this.roles[role] ?? `#${role}`}:${this.types[type] ?? `#${type}`}`
    return this.mls ? `${text}:${this.range(range)}` : text
  }

  /** Permissions of a mask, by bit; those without a name as `0x…` at the end. */
  permissionsOf(tclass: number, mask: number): string[] {
    const known = this.permissions[tclass] ?? []
    const names: string[] = []
    let unknown = 0
    for (let bit = 0; bit < 32; bit++) {
      if ((mask & (1 << bit)) === 0) continue
      const name = known[bit]
      if (name === undefined) unknown |= 1 << bit
      else names.push(name)
    }
    return unknown === 0 ? names : [...names, `0x${(unknown >>> 0).toString(16)}`]
  }
}

/** By attribute value: the values of its types, ascending. Files before version 24 do not name their attributes. */
export const membersOf = (policy: Policydb): ReadonlyMap<number, readonly number[]> => {
  const members = new Map<number, number[]>()
  for (const { value, properties } of policy.types.items) if (properties & TYPE_ATTRIBUTE) members.set(value, [])
  for (const [i, attributes] of policy.typeAttributes.entries()) {
    attributes.forEach((bit) => {
      if (bit === i) return
      const list = members.get(bit + 1)
      if (list === undefined) members.set(bit + 1, [i + 1])
      else list.push(i + 1)
    })
  }
  return members
}

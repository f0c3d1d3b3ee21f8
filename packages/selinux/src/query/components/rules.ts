/** Rules on roles and ranges, bounds, defaults, and what a policy says of itself. */
import { list as listBits } from '../../bits.ts'
import * as policydb from '../../policydb/constants.ts'
import type { Policydb } from '../../policydb/policydb.ts'
import type { PolicyView } from '../view.ts'
import type { Component } from './component.ts'

export const handleUnknown = ({ rejectUnknown, allowUnknown }: Policydb): 'allow' | 'deny' | 'reject' =>
  rejectUnknown ? 'reject' : allowUnknown ? 'allow' : 'deny'

export const properties = ({ policy }: PolicyView): Component[] =>
  Object.entries({ handle_unknown: handleUnknown(policy), MLS: policy.mls, version: policy.version })
    .map(([name, value]) => ({ name, statement: `${name} ${value}`, has: { value: String(value) } }))

export const policycaps = ({ policy }: PolicyView): Component[] => Array.from(policy.policycaps, (bit) => {
  const name = policydb.policycapNames[bit] ?? `#${bit}`
  return { name, statement: `policycap ${name};`, has: {} }
})

export const roleAllows = ({ policy, names }: PolicyView): Component[] => policy.roleAllows.map(({ role, newRole }) => {
  const name = `allow ${names.roles[role]} ${names.roles[newRole]}`
  return { name, statement: `${name};`, has: {} }
})

/** Rules on an attribute are rules on its types. */
export const roleTransitions = (view: PolicyView): Component[] =>
  view.policy.roleTransitions.flatMap(({ role: source, type, tclass, newRole }) =>
    listBits(view.members(type)).map((member) => {
      const { roles, types, classes } = view.names
      const name = `role_transition ${roles[source]} ${types[member]}:${classes[tclass]}`
      const role = roles[newRole] ?? `#${newRole}`
      return { name, statement: `${name} ${role};`, has: { role } }
    }))

export const rangeTransitions = ({ policy, names }: PolicyView): Component[] =>
  policy.rangeTransitions.map(({ source, target, tclass, range: of }) => {
    const range = names.range(of)
    const name = `range_transition ${names.types[source]} ${names.types[target]}:${names.classes[tclass]}`
    return { name, statement: `${name} ${range};`, has: { range } }
  })

interface Bounded {
  readonly name: string
  readonly bounds: number
}

const bounds = (keyword: string, items: readonly Bounded[], names: readonly (string | undefined)[]): Component[] =>
  items.filter((item) => item.bounds !== 0).map((item) => {
    const parent = names[item.bounds] ?? `#${item.bounds}`
    return { name: `${keyword} ${item.name}`, statement: `${keyword} ${parent} ${item.name};`, has: { parent } }
  })

export const typebounds = ({ policy, names }: PolicyView): Component[] =>
  bounds('typebounds', policy.types.items, names.types)
export const rolebounds = ({ policy, names }: PolicyView): Component[] =>
  bounds('rolebounds', policy.roles.items, names.roles)
export const userbounds = ({ policy, names }: PolicyView): Component[] =>
  bounds('userbounds', policy.users.items, names.users)

const sides: readonly string[] = ['', 'source', 'target']
const ranges: readonly string[] = [
  '', 'source low', 'source high', 'source low_high', 'target low', 'target high', 'target low_high', 'glblub',
]

export const defaults = ({ policy }: PolicyView): Component[] => policy.classes.items.flatMap((item) => {
  const values = {
    default_user: sides[item.defaultUser], default_role: sides[item.defaultRole], default_type: sides[item.defaultType],
    default_range: ranges[item.defaultRange],
  }
  return Object.entries(values).filter(([, value]) => value !== '')
    .map(([keyword, value = '#']) => {
      const name = `${keyword} ${item.name}`
      return { name, statement: `${name} ${value};`, has: { default: value } }
    })
})

/** Classes, booleans, roles, types and users. */
import { OBJECT_R } from '../../policydb/constants.ts'
import type { Ebitmap } from '../../policydb/ebitmap.ts'
import type { PolicyView } from '../view.ts'
import { list as listBits } from '../../bits.ts'
import { braced } from './component.ts'
import type { Component } from './component.ts'

const namesOf = (bits: Ebitmap, names: readonly (string | undefined)[]): string[] =>
  Array.from(bits, (bit) => names[bit + 1] ?? `#${bit + 1}`).sort()

const block = (names: readonly string[]): string => `\n{\n${names.map((name) => `\t${name}\n`).join('')}}`

export const commons = ({ policy }: PolicyView): Component[] => policy.commons.items.map(({ name, permissions }) => {
  const own = permissions.items.map((permission) => permission.name).sort()
  return { name, statement: `common ${name}${block(own)}`, has: { permissions: own } }
})

/** Permissions are those of the common too. */
export const classes = ({ policy, names }: PolicyView): Component[] => policy.classes.items.map((item) => {
  const own = item.permissions.items.map((permission) => permission.name).sort()
  const inherits = item.common === null ? '' : `\ninherits ${item.common}`
  const all = names.permissions[item.value]!.filter((permission) => permission !== undefined).sort()
  return { name: item.name, statement: `class ${item.name}${inherits}${own.length === 0 ? '\n' : block(own)}`,
    has: { permissions: all } }
})

export const booleans = ({ policy }: PolicyView): Component[] => policy.booleans.items.map(({ name, state }) =>
  ({ name, statement: `bool ${name} ${state};`, has: { 'default state': String(state) } }))

export const roles = ({ policy, names }: PolicyView): Component[] => policy.roles.items.map(({ name, types: own }) => {
  const members = namesOf(own, names.types)
  const suffix = members.length === 0 ? '' : ` types ${braced(members)}`
  return { name, statement: `role ${name}${suffix};`, has: { types: members } }
})

export const types = (view: PolicyView): Component[] => {
  const { policy, names } = view
  const aliases = new Map<number, string[]>()
  for (const { name, value, properties } of policy.types.items) {
    if (properties === 0) aliases.set(value, [...aliases.get(value) ?? [], name].sort())
  }
  return policy.types.items.filter(({ value, properties }) => properties !== 0 && !view.isAttribute(value))
    .map(({ name, value }) => {
      const attributes = Array.from(policy.typeAttributes[value - 1] ?? []).filter((bit) => bit !== value - 1)
        .map((bit) => names.types[bit + 1] ?? `#${bit + 1}`).sort()
      const own = aliases.get(value) ?? []
      const also = own.length === 0 ? '' : ` alias ${braced(own)}`
      return { name, statement: `type ${name}${also}${attributes.map((attribute) => `, ${attribute}`).join('')};`,
        has: { attributes, aliases: own, permissive: String(policy.permissive.has(value)),
          neveraudit: String(policy.neveraudit.has(value)) } }
    })
}

export const attributes = (view: PolicyView): Component[] =>
  view.policy.types.items.filter(({ value }) => view.isAttribute(value)).map(({ name, value }) => {
    const members = listBits(view.members(value)).map((type) => view.names.types[type] ?? `#${type}`).sort()
    return { name, statement: [`attribute ${name};`, ...members].join('\n\t'), has: { types: members } }
  })

/** object_r is in every user and is not listed. */
export const users = ({ policy, names }: PolicyView): Component[] =>
  policy.users.items.map(({ name, roles: own, range, defaultLevel }) => {
    const members = namesOf(own, names.roles).filter((role) => role !== OBJECT_R)
    const level = policy.mls ? names.level(defaultLevel) : 'none'
    const bounds = policy.mls ? names.range(range) : 'none'
    const mls = policy.mls ? ` level ${level} range ${bounds}` : ''
    return { name, statement: `user ${name} roles ${braced(members)}${mls};`,
      has: { roles: members, 'default level': level, range: bounds } }
  })

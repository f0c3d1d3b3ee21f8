/** What a policy has, by kind: the lists of seinfo. */
import { policycapNames } from '../policydb/constants.ts'
import type { PolicyView } from './view.ts'

const named = (items: readonly { name: string }[]): string[] => items.map(({ name }) => name)

const kinds = {
  types: (view) => named(view.policy.types.items.filter(({ value, properties }) =>
    properties !== 0 && !view.isAttribute(value))),
  attributes: (view) => named(view.policy.types.items.filter(({ value }) => view.isAttribute(value))),
  aliases: ({ policy }) => named(policy.types.items.filter(({ properties }) => properties === 0)),
  permissive: ({ policy, names }) => [...policy.permissive].map((value) => names.types[value]!),
  roles: ({ policy }) => named(policy.roles.items),
  users: ({ policy }) => named(policy.users.items),
  classes: ({ policy }) => named(policy.classes.items),
  booleans: ({ policy }) => policy.booleans.items.map(({ name, state }) => `${name} ${state ? 'on' : 'off'}`),
  sensitivities: ({ policy }) => named(policy.sensitivities.items),
  categories: ({ policy }) => named(policy.categories.items),
  policycaps: ({ policy }) => [...policy.policycaps].map((bit) => policycapNames[bit] ?? `#${bit}`),
} satisfies Record<string, (view: PolicyView) => string[]>

export type NameKind = keyof typeof kinds
export const nameKinds = Object.keys(kinds) as readonly NameKind[]

/** Sorted names of a kind; booleans with their states. */
export const policyNames = (view: PolicyView, kind: NameKind): string[] => kinds[kind](view).sort()

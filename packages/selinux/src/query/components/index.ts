/** The table of what policies are made of, in the order of sediff's answer. */
import type { ComponentKind } from './component.ts'
import { constraints, mlsConstraints, mlsValidatetrans, validatetrans } from './constraints.ts'
import {
  fsUses, genfscons, ibendportcons, ibpkeycons, initialSids, netifcons, nodecons, portcons,
} from './labels.ts'
import { categories, levels, sensitivities } from './levels.ts'
import {
  defaults, policycaps, properties, rangeTransitions, roleAllows, rolebounds, roleTransitions, typebounds, userbounds,
} from './rules.ts'
import { attributes, booleans, classes, commons, roles, types, users } from './symbols.ts'

const symbols = (title: string, list: ComponentKind['list']): ComponentKind => ({ title, isSymbol: true, list })
const statements = (title: string, list: ComponentKind['list']): ComponentKind => ({ title, isSymbol: false, list })

export const componentKinds = {
  properties: statements('Policy Properties', properties),
  commons: symbols('Commons', commons),
  classes: symbols('Classes', classes),
  booleans: symbols('Booleans', booleans),
  roles: symbols('Roles', roles),
  types: symbols('Types', types),
  attributes: symbols('Type Attributes', attributes),
  users: symbols('Users', users),
  categories: symbols('Categories', categories),
  sensitivities: symbols('Sensitivities', sensitivities),
  levels: statements('Levels', levels),
  role_allow: statements('Role allow Rules', roleAllows),
  role_transition: statements('Role_transition Rules', roleTransitions),
  range_transition: statements('Range_transition Rules', rangeTransitions),
  constrain: statements('Constraints', constraints),
  mlsconstrain: statements('MLS Constraints', mlsConstraints),
  validatetrans: statements('Validatetrans', validatetrans),
  mlsvalidatetrans: statements('MLS Validatetrans', mlsValidatetrans),
  initialsids: statements('Initial SIDs', initialSids),
  ibendportcon: statements('Ibendportcons', ibendportcons),
  ibpkeycon: statements('Ibpkeycons', ibpkeycons),
  fs_use: statements('Fs_use', fsUses),
  genfscon: statements('Genfscons', genfscons),
  netifcon: statements('Netifcons', netifcons),
  nodecon: statements('Nodecons', nodecons),
  portcon: statements('Portcons', portcons),
  policycaps: symbols('Policy Capabilities', policycaps),
  defaults: statements('Defaults', defaults),
  typebounds: statements('Typebounds', typebounds),
  rolebounds: statements('Rolebounds', rolebounds),
  userbounds: statements('Userbounds', userbounds),
} satisfies Record<string, ComponentKind>

export type ComponentName = keyof typeof componentKinds

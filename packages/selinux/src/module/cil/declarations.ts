/** Declarations of a block, and what it adds to those of others. */
import type { Ebitmap } from '../../policydb/ebitmap.ts'
import { MODULE_ALIAS, MODULE_ATTRIBUTE, MODULE_PERMISSIVE } from '../module.ts'
import type { Declaration, ModuleSymbols, ModuleUser, PolicyModule } from '../module.ts'
import { levelText, rangeText } from './contexts.ts'
import { joined } from './text.ts'
import type { CilWriter, Kind } from './writer.ts'

/** Symbols of a kind that the block declares. */
export const writeDeclared = (out: CilWriter, kind: Kind, block: Declaration): void => {
  for (const bit of block.declared[kind]) {
    const name = out.names[kind][bit + 1]
    if (name === undefined || !out.module.declaredIn[kind].get(name)?.includes(block.id)) continue
    declaration(out, kind, name)
  }
}

const declaration = (out: CilWriter, kind: Kind, name: string): void => {
  const { symbols } = out.module
  switch (kind) {
    case 'roles': {
      const role = symbols.roles.find((item) => item.name === name)!
      out.declare(role.isAttribute ? 'roleattribute' : 'role', name)
      if (role.bounds > 0) out.say(`(rolebounds ${out.nameOf('roles', role.bounds)} ${name})`)
      return roleMembers(out, role)
    }
    case 'types': {
      const type = out.types.get(name)!
      if ((type.properties & MODULE_ATTRIBUTE) !== 0) {
        out.declare('typeattribute', name)
        return typeMembers(out, name, type.members)
      }
      out.declare('type', name)
      out.say(`(roletype object_r ${name})`)
      if (type.bounds > 0) out.say(`(typebounds ${out.nameOf('types', type.bounds)} ${name})`)
      if ((type.properties & MODULE_PERMISSIVE) !== 0) out.say(`(typepermissive ${name})`)
      return undefined
    }
    case 'users':
      return writeUser(out, symbols.users.find((item) => item.name === name)!)
    case 'booleans': {
      const { state, isTunable } = symbols.booleans.find((item) => item.name === name)!
      return out.declare(isTunable ? 'tunable' : 'boolean', name, state)
    }
    case 'sensitivities': {
      out.declare('sensitivity', name)
      const { level } = symbols.sensitivities.find((item) => item.name === name)!
      const aliases = symbols.sensitivities.filter((item) => item.isAlias && item.level.sens === level.sens)
      for (const alias of aliases) {
        out.declare('sensitivityalias', alias.name)
        out.say(`(sensitivityaliasactual ${alias.name} ${name})`)
      }
      const cats = Array.from(level.cats, (bit) => out.nameOf('categories', bit + 1))
      return cats.length === 0 ? undefined : out.say(`(sensitivitycategory ${name} ${joined(cats)})`)
    }
    case 'categories': {
      out.declare('category', name)
      const { value } = symbols.categories.find((item) => item.name === name)!
      for (const alias of symbols.categories.filter((item) => item.isAlias && item.value === value)) {
        out.declare('categoryalias', alias.name)
        out.say(`(categoryaliasactual ${alias.name} ${name})`)
      }
      return undefined
    }
    default:
      // Classes and commons are the base module's, in its order.
      return undefined
  }
}

const writeUser = (out: CilWriter, { name, roles, range, level, bounds }: ModuleUser): void => {
  out.declare('user', name)
  if (bounds > 0) out.say(`(userbounds ${out.nameOf('users', bounds)} ${name})`)
  out.say(`(userrole ${name} object_r)`)
  for (const role of out.rolesOf(roles)) out.say(`(userrole ${name} ${role})`)
  const { mls } = out.module
  out.say(`(userlevel ${name} ${mls ? levelText(out, level) : 'systemlow'})`)
  out.say(`(userrange ${name} ${mls ? rangeText(out, range) : '(systemlow systemlow)'})`)
}

export const writeAliases = (out: CilWriter, { id }: Declaration): void => {
  for (const { name, value, primary, properties } of out.aliasTypes) {
    // The block that declares it is behind those that require it.
    if (out.module.declaredIn.types.get(name)?.at(-1) !== id) continue
    out.declare('typealias', name)
    out.say(`(typealiasactual ${name} ${out.nameOf('types', (properties & MODULE_ALIAS) !== 0 ? primary : value)})`)
  }
}

/** The block's additions to attributes, roles and users of others. */
export const writeAdded = (
  out: CilWriter, { types, roles, users }: Pick<ModuleSymbols, 'types' | 'roles' | 'users'>,
): void => {
  for (const { name, members } of types) typeMembers(out, name, members)
  for (const role of roles) roleMembers(out, role)
  for (const { name, roles: more } of users) {
    for (const role of out.rolesOf(more)) out.say(`(userrole ${name} ${role})`)
  }
}

const typeMembers = (out: CilWriter, name: string, members: Ebitmap): void => {
  const names = Array.from(members, (bit) => out.nameOf('types', bit + 1))
  if (names.length > 0) out.say(`(typeattributeset ${name} ${joined(names)})`)
}

const roleMembers = (
  out: CilWriter, { name, types, members, isAttribute }: PolicyModule['symbols']['roles'][number],
): void => {
  for (const type of out.typesOf(types)) out.say(`(roletype ${name} ${type})`)
  const names = Array.from(members, (bit) => out.nameOf('roles', bit + 1))
  if (isAttribute && names.length > 0) out.say(`(roleattributeset ${name} ${joined(names)})`)
}

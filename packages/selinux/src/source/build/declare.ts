/** The first pass: what a module declares and requires, so that rules may stand before the types they name. */
import type { Requirement, Statement, StatementOf, Word } from '../te/ast.ts'
import type { Builder } from './builder.ts'
import { declareCommon, declarePermissions } from './classes.ts'
import { makeClass, makeRole, makeType } from './symbols.ts'
import type { RoleEntry, TypeEntry } from './symbols.ts'

/** Permissions that fit a class. */
const MOST_PERMISSIONS = 32

export const declareAll = (builder: Builder, statements: readonly Statement[]): void => {
  for (const statement of statements) {
    builder.statement = statement.at
    declare(builder, statement)
  }
}

const declare = (builder: Builder, statement: Statement): void => {
  switch (statement.kind) {
    case 'require': return statement.requirements.forEach((item) => require(builder, item))
    case 'optional': return declareOptional(builder, statement)
    case 'if':
      declareAll(builder, statement.whenTrue)
      return declareAll(builder, statement.whenFalse)
    case 'attribute':
      return void typeSymbol(builder, statement.name, true, true)
    case 'type': return declareType(builder, statement)
    case 'typealias':
      return addAliases(builder, plainType(builder, statement.name), statement.aliases)
    case 'typeattribute':
      return joinAttributes(builder, builder.find('types', statement.name), statement.names)
    case 'attribute_role':
      return void declareRole(builder, statement.name, true)
    case 'role': {
      const role = declareRole(builder, statement.name, false)
      return statement.attributes.forEach((word) => joinRoleAttribute(builder, role, word))
    }
    case 'bool':
    case 'tunable': return declareBoolean(builder, statement)
    case 'class':
      return void builder.declare('classes', statement.name, (value) => makeClass(statement.name.text, value))
    case 'common': return declareCommon(builder, statement)
    case 'class_permissions': return declarePermissions(builder, statement)
    case 'category': return declareCategory(builder, statement)
    default:
      return undefined
  }
}

const declareOptional = (builder: Builder, statement: StatementOf<'optional'>): void => {
  const block = builder.makeBlock(false)
  builder.within(block, () => declareAll(builder, statement.body))
  // A base module has all that its optional parts need.
  if (!block.hasRequire && builder.isModule) {
    builder.statement = statement.at
    builder.fail('missing', 'an optional block requires nothing', statement.at,
      'name what it needs in a `require` or `gen_require`: without it the block could never be left out')
  }
  if (statement.otherwise === null) return
  const otherwise = builder.makeBlock(true)
  block.otherwise = otherwise
  builder.within(otherwise, () => declareAll(builder, statement.otherwise!))
}

const typeSymbol = (builder: Builder, name: Word, isAttribute: boolean, isDeclared: boolean): TypeEntry => {
  if (name.text === 'self') builder.fail('bad-name', '`self` is the source of a rule, and no type', name.at)
  const makes = (value: number): TypeEntry => makeType(name.text, value, isAttribute)
  const entry = isDeclared ? builder.declare('types', name, makes) : builder.require('types', name, makes)
  builder.checkFlavor(name, entry, isAttribute ? 'attribute' : 'type')
  return entry
}

const roleSymbol = (builder: Builder, name: Word, isAttribute: boolean, isDeclared: boolean): RoleEntry => {
  const known = builder.symbols.get('roles', name.text)
  if (known !== null) builder.checkFlavor(name, known, isAttribute ? 'attribute' : 'role')
  // Of a role that an optional block declares, the block's own entry says so.
  const isOwn = !isDeclared || builder.block.parent === null
  const makes = (value: number): RoleEntry => makeRole(name.text, value, isAttribute, isOwn)
  return isDeclared ? builder.declare('roles', name, makes) : builder.require('roles', name, makes)
}

const require = (builder: Builder, { kind, name, permissions }: Requirement): void => {
  switch (kind) {
    case 'class': return requireClass(builder, name, permissions)
    case 'type': return void typeSymbol(builder, name, false, false)
    case 'attribute': return void typeSymbol(builder, name, true, false)
    case 'role': return void roleSymbol(builder, name, false, false)
    case 'attribute_role': return void roleSymbol(builder, name, true, false)
    case 'bool':
    case 'tunable':
      return void builder.require('booleans', name, (value) =>
        ({ name: name.text, value, state: false, isTunable: kind === 'tunable' }))
    case 'sensitivity':
      return void builder.require('sensitivities', name, (value) =>
        ({ name: name.text, isAlias: false, value, cats: new Set() }))
    case 'category':
      return void builder.require('categories', name, (value) => ({ name: name.text, value, isAlias: false }))
    default:
      // Users are declared in the second pass, and required there.
      return undefined
  }
}

const requireClass = (builder: Builder, name: Word, permissions: readonly Word[]): void => {
  const entry = builder.require('classes', name, (value) => makeClass(name.text, value))
  let required = builder.block.requiredPermissions.get(entry.value)
  if (required === undefined) builder.block.requiredPermissions.set(entry.value, required = new Set())
  for (const { text, at } of permissions) {
    let value = entry.permissions.get(text) ?? entry.common?.permissions.get(text)
    if (value === undefined) {
      if (!builder.isModule) builder.fail('unresolved', `class \`${name.text}\` has no permission \`${text}\``, at)
      if (entry.nprim >= MOST_PERMISSIONS) {
        builder.fail('too-many', `class \`${name.text}\` gets more than ${MOST_PERMISSIONS} permissions`, at)
      }
      entry.permissions.set(text, value = ++entry.nprim)
    }
    required.add(value - 1)
  }
}

const declareType = (builder: Builder, { name, aliases, attributes }: StatementOf<'type'>): void => {
  const entry = typeSymbol(builder, name, false, true)
  addAliases(builder, entry, aliases)
  joinAttributes(builder, entry, attributes)
}

const plainType = (builder: Builder, name: Word): TypeEntry => {
  const entry = builder.find('types', name)
  builder.checkFlavor(name, entry, 'type')
  return entry
}

const addAliases = (builder: Builder, type: TypeEntry, aliases: readonly Word[]): void => {
  for (const { text, at } of aliases) {
    if (builder.block.isElse) builder.fail('misplaced', 'an alias is declared in an `else` of an optional block', at)
    const known = builder.symbols.get('types', text)
    if (known !== null && (known.value !== type.value || known.isPrimary)) {
      builder.fail('redeclared', `\`${text}\` is declared already`, at)
    }
    if (known === null) builder.symbols.alias('types', text, makeType(text, type.value, false, false))
    if (!builder.symbols.scope('types', text, builder.block.id, true)) {
      builder.fail('redeclared', `\`${text}\` is declared twice`, at)
    }
    builder.block.declared.types.add(type.value - 1)
  }
}

const attributeOf = (builder: Builder, word: Word): TypeEntry => {
  const entry = builder.find('types', word)
  builder.checkFlavor(word, entry, 'attribute')
  return entry
}

const joinAttributes = (builder: Builder, type: TypeEntry, attributes: readonly Word[]): void => {
  if (type.isAttribute && attributes.length > 0) {
    builder.fail('wrong-kind', `\`${type.name}\` is an attribute, and a type is expected`, builder.statement)
  }
  for (const word of attributes) builder.ownType(attributeOf(builder, word)).members.add(type.value - 1)
}

const declareRole = (builder: Builder, name: Word, isAttribute: boolean): RoleEntry =>
  builder.ownRole(roleSymbol(builder, name, isAttribute, true), true)

export const joinRoleAttribute = (builder: Builder, role: RoleEntry, word: Word): void => {
  const attribute = builder.find('roles', word)
  builder.checkFlavor(word, attribute, 'attribute')
  builder.ownRole(attribute).members.add(role.value - 1)
}

const declareBoolean = (builder: Builder, { kind, name, value: state }: StatementOf<'bool'>): void => {
  const isTunable = kind === 'tunable'
  const entry = builder.declare('booleans', name, (value) => ({ name: name.text, value, state, isTunable }))
  entry.state = state
  entry.isTunable = isTunable
}

const declareCategory = (builder: Builder, { name, aliases }: StatementOf<'category'>): void => {
  const entry = builder.declare('categories', name, (value) => ({ name: name.text, value, isAlias: false }))
  for (const alias of aliases) {
    builder.symbols.alias('categories', alias.text, { name: alias.text, value: entry.value, isAlias: true })
    builder.symbols.scope('categories', alias.text, builder.block.id, true)
  }
}

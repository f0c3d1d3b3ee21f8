/** Statements to a module: the same value that the reader of `.pp` files gives. */
import type { Declaration, ModuleSymbols, ModuleType, PolicyModule, Scopes } from '../../module/module.ts'
import { MODULE_ATTRIBUTE, MODULE_PERMISSIVE, symbolKinds } from '../../module/module.ts'
import { policycapNames } from '../../policydb/constants.ts'
import { Ebitmap } from '../../policydb/ebitmap.ts'
import type { Permission } from '../../policydb/policydb.ts'
import type { Origin } from '../origin.ts'
import { typeRuleKinds, accessKinds, xpermKinds } from '../te/ast.ts'
import type { Statement, StatementOf } from '../te/ast.ts'
import type { Bits, Block } from './block.ts'
import { Builder } from './builder.ts'
import type { BuildOptions } from './builder.ts'
import { addConstraint, addValidatetrans, setDefault } from './classes.ts'
import { addConditional } from './conditionals.ts'
import { addLabel, Labels } from './contexts.ts'
import { declareAll, joinRoleAttribute } from './declare.ts'
import { categoryRange, levelOf, rangeOf } from './levels.ts'
import {
  accessRule, nameTransition, rangeTransition, roleAllow, roleTransition, typeRule, xpermRules,
} from './rules.ts'
import { addRoles, addTypes, built } from './sets.ts'
import { makeUser } from './symbols.ts'
import { writeModule } from './write-module.ts'
import type { RoleEntry, TypeEntry, UserEntry } from './symbols.ts'

class ModuleBuild {
  readonly #builder: Builder
  readonly #labels = new Labels()
  readonly #policycaps = new Set<number>()
  #name = 'base'
  /** Blocks of the second pass come in the order of the first. */
  #nextBlock = 1

  constructor(builder: Builder) {
    this.#builder = builder
  }

  build(statements: readonly Statement[]): PolicyModule {
    const builder = this.#builder
    const [first, ...rest] = statements
    builder.isModule = first?.kind === 'module'
    if (first?.kind === 'module') this.#name = first.name.text
    const body = builder.isModule ? rest : statements
    const second = body.find(({ kind }) => kind === 'module')
    if (second !== undefined) builder.fail('misplaced', '`module` begins a module', second.at)
    this.#declareLevels(body)
    declareAll(builder, body)
    if (builder.isModule && !builder.block.hasRequire) {
      builder.fail('missing', 'the module requires nothing', first!.at,
        'name what it uses in a `require` or `gen_require`')
    }
    this.#rules(body)
    return this.#finish()
  }

  /** Sensitivities have values by their dominance, so this comes first. */
  #declareLevels(statements: readonly Statement[]): void {
    const builder = this.#builder
    const declared = statements.filter((item): item is StatementOf<'sensitivity'> => item.kind === 'sensitivity')
    const [first] = declared
    if (first === undefined) return
    if (!builder.options.mls) {
      builder.statement = first.at
      builder.fail('misplaced', 'a policy without MLS has no sensitivities', first.name.at, 'checkmodule has -M')
    }
    const dominance = statements.find((item): item is StatementOf<'dominance'> => item.kind === 'dominance')
    const order = dominance?.names.map(({ text }) => text) ?? []
    const byOrder = [...declared].sort((a, b) => order.indexOf(a.name.text) - order.indexOf(b.name.text))
    for (const { name, aliases, at } of byOrder) {
      builder.statement = at
      if (!order.includes(name.text)) builder.fail('missing', `\`dominance\` does not name \`${name.text}\``, name.at)
      const { value } = builder.declare('sensitivities', name, (next) =>
        ({ name: name.text, isAlias: false, value: next, cats: new Set() }))
      for (const alias of aliases) {
        builder.symbols.alias('sensitivities', alias.text, { name: alias.text, isAlias: true, value, cats: new Set() })
        builder.symbols.scope('sensitivities', alias.text, builder.block.id, true)
      }
    }
  }

  #rules(statements: readonly Statement[]): void {
    // Labels and constraints may name users that are declared behind them.
    for (const statement of statements) if (statement.kind === 'user') this.#user(statement)
    for (const statement of statements) {
      this.#builder.statement = statement.at
      if (statement.kind === 'level') this.#level(statement)
    }
    for (const statement of statements) {
      this.#builder.statement = statement.at
      this.#statement(statement)
    }
  }

  #statement(statement: Statement): void {
    const builder = this.#builder
    const { block } = builder
    switch (statement.kind) {
      case 'optional': return this.#optional(statement)
      case 'require': return this.#requireUsers(statement)
      case 'if': return addConditional(builder, statement)
      case 'role_allow': return roleAllow(builder, statement)
      case 'role_transition': return roleTransition(builder, statement)
      case 'range_transition': return rangeTransition(builder, statement)
      case 'role_types': return this.#roleTypes(statement)
      case 'roleattribute':
        for (const word of statement.names) joinRoleAttribute(builder, builder.find('roles', statement.name), word)
        return undefined
      case 'typebounds': return this.#bounds(statement)
      case 'permissive': {
        const type = builder.find('types', statement.name)
        builder.checkFlavor(statement.name, type, 'type')
        type.isPermissive = true
        return undefined
      }
      default:
    }
    if (isAny(typeRuleKinds, statement)) this.#typeRule(statement as StatementOf<'type_transition'>)
    else if (isAny(accessKinds, statement)) block.rules.push(accessRule(builder, statement as StatementOf<'allow'>))
    else if (!isAny(xpermKinds, statement)) this.#baseStatement(statement)
    else block.rules.push(...xpermRules(builder, statement as StatementOf<'allowxperm'>))
  }

  #typeRule(statement: StatementOf<'type_transition'>): void {
    if (statement.name !== null) nameTransition(this.#builder, statement, statement.name.text)
    else this.#builder.block.rules.push(typeRule(this.#builder, statement))
  }

  /** Statements that a base module has, and a module only some of. */
  #baseStatement(statement: Statement): void {
    const builder = this.#builder
    switch (statement.kind) {
      case 'policycap': {
        const bit = policycapNames.indexOf(statement.name.text)
        if (bit < 0) {
          builder.fail('unresolved', `\`${statement.name.text}\` is not a policy capability`, statement.name.at)
        }
        this.#policycaps.add(bit)
        return
      }
      case 'constrain':
      case 'mlsconstrain': return this.#inBase(statement, () => addConstraint(builder, statement))
      case 'validatetrans':
      case 'mlsvalidatetrans': return this.#inBase(statement, () => addValidatetrans(builder, statement))
      case 'default_user':
      case 'default_role':
      case 'default_type':
      case 'default_range': return this.#inBase(statement, () => setDefault(builder, statement))
      case 'sid': return void this.#labels.sids.push(statement.name.text)
      case 'sid_context':
      case 'fs_use':
      case 'genfscon':
      case 'portcon':
      case 'netifcon':
      case 'nodecon':
      case 'ibpkeycon':
      case 'ibendportcon': return this.#inBase(statement, () => addLabel(builder, this.#labels, statement))
      case 'neveraudit':
        return builder.fail('bad-syntax', '`neveraudit` has no place in a module', statement.at)
      case 'expandattribute':
        for (const word of statement.names) builder.find('types', word)
        return
      default:
    }
  }

  #inBase({ kind, at }: Statement, work: () => void): void {
    const word = kind.replace('sid_context', 'sid')
    if (this.#builder.isModule) this.#builder.fail('misplaced', `\`${word}\` stands in the base module only`, at)
    work()
  }

  #optional(statement: StatementOf<'optional'>): void {
    const builder = this.#builder
    const block = builder.blocks[this.#nextBlock++]!
    builder.within(block, () => {
      this.#rules(statement.body)
      block.takeRequirements()
    })
    if (block.otherwise !== null) {
      builder.within(block.otherwise, () => {
        this.#rules(statement.otherwise!)
        block.otherwise!.takeRequirements()
      })
    }
  }

  #requireUsers({ requirements }: StatementOf<'require'>): void {
    for (const { kind, name } of requirements) {
      if (kind === 'user') this.#builder.require('users', name, (value) => makeUser(name.text, value))
    }
  }

  #roleTypes({ name, types }: StatementOf<'role_types'>): void {
    const role = this.#builder.ownRole(this.#builder.find('roles', name))
    addTypes(this.#builder, role.types, types, false, () => false)
  }

  #bounds({ name, names }: StatementOf<'typebounds'>): void {
    const parent = this.#builder.find('types', name)
    for (const word of names) {
      const child = this.#builder.find('types', word)
      if (child.bounds > 0 && child.bounds !== parent.value) {
        this.#builder.fail('conflict', `\`${word.text}\` is bounded by another type already`, word.at)
      }
      child.bounds = parent.value
    }
  }

  #user(statement: StatementOf<'user'>): void {
    const builder = this.#builder
    builder.statement = statement.at
    const { name, roles, level, range } = statement
    const { value } = builder.declare('users', name, (next) => makeUser(name.text, next))
    const user = builder.ownUser(name.text, () => makeUser(name.text, value))
    addRoles(builder, user.roles, roles)
    if (!builder.options.mls) return
    if (level === null || range === null) return builder.fail('missing', `user \`${name.text}\` has no level`, name.at)
    user.level = levelOf(builder, level)
    user.range = rangeOf(builder, range)
  }

  #level({ level: { sensitivity, categories } }: StatementOf<'level'>): void {
    const entry = this.#builder.find('sensitivities', sensitivity)
    for (const word of categories) {
      const [low, high] = categoryRange(this.#builder, word)
      for (let value = low; value <= high; value++) entry.cats.add(value - 1)
    }
  }

  #finish(): PolicyModule {
    const { symbols, blocks, options, isModule } = this.#builder
    const declaredIn = Object.fromEntries(symbolKinds.map((kind) => [kind, new Map([...symbols.scopes[kind]]
      .filter(([, { isDeclared }]) => isDeclared).map(([name, scope]) => [name, scope.blocks]))]))
    return {
      name: this.#name, isBase: !isModule, mls: options.mls, handleUnknown: options.handleUnknown,
      policycaps: Ebitmap.of(this.#policycaps),
      symbols: this.#symbols(),
      blocks: blocks.map(declarationOf),
      declaredIn: declaredIn as unknown as PolicyModule['declaredIn'],
      contexts: this.#labels.contexts, genfs: this.#labels.genfs,
    }
  }

  #symbols(): ModuleSymbols {
    const { tables } = this.#builder.symbols
    return {
      commons: [...tables.commons.values()].map(({ name, value, permissions }) =>
        ({ name, value, permissions: { nprim: permissions.size, items: permissionItems(permissions) } })),
      classes: [...tables.classes.values()].map(({ common, permissions, nprim, ...rest }) =>
        ({ ...rest, common: common?.name ?? null, permissions: { nprim, items: permissionItems(permissions) } })),
      roles: [...tables.roles.values()].map(roleOf),
      types: [...tables.types.values()].map(typeOf),
      users: [...tables.users.values()].map(userOf),
      booleans: [...tables.booleans.values()],
      sensitivities: [...tables.sensitivities.values()].map(({ name, isAlias, value, cats }) =>
        ({ name, isAlias, level: { sens: value, cats: Ebitmap.of(cats) } })),
      categories: [...tables.categories.values()],
    }
  }
}

const isAny = (kinds: readonly string[], { kind }: Statement): boolean => kinds.includes(kind)

const permissionItems = (permissions: ReadonlyMap<string, number>): Permission[] =>
  [...permissions].map(([name, value]) => ({ name, value }))

const typeOf = ({ name, value, isPrimary, isAttribute, isPermissive, bounds, members }: TypeEntry): ModuleType => ({
  name, value, primary: isPrimary ? 1 : 0, bounds, members: Ebitmap.of(members),
  properties: (isPrimary ? 1 : 0) | (isAttribute ? MODULE_ATTRIBUTE : 0) | (isPermissive ? MODULE_PERMISSIVE : 0),
})
const roleOf = ({ name, value, bounds, types, isAttribute, members }: RoleEntry): ModuleSymbols['roles'][number] =>
  ({ name, value, bounds, types: built(types), isAttribute, members: Ebitmap.of(members) })
const userOf = ({ name, value, roles, level, range }: UserEntry): ModuleSymbols['users'][number] =>
  ({ name, value, bounds: 0, roles: built(roles), level, range })

const scopesOf = (bits: Bits): Scopes =>
  Object.fromEntries(symbolKinds.map((kind) => [kind, Ebitmap.of(bits[kind])])) as unknown as Scopes

const declarationOf = (block: Block): Declaration => ({
  id: block.id, conditionals: block.conditionals, rules: block.rules, roleTransitions: block.roleTransitions,
  roleAllows: block.roleAllows, nameTransitions: block.nameTransitions, rangeTransitions: block.rangeTransitions,
  required: scopesOf(block.required), declared: scopesOf(block.declared),
  added: {
    commons: [], classes: [], booleans: [], sensitivities: [], categories: [],
    types: [...block.types.values()].map(typeOf), roles: [...block.roles.values()].map(roleOf),
    users: [...block.users.values()].map(userOf),
  },
})

export interface Built {
  readonly module: PolicyModule
  /** The module's own bytes, as checkmodule writes them. */
  readonly bytes: () => Uint8Array
}

/** Throws SourceError. */
export const buildModule = (statements: readonly Statement[], origin: Origin, options: BuildOptions): Built => {
  const builder = new Builder(origin, options)
  const module = new ModuleBuild(builder).build(statements)
  const [first] = statements
  const { symbols, blocks } = builder
  const version = first?.kind === 'module' ? first.version : ''
  return { module, bytes: () => writeModule({ ...module, version, symbols, blocks }) }
}

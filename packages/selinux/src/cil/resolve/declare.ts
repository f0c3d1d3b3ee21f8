/** Declarations: what statement declares what kind of name, and when a name may be declared again. */
import { IN_OPTIONAL } from '../ast/places.ts'
import { CilError } from '../errors.ts'
import { W } from '../keywords.ts'
import type { Tree } from '../parse.ts'
import { qualifiedName } from './lookup.ts'
import { Declared } from './scope.ts'
import type { Flavor, Scope } from './scope.ts'
import * as spaces from './spaces.ts'
import * as symbols from './symbols.ts'

interface Declaration {
  readonly space: number
  readonly flavor: Flavor
  readonly make: new (flavor: Flavor, name: number, home: Scope | null, node: number) => Declared
}

const declaration = (space: number, flavor: Flavor, make: Declaration['make'] = Declared): Declaration =>
  ({ space, flavor, make })

/** By keyword. */
const declarations: readonly (Declaration | undefined)[] = (() => {
  const table: Declaration[] = []
  table[W.block] = declaration(spaces.BLOCKS, 'block', symbols.BlockSymbol)
  table[W.macro] = declaration(spaces.BLOCKS, 'macro', symbols.MacroSymbol)
  table[W.optional] = declaration(spaces.BLOCKS, 'optional', symbols.OptionalSymbol)
  table[W.user] = declaration(spaces.USERS, 'user', symbols.Atom)
  table[W.userattribute] = declaration(spaces.USERS, 'userattribute', symbols.Attribute)
  table[W.role] = declaration(spaces.ROLES, 'role', symbols.Atom)
  table[W.roleattribute] = declaration(spaces.ROLES, 'roleattribute', symbols.Attribute)
  table[W.type] = declaration(spaces.TYPES, 'type', symbols.Atom)
  table[W.typeattribute] = declaration(spaces.TYPES, 'typeattribute', symbols.Attribute)
  table[W.typealias] = declaration(spaces.TYPES, 'typealias', symbols.Alias)
  table[W.common] = declaration(spaces.COMMONS, 'common', symbols.ClassSymbol)
  table[W.class] = declaration(spaces.CLASSES, 'class', symbols.ClassSymbol)
  table[W.classmap] = declaration(spaces.CLASSES, 'classmap', symbols.ClassSymbol)
  table[W.classpermission] = declaration(spaces.CLASS_PERMISSIONS, 'classpermission', symbols.ClassPermissionSymbol)
  table[W.permissionx] = declaration(spaces.XPERMS, 'permissionx', symbols.XpermSymbol)
  table[W.boolean] = declaration(spaces.BOOLEANS, 'boolean', symbols.BooleanSymbol)
  table[W.tunable] = declaration(spaces.TUNABLES, 'tunable', symbols.BooleanSymbol)
  table[W.sensitivity] = declaration(spaces.SENSITIVITIES, 'sensitivity', symbols.SensitivitySymbol)
  table[W.sensitivityalias] = declaration(spaces.SENSITIVITIES, 'sensitivityalias', symbols.Alias)
  table[W.category] = declaration(spaces.CATEGORIES, 'category', symbols.CategorySymbol)
  table[W.categoryalias] = declaration(spaces.CATEGORIES, 'categoryalias', symbols.Alias)
  table[W.categoryset] = declaration(spaces.CATEGORIES, 'categoryset', symbols.CategorySetSymbol)
  table[W.level] = declaration(spaces.LEVELS, 'level', symbols.LevelSymbol)
  table[W.levelrange] = declaration(spaces.RANGES, 'levelrange', symbols.RangeSymbol)
  table[W.sid] = declaration(spaces.SIDS, 'sid', symbols.SidSymbol)
  table[W.context] = declaration(spaces.CONTEXTS, 'context', symbols.ContextSymbol)
  table[W.ipaddr] = declaration(spaces.ADDRESSES, 'ipaddr', symbols.AddressSymbol)
  table[W.policycap] = declaration(spaces.POLICYCAPS, 'policycap')
  return table
})()

export const declares = (keyword: number): boolean => declarations[keyword] !== undefined

/** The symbol that statement `node` declares, seen from its scope. */
export const declaredBy = (tree: Tree, scope: Scope, node: number, keyword: number): Declared => {
  const name = tree.word[tree.next[node + 1]!]!
  return scope.namespace.tables!.get(declarations[keyword]!.space, name)!
}

export interface DeclareOptions {
  /** Types, their attributes and roles may be declared more than once. */
  readonly multipleDeclarations: boolean
}

/** Parameters of a macro hide names of their own kind only. */
const parameterKindOf: Readonly<Partial<Record<Flavor, number>>> = {
  type: W.type, role: W.role, user: W.user, sensitivity: W.sensitivity, category: W.category, boolean: W.boolean,
  categoryset: W.categoryset, level: W.level, levelrange: W.levelrange, ipaddr: W.ipaddr, class: W.class,
  classmap: W.classmap, classpermission: W.classpermission,
}

/** Flavors that `multipleDeclarations` lets modules declare again. */
const MULTIPLE: ReadonlySet<string> = new Set(['type', 'typeattribute', 'role'])

const MULTIPLE_HINT = '-m (in code: multipleDeclarations) takes types, attributes and roles that several modules ' +
  'of a distribution declare'

/**
 * Declares what statement `node` declares in the namespace around `scope`. An optional may be declared again; a block
 * or macro (`mayRepeat`) when it comes by inheritance. Answers the symbol and whether it was there before.
 */
export const declare = (tree: Tree, scope: Scope, node: number, keyword: number, options: DeclareOptions,
  mayRepeat: boolean): { symbol: Declared; isNew: boolean } => {
  const { space, flavor, make } = declarations[keyword]!
  const home = scope.namespace
  const atom = tree.next[node + 1]!
  const name = tree.word[atom]!
  const before = home.tables!.get(space, name)
  if (before !== undefined) {
    const isSame = before.flavor === flavor
    const isFree = flavor === 'optional' || (mayRepeat && (flavor === 'block' || flavor === 'macro')) ||
      (options.multipleDeclarations && MULTIPLE.has(flavor))
    if (!isSame || !isFree) {
      throw new CilError('redeclared', `${flavor} \`${qualifiedName(tree, before)}\` is declared a second time`,
        tree.place(atom), {
          hint: isSame && MULTIPLE.has(flavor) ? MULTIPLE_HINT : null,
          related: [{ message: 'first here', place: tree.place(before.node) }],
        })
    }
    before.declarations++
    return { symbol: before, isNew: false }
  }
  if (home.kind === 'macro' && (home.symbol as symbols.MacroSymbol).parameters.some((parameter) =>
    parameter.name === name && parameter.kind === parameterKindOf[flavor])) {
    throw new CilError('redeclared', `${flavor} \`${tree.names.text(name)}\` has the name of a parameter`,
      tree.place(atom))
  }
  const symbol = new make(flavor, name, home, node)
  symbol.mayChange = symbol instanceof symbols.Alias || (scope.places & IN_OPTIONAL) !== 0
  home.tables!.set(space, name, symbol)
  fill(tree, symbol, node)
  return { symbol, isNew: true }
}

/** Takes back one declaration; the name is gone with the last, and its symbol answered. */
export const undeclare = (tree: Tree, scope: Scope, node: number, keyword: number): Declared | null => {
  const { space } = declarations[keyword]!
  const name = tree.word[tree.next[node + 1]!]!
  const { tables } = scope.namespace
  const symbol = tables!.get(space, name)
  if (symbol === undefined || --symbol.declarations > 0) return null
  tables!.delete(space, name)
  return symbol
}

/** What a declaration says by itself. */
const fill = (tree: Tree, symbol: Declared, node: number): void => {
  if (symbol instanceof symbols.ClassSymbol) fillPermissions(tree, symbol, tree.child(node, 2))
  else if (symbol instanceof symbols.BooleanSymbol) symbol.state = truth(tree, tree.child(node, 2))
  else if (symbol instanceof symbols.MacroSymbol) {
    symbol.parameters = tree.children(tree.child(node, 2)).map((parameter) => {
      const [kind, name] = tree.children(parameter) as [number, number]
      return { kind: tree.word[kind]!, name: tree.word[name]! }
    })
  }
}

const MOST_PERMISSIONS = 32

const fillPermissions = (tree: Tree, symbol: symbols.ClassSymbol, list: number): void => {
  for (const atom of tree.children(list)) {
    const name = tree.word[atom]!
    if (symbol.permissions.has(name)) {
      throw new CilError('redeclared', `permission \`${tree.text(atom)}\` is declared a second time`, tree.place(atom))
    }
    symbol.permissions.set(name, { name, owner: symbol, index: symbol.permissions.size, mapped: [], flat: null })
  }
  if (symbol.flavor !== 'classmap' && symbol.permissions.size > MOST_PERMISSIONS) {
    throw new CilError('too-many', `${symbol.flavor} \`${tree.names.text(symbol.name)}\` has more than 32 permissions`,
      tree.place(symbol.node))
  }
}

/** `true` or `false`. */
export const truth = (tree: Tree, atom: number): boolean => {
  const word = tree.word[atom]!
  if (word === W.true || word === W.false) return word === W.true
  throw new CilError('bad-value', `\`${tree.text(atom)}\` is neither \`true\` nor \`false\``, tree.place(atom))
}

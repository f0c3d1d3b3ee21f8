/** The names in one statement, looked up; every resolver of statements is built on it. */
import { W } from '../keywords.ts'
import { CilError } from '../errors.ts'
import type { CilErrorCode } from '../errors.ts'
import type { Tree } from '../parse.ts'
import type { Optionals } from '../expand/optionals.ts'
import type { Expression, Operator } from './expression.ts'
import { Facts } from './facts.ts'
import type { RuleList } from './facts.ts'
import type { Lookup } from './lookup.ts'
import type { Declared, Flavor, Scope } from './scope.ts'
import * as spaces from './spaces.ts'
import * as symbols from './symbols.ts'
import type { ClassPermissions, Permission } from './symbols.ts'

const operators: ReadonlyMap<number, Operator> = new Map([
  [W.and, 'and'], [W.or, 'or'], [W.xor, 'xor'], [W.not, 'not'], [W.all, 'all'], [W.eq, 'eq'], [W.neq, 'neq'],
  [W.range, 'range'],
])

/** Bits that an entry of a class map takes in a rule. */
const ENTRY = 64

/** What a message calls each kind of name. */
const kinds: Readonly<Record<number, string>> = {
  [spaces.USERS]: 'user', [spaces.ROLES]: 'role', [spaces.TYPES]: 'type', [spaces.COMMONS]: 'common',
  [spaces.CLASSES]: 'class', [spaces.CLASS_PERMISSIONS]: 'classpermission', [spaces.XPERMS]: 'permissionx',
  [spaces.BOOLEANS]: 'boolean', [spaces.SENSITIVITIES]: 'sensitivity', [spaces.CATEGORIES]: 'category',
  [spaces.LEVELS]: 'level', [spaces.RANGES]: 'levelrange', [spaces.SIDS]: 'sid', [spaces.CONTEXTS]: 'context',
  [spaces.ADDRESSES]: 'ipaddr', [spaces.STRINGS]: 'string',
}

/**
 * Every question answers null when a name stands for nothing; the innermost optional is then marked, or an error
 * thrown. While `isTrial`, nothing is recorded: only names are asked for.
 */
export class Resolver {
  readonly tree: Tree
  readonly lookup: Lookup
  readonly optionals: Optionals
  readonly facts = new Facts()
  /** Where rules go: the policy's, or those of a branch of a booleanif. */
  rules: RuleList = this.facts.always
  isTrial = false

  constructor(tree: Tree, lookup: Lookup, optionals: Optionals) {
    this.tree = tree
    this.lookup = lookup
    this.optionals = optionals
  }

  fail(code: CilErrorCode, message: string, node: number): never {
    throw new CilError(code, message, this.tree.place(node))
  }

  arg(node: number, index: number): number {
    return this.tree.child(node, index)
  }

  word(atom: number): number {
    return this.tree.word[atom]!
  }

  /** A name of some kind. */
  find(scope: Scope, space: number, atom: number): Declared | null {
    return this.lookup.find(scope, space, this.tree.word[atom]!) ?? this.missing(scope, space, atom)
  }

  missing(scope: Scope, space: number, atom: number): null {
    const { names } = this.tree
    const known = scope.within('optional') === null
      ? Array.from(this.lookup.policy.tables!.names(space), (name) => names.text(name)) : []
    return this.optionals.missing(scope, atom, kinds[space] ?? 'name', known)
  }

  /** A name that must be of one of these flavors. */
  findOf<T extends Declared>(scope: Scope, space: number, atom: number, ...flavors: Flavor[]): T | null {
    const found = this.find(scope, space, atom)
    if (found !== null && !flavors.includes(found.flavor)) {
      this.fail('wrong-kind', `\`${this.tree.text(atom)}\` is a ${found.flavor}, not a ${flavors.join(' or ')}`, atom)
    }
    return found as T | null
  }

  type(scope: Scope, atom: number): symbols.Atom | null {
    return this.findOf(scope, spaces.TYPES, atom, 'type')
  }

  role(scope: Scope, atom: number): symbols.Atom | null {
    return this.findOf(scope, spaces.ROLES, atom, 'role')
  }

  user(scope: Scope, atom: number): symbols.Atom | null {
    return this.findOf(scope, spaces.USERS, atom, 'user')
  }

  tclass(scope: Scope, atom: number): symbols.ClassSymbol | null {
    return this.find(scope, spaces.CLASSES, atom) as symbols.ClassSymbol | null
  }

  /** A string: the text itself, or the argument if it is the name of a string parameter. */
  string(scope: Scope, atom: number): string {
    const word = this.tree.word[atom]!
    const call = scope.within('call')
    const argument = call?.arguments.find(({ parameter, space }) => parameter === word && space === spaces.STRINGS)
    return argument === undefined ? this.tree.text(atom) : this.string(call!.parent!, argument.node)
  }

  /** A string that a policy holds: an empty one makes a policy of secilc that nothing can read. */
  nonEmpty(scope: Scope, atom: number): string {
    return this.string(scope, atom) || this.fail('bad-name', 'a policy holds no empty name', atom)
  }

  /** A set expression over names of one kind. */
  expression(scope: Scope, space: number, node: number): Expression | null {
    const { tree } = this
    if (!tree.isList(node)) return this.find(scope, space, node)
    const first = node + 1
    const operator = tree.isList(first) ? undefined : operators.get(tree.word[first]!)
    const operands: Expression[] = []
    for (let at = operator === undefined ? first : tree.next[first]!; at < tree.next[node]!; at = tree.next[at]!) {
      const operand = this.expression(scope, space, at)
      if (operand === null) return null
      operands.push(operand)
    }
    if (operator === undefined && operands.length === 1) return operands[0]!
    return { operator: operator ?? 'list', operands }
  }

  /** `name` or `(class (permissions))`, as a list that may be added to another. */
  classPermissions(scope: Scope, node: number): ClassPermissions[] | null {
    const { tree } = this
    if (!tree.isList(node)) {
      const named = this.find(scope, spaces.CLASS_PERMISSIONS, node) as symbols.ClassPermissionSymbol | null
      if (named === null) return null
      // What a call writes out in place has no name of its own.
      return named.name < 0 ? named.sets : [{ named }]
    }
    const tclass = this.tclass(scope, node + 1)
    if (tclass === null) return null
    const list = tree.next[node + 1]!
    if (tclass.flavor === 'classmap') {
      const entries = this.#entries(scope, tclass, list)
      if (entries === null) return null
      if (!this.isTrial && entries !== tclass.entries) this.lookup.effort.keep(entries.length * ENTRY)
      return [{ map: tclass, permissions: entries }]
    }
    const mask = this.#mask(scope, tclass, list)
    return mask === null ? null : [{ tclass, mask }]
  }

  /** Permissions of a class as a mask. */
  #mask(scope: Scope, tclass: symbols.ClassSymbol, node: number): number | null {
    const { tree } = this
    if (!tree.isList(node)) {
      const permission = tclass.permission(tree.word[node]!)
      return permission === undefined ? this.#noPermission(scope, tclass, node) : 1 << tclass.bitOf(permission)
    }
    const first = node + 1
    const operator = tree.isList(first) ? undefined : operators.get(tree.word[first]!)
    if (operator === undefined) {
      let mask = 0
      for (let at = first; at < tree.next[node]!; at = tree.next[at]!) {
        const part = this.#mask(scope, tclass, at)
        if (part === null) return null
        mask |= part
      }
      return mask
    }
    const all = tclass.count === 32 ? -1 : (1 << tclass.count) - 1
    if (operator === 'all') return all
    const operands = tree.children(node, 1).map((operand) => this.#mask(scope, tclass, operand))
    if (operands.includes(null)) return null
    const [a, b] = operands as [number, number]
    switch (operator) {
      case 'and': return a & b
      case 'or': return a | b
      case 'xor': return a ^ b
      default: return all & ~a
    }
  }

  /** Entries of a map, which may have more than 32, in its order. */
  #entries(scope: Scope, map: symbols.ClassSymbol, node: number): readonly Permission[] | null {
    const { tree } = this
    if (!tree.isList(node)) {
      const permission = map.permission(tree.word[node]!)
      return permission === undefined ? this.#noPermission(scope, map, node) : [permission]
    }
    const operator = tree.isList(node + 1) ? undefined : operators.get(tree.word[node + 1]!)
    if (operator === 'all') return map.entries
    const operands = tree.children(node, operator === undefined ? 0 : 1)
      .map((operand) => this.#entries(scope, map, operand))
    if (operands.includes(null)) return null
    const sets = operands as (readonly Permission[])[]
    if (sets.length === 1 && operator === undefined) return sets[0]!
    const [a, b = new Set()] = sets.map((set) => new Set(set)) as [Set<Permission>, Set<Permission>?]
    switch (operator) {
      case 'and': return sets[0]!.filter((entry) => b.has(entry))
      case 'xor': return map.entries.filter((entry) => a.has(entry) !== b.has(entry))
      case 'not': return map.entries.filter((entry) => !a.has(entry))
      default: return [...new Set(sets.flat())].sort((one, other) => one.index - other.index)
    }
  }

  #noPermission(scope: Scope, tclass: symbols.ClassSymbol, atom: number): null {
    const { names } = this.tree
    const known = [...tclass.permissions.keys(), ...(tclass.common?.permissions.keys() ?? [])]
      .map((name) => names.text(name))
    return this.optionals.missing(scope, atom, `permission of ${names.text(tclass.name)} called`, known)
  }

  /** `name` or `(kind class (numbers))`. */
  xperms(scope: Scope, node: number): symbols.XpermSymbol | null {
    if (!this.tree.isList(node)) return this.find(scope, spaces.XPERMS, node) as symbols.XpermSymbol | null
    const written = new symbols.XpermSymbol('permissionx', -1, null, node)
    return this.fillXperms(scope, node, written) ? written : null
  }

  /** Gives an xperm symbol what is written in `(kind class (numbers))`. */
  fillXperms(scope: Scope, node: number, symbol: symbols.XpermSymbol): boolean {
    const tclass = this.tclass(scope, this.arg(node, 1))
    if (tclass === null) return false
    symbol.kind = this.word(this.arg(node, 0)) === W.ioctl ? 'ioctl' : 'nlmsg'
    symbol.tclass = tclass
    symbol.numbers = this.arg(node, 2)
    return true
  }

  /** `name` or `(sensitivity (categories))`. */
  level(scope: Scope, node: number): symbols.LevelSymbol | null {
    if (!this.tree.isList(node)) return this.find(scope, spaces.LEVELS, node) as symbols.LevelSymbol | null
    const written = new symbols.LevelSymbol('level', -1, null, node)
    return this.fillLevel(scope, node, written) ? written : null
  }

  fillLevel(scope: Scope, node: number, level: symbols.LevelSymbol): boolean {
    const sensitivity = this.find(scope, spaces.SENSITIVITIES, this.arg(node, 0)) as symbols.SensitivitySymbol | null
    if (sensitivity === null) return false
    const categories = this.arg(node, 1)
    const expression = categories < 0 ? null : this.expression(scope, spaces.CATEGORIES, categories)
    if (categories >= 0 && expression === null) return false
    level.sensitivity = sensitivity
    level.categories = expression
    return true
  }

  /** `name` or `(low high)`. */
  range(scope: Scope, node: number): symbols.RangeSymbol | null {
    if (!this.tree.isList(node)) return this.find(scope, spaces.RANGES, node) as symbols.RangeSymbol | null
    const written = new symbols.RangeSymbol('levelrange', -1, null, node)
    return this.fillRange(scope, node, written) ? written : null
  }

  fillRange(scope: Scope, node: number, range: symbols.RangeSymbol): boolean {
    const low = this.level(scope, this.arg(node, 0))
    const high = low === null ? null : this.level(scope, this.arg(node, 1))
    if (high === null) return false
    range.low = low
    range.high = high
    return true
  }

  /** `name` or `(user role type range)`. */
  context(scope: Scope, node: number): symbols.ContextSymbol | null {
    if (!this.tree.isList(node)) return this.find(scope, spaces.CONTEXTS, node) as symbols.ContextSymbol | null
    const written = new symbols.ContextSymbol('context', -1, null, node)
    return this.fillContext(scope, node, written) ? written : null
  }

  fillContext(scope: Scope, node: number, context: symbols.ContextSymbol): boolean {
    const user = this.user(scope, this.arg(node, 0))
    const role = user === null ? null : this.role(scope, this.arg(node, 1))
    const type = role === null ? null : this.type(scope, this.arg(node, 2))
    const range = type === null ? null : this.range(scope, this.arg(node, 3))
    if (range === null) return false
    Object.assign(context, { user, role, type, range })
    return true
  }
}

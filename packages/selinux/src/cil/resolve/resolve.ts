/**
 * From scopes to facts. First it is settled which optionals stay: a round of looking names up, again after each that
 * took declared names away. Then every statement that is left is resolved once more, and what it says recorded.
 */
import { ipBytes } from '../../ip-bytes.ts'
import { CilError } from '../errors.ts'
import { W } from '../keywords.ts'
import type { Instances } from '../expand/instances.ts'
import type { Optionals } from '../expand/optionals.ts'
import { bindAlias, bindsAlias, settleAliases } from './aliases.ts'
import { declaredBy, declares } from './declare.ts'
import { emptyRules } from './facts.ts'
import type { Facts } from './facts.ts'
import type { Lookup } from './lookup.ts'
import { bindCommon } from './class-statements.ts'
import { Resolver } from './resolver.ts'
import type { Argument, Scope } from './scope.ts'
import { statementResolvers } from './statements.ts'
import * as symbols from './symbols.ts'

/** More rounds than optionals cannot be needed; this many are a mistake of ours. */
const MOST_ROUNDS = 1 << 20

/** Throws CilError for a name that stands for nothing outside of optionals, and for what cannot be said. */
export const resolve = (instances: Instances, lookup: Lookup, optionals: Optionals): Facts => {
  const resolver = new Resolver(instances.tree, lookup, optionals)
  for (let round = 0; round < MOST_ROUNDS; round++) {
    unbind(resolver, instances.policy)
    bind(resolver, instances.policy)
    resolver.isTrial = true
    tryOptionals(resolver, instances.policy, false)
    resolver.isTrial = false
    if (!optionals.drop()) break
  }
  // What is left has no optional to fall back on.
  unbind(resolver, instances.policy)
  bind(resolver, instances.policy)
  record(resolver, instances, instances.policy)
  return resolver.facts
}

const isSkipped = (scope: Scope): boolean =>
  scope.kind === 'macro' || scope.kind === 'in' ||
    (scope.kind === 'block' && (scope.symbol as symbols.BlockSymbol).isAbstract)

const walk = (scope: Scope, visit: (scope: Scope, node: number) => void, enter: (scope: Scope) => void): void => {
  for (const item of scope.items) {
    if (typeof item === 'number') visit(scope, item)
    else if (!isSkipped(item)) {
      enter(item)
      walk(item, visit, enter)
    }
  }
}

const unbind = (r: Resolver, policy: Scope): void => {
  walk(policy, (scope, node) => {
    const keyword = r.word(node + 1)
    if (keyword === W.typealias || keyword === W.sensitivityalias || keyword === W.categoryalias) {
      (declaredBy(r.tree, scope, node, keyword) as symbols.Alias).actual = null
    } else if (keyword === W.class) (declaredBy(r.tree, scope, node, keyword) as symbols.ClassSymbol).common = null
  }, () => undefined)
}

/** Arguments of calls, aliases, and the commons of classes: what other lookups go through. */
const bind = (r: Resolver, policy: Scope): void => {
  const aliases: symbols.Alias[] = []
  const commons: [Scope, number][] = []
  walk(policy, (scope, node) => {
    const keyword = r.word(node + 1)
    if (bindsAlias(keyword)) bindAlias(r, scope, node)
    else if (keyword === W.typealias || keyword === W.sensitivityalias || keyword === W.categoryalias) {
      aliases.push(declaredBy(r.tree, scope, node, keyword) as symbols.Alias)
    } else if (keyword === W.classcommon) commons.push([scope, node])
  }, (scope) => {
    if (scope.kind === 'call') bindArguments(r, scope, false)
  })
  if (!r.optionals.isWaiting) settleAliases(r, aliases)
  r.isTrial = true
  for (const [scope, node] of commons) bindCommon(r, scope, node)
  r.isTrial = false
  walk(policy, () => undefined, (scope) => {
    if (scope.kind === 'call') bindArguments(r, scope, true)
  })
}

/** Permissions that a call writes out wait until the commons of classes are known. */
const bindArguments = (r: Resolver, call: Scope, permissions: boolean): void => {
  for (const argument of call.arguments) {
    const isPermissions = argument.name < 0 && argument.space === symbols.CLASS_PERMISSIONS
    if (isPermissions === permissions) argument.symbol = argumentSymbol(r, call.parent!, argument)
  }
}

const argumentSymbol = (r: Resolver, scope: Scope, { space, name, node }: Argument): symbols.Declared | null => {
  if (space === symbols.STRINGS) return null
  if (name < 0) {
    switch (space) {
      case symbols.LEVELS: return r.level(scope, node)
      case symbols.RANGES: return r.range(scope, node)
      case symbols.CATEGORIES: {
        const set = new symbols.CategorySetSymbol('categoryset', -1, null, node)
        set.expression = r.expression(scope, space, node)
        return set.expression === null ? null : set
      }
      default: {
        const named = new symbols.ClassPermissionSymbol('classpermission', -1, null, node)
        const sets = r.classPermissions(scope, node)
        if (sets === null) return null
        named.sets.push(...sets)
        return named
      }
    }
  }
  const text = r.tree.text(node)
  if (space === symbols.ADDRESSES && (text.includes('.') || text.includes(':'))) {
    const written = new symbols.AddressSymbol('ipaddr', -1, null, node)
    const bytes = ipBytes(text)
    if (bytes === null) r.fail('bad-value', `\`${text}\` is no address`, node)
    written.bytes = bytes as Uint8Array<ArrayBuffer>
    return written
  }
  return r.find(scope, space, node)
}

/** Asks for the names in every optional. A mistake of another kind is told later, if the statement stays. */
const tryOptionals = (r: Resolver, scope: Scope, isInside: boolean): void => {
  if (isInside && scope.kind === 'booleanif') {
    attempt(() => r.expression(scope.parent!, symbols.BOOLEANS, r.arg(scope.node, 1)))
  }
  for (const item of scope.items) {
    if (typeof item === 'number') {
      if (!isInside) continue
      const resolver = statementResolvers[r.word(item + 1)]
      if (resolver !== undefined) attempt(() => resolver(r, scope, item))
    } else if (!isSkipped(item)) tryOptionals(r, item, isInside || item.kind === 'optional')
  }
}

const attempt = (ask: () => unknown): void => {
  try {
    ask()
  } catch (error) {
    if (!(error instanceof CilError)) throw error
  }
}

const record = (r: Resolver, instances: Instances, scope: Scope): void => {
  for (const item of scope.items) {
    if (typeof item === 'number') {
      const keyword = instances.keyword(item)
      if (declares(keyword)) recordDeclaration(r, scope, item, keyword)
      statementResolvers[keyword]?.(r, scope, item)
    } else if (item.kind === 'booleanif') recordBooleanIf(r, instances, item)
    else if (!isSkipped(item)) record(r, instances, item)
  }
}

const recordBooleanIf = (r: Resolver, instances: Instances, scope: Scope): void => {
  const expression = r.expression(scope.parent!, symbols.BOOLEANS, r.arg(scope.node, 1))
  const [whenTrue, whenFalse] = [emptyRules(), emptyRules()]
  for (const branch of scope.items as Scope[]) {
    r.rules = branch.kind === 'true' ? whenTrue : whenFalse
    record(r, instances, branch)
  }
  r.rules = r.facts.always
  r.facts.booleanIfs.push({ node: scope.node, scope, expression: expression!, whenTrue, whenFalse })
}

const recordDeclaration = (r: Resolver, scope: Scope, node: number, keyword: number): void => {
  const { facts } = r
  const symbol = declaredBy(r.tree, scope, node, keyword)
  if (symbol.value >= 0) return
  const add = (list: symbols.Declared[]): void => {
    symbol.value = list.length
    list.push(symbol)
  }
  switch (symbol.flavor) {
    case 'type':
      add(facts.types)
      facts.typeOrder.push(symbol)
      break
    case 'typeattribute':
      add(facts.typeAttributes)
      facts.typeOrder.push(symbol)
      break
    case 'typealias': return add(facts.typeAliases)
    case 'role': return add(facts.roles)
    case 'roleattribute': return add(facts.roleAttributes)
    case 'user': return add(facts.users)
    case 'userattribute': return add(facts.userAttributes)
    case 'class': return add(facts.classes)
    case 'classmap': return add(facts.classMaps)
    case 'common': return add(facts.commons)
    case 'classpermission': return add(facts.classPermissions)
    case 'boolean': return add(facts.booleans)
    case 'sensitivity': return add(facts.sensitivities)
    case 'sensitivityalias': return add(facts.sensitivityAliases)
    case 'category': return add(facts.categories)
    case 'categoryalias': return add(facts.categoryAliases)
    case 'sid': return add(facts.sids)
    case 'policycap':
      symbol.value = 0
      facts.policycaps.push(r.tree.names.text(symbol.name))
  }
}

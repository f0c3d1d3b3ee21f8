/**
 * From scopes to facts. First it is settled which optionals stay; then every statement that is left is resolved once
 * more, and what it says recorded.
 */
import type { Instances } from '../expand/instances.ts'
import type { Optionals } from '../expand/optionals.ts'
import { bind, plainly } from './bind.ts'
import { declaredBy, declares } from './declare.ts'
import { emptyRules } from './facts.ts'
import type { Facts } from './facts.ts'
import type { Lookup } from './lookup.ts'
import { Resolver } from './resolver.ts'
import type { Declared, Scope } from './scope.ts'
import { settleOptionals } from './settle-optionals.ts'
import * as spaces from './spaces.ts'
import { statementResolvers } from './statements.ts'
import { isSkipped } from './walk.ts'

/** Throws CilError for a name that stands for nothing outside of optionals, and for what cannot be said. */
export const resolve = (instances: Instances, lookup: Lookup, optionals: Optionals): Facts => {
  const resolver = new Resolver(instances.tree, lookup, optionals)
  settleOptionals(resolver, instances.policy)
  // What is left has no optional to fall back on.
  bind(resolver, instances.policy, plainly(resolver))
  record(resolver, instances, instances.policy)
  return resolver.facts
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
  const expression = r.expression(scope.parent!, spaces.BOOLEANS, r.arg(scope.node, 1))
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
  const add = (list: Declared[]): void => {
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

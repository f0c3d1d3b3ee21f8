/** Sensitivities, categories, levels and ranges; and what is said of the policy as a whole. */
import { W } from '../keywords.ts'
import { truth } from './declare.ts'
import type { StatementResolver } from './rule-statements.ts'
import * as spaces from './spaces.ts'
import type * as symbols from './symbols.ts'

export const sensitivityCategory: StatementResolver = (r, scope, node) => {
  const sensitivity = r.find(scope, spaces.SENSITIVITIES, r.arg(node, 1)) as symbols.SensitivitySymbol | null
  const categories = sensitivity === null ? null : r.expression(scope, spaces.CATEGORIES, r.arg(node, 2))
  if (categories === null) return false
  if (!r.isTrial) sensitivity!.categories.push(categories)
  return true
}

export const categorySet: StatementResolver = (r, scope, node) => {
  const set = scope.namespace.tables!.get(spaces.CATEGORIES, r.word(r.arg(node, 1))) as symbols.CategorySetSymbol
  const expression = r.expression(scope, spaces.CATEGORIES, r.arg(node, 2))
  if (expression === null) return false
  if (r.isTrial) return true
  set.expression = expression
  r.facts.categorySets.push(set)
  return true
}

export const level: StatementResolver = (r, scope, node) => {
  const symbol = scope.namespace.tables!.get(spaces.LEVELS, r.word(r.arg(node, 1))) as symbols.LevelSymbol
  if (!r.fillLevel(scope, r.arg(node, 2), symbol)) return false
  if (!r.isTrial) r.facts.levels.push(symbol)
  return true
}

export const levelRange: StatementResolver = (r, scope, node) => {
  const symbol = scope.namespace.tables!.get(spaces.RANGES, r.word(r.arg(node, 1))) as symbols.RangeSymbol
  if (!r.fillRange(scope, r.arg(node, 2), symbol)) return false
  if (!r.isTrial) r.facts.ranges.push(symbol)
  return true
}

export const mls: StatementResolver = (r, _scope, node) => {
  const value = truth(r.tree, r.arg(node, 1))
  if (r.isTrial) return true
  if (r.facts.mls !== null) r.fail('conflict', '`mls` is said twice', node)
  r.facts.mls = { value, node }
  return true
}

export const handleUnknown: StatementResolver = (r, _scope, node) => {
  const word = r.word(r.arg(node, 1))
  const value = word === W.allow ? 'allow' : word === W.deny ? 'deny' : word === W.reject ? 'reject' : null
  if (value === null) {
    return r.fail('bad-value', 'unknown classes are handled by `allow`, `deny` or `reject`', r.arg(node, 1))
  }
  if (r.isTrial) return true
  if (r.facts.handleUnknown !== null) r.fail('conflict', '`handleunknown` is said twice', node)
  r.facts.handleUnknown = { value, node }
  return true
}

/**
 * Names that other lookups go through are bound first: names that calls pass on, aliases, the commons of classes, and
 * then the statements that calls write out in place, which need all of these.
 */
import { ipBytes } from '../../ip-bytes.ts'
import { W } from '../keywords.ts'
import { bindAlias, bindsAlias, settleAliases } from './aliases.ts'
import { bindCommon } from './class-statements.ts'
import { declaredBy } from './declare.ts'
import type { Resolver } from './resolver.ts'
import type { Argument, Declared, Scope } from './scope.ts'
import * as spaces from './spaces.ts'
import * as symbols from './symbols.ts'
import { walk } from './walk.ts'

/** Runs code that asks for names; when optionals are settled, the names it went through are noted. */
export interface Asking {
  alias(scope: Scope, node: number): void
  common(scope: Scope, node: number): void
  argument(call: Scope, argument: Argument): void
}

/** Asks once and forgets. */
export const plainly = (r: Resolver): Asking => ({
  alias: (scope, node) => void bindAlias(r, scope, node),
  common: (scope, node) => void bindCommon(r, scope, node),
  argument: (call, argument) => bindArgument(r, call, argument),
})

const isAlias = (keyword: number): boolean =>
  keyword === W.typealias || keyword === W.sensitivityalias || keyword === W.categoryalias

/** Binds all there is, anew. */
export const bind = (r: Resolver, policy: Scope, asking: Asking): void => {
  const aliases: symbols.Alias[] = []
  const commons: [Scope, number][] = []
  walk(policy, (scope, node) => {
    const keyword = r.word(node + 1)
    if (isAlias(keyword)) {
      const alias = declaredBy(r.tree, scope, node, keyword) as symbols.Alias
      alias.bound = alias.actual = null
      aliases.push(alias)
    } else if (keyword === W.class) (declaredBy(r.tree, scope, node, keyword) as symbols.ClassSymbol).common = null
    else if (keyword === W.classcommon) commons.push([scope, node])
  }, (scope) => {
    for (const argument of scope.arguments) argument.symbol = undefined
  })
  walk(policy, (scope, node) => {
    if (bindsAlias(r.word(node + 1))) asking.alias(scope, node)
  }, (scope) => {
    // What a call around writes out is not there yet: who passes that on waits with it.
    for (const argument of scope.arguments) {
      if (argument.name >= 0 && !passesOn(r, scope, argument)) asking.argument(scope, argument)
    }
  })
  // A name that is missing takes an optional away, and with it perhaps what is wrong with an alias.
  if (!r.optionals.isWaiting) settleAliases(r, aliases)
  for (const [scope, node] of commons) asking.common(scope, node)
  walk(policy, () => undefined, (scope) => {
    for (const argument of scope.arguments) if (argument.symbol === undefined) asking.argument(scope, argument)
  })
}

/** Whether the argument is a parameter, of a call around, that has no value yet. */
const passesOn = (r: Resolver, call: Scope, { space, name }: Argument): boolean => {
  for (let around = call.parent; around !== null; around = around.parent) {
    if (around.kind !== 'call') continue
    const outer = around.arguments.find((one) => one.parameter === name && one.space === space)
    if (outer !== undefined) return outer.symbol === undefined
  }
  return false
}

export const bindArgument = (r: Resolver, call: Scope, argument: Argument): void => {
  argument.symbol = argumentSymbol(r, call.parent!, argument)
}

const argumentSymbol = (r: Resolver, scope: Scope, { space, name, node }: Argument): Declared | null => {
  if (space === spaces.STRINGS) return null
  if (name < 0) return writtenOut(r, scope, space, node)
  const text = r.tree.text(node)
  if (space === spaces.ADDRESSES && (text.includes('.') || text.includes(':'))) {
    const written = new symbols.AddressSymbol('ipaddr', -1, null, node)
    const bytes = ipBytes(text)
    if (bytes === null) r.fail('bad-value', `\`${text}\` is not an address`, node)
    written.bytes = bytes as Uint8Array<ArrayBuffer>
    return written
  }
  return r.find(scope, space, node)
}

const writtenOut = (r: Resolver, scope: Scope, space: number, node: number): Declared | null => {
  switch (space) {
    case spaces.LEVELS: return r.level(scope, node)
    case spaces.RANGES: return r.range(scope, node)
    case spaces.CATEGORIES: {
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

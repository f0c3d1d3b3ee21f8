/** Aliases are bound before anything else is looked up, each to what is not an alias itself. */
import { W } from '../keywords.ts'
import type { Resolver } from './resolver.ts'
import type { Declared, Flavor, Scope } from './scope.ts'
import * as spaces from './spaces.ts'
import { Alias } from './symbols.ts'

const aliasKinds: Readonly<Record<number, { readonly space: number; readonly flavor: Flavor }>> = {
  [W.typealiasactual]: { space: spaces.TYPES, flavor: 'type' },
  [W.sensitivityaliasactual]: { space: spaces.SENSITIVITIES, flavor: 'sensitivity' },
  [W.categoryaliasactual]: { space: spaces.CATEGORIES, flavor: 'category' },
}

export const bindsAlias = (keyword: number): boolean => aliasKinds[keyword] !== undefined

/** Binds the alias that a `…aliasactual` names, and answers it; null when a name in it stands for nothing. */
export const bindAlias = (r: Resolver, scope: Scope, node: number): Alias | null => {
  const { space, flavor } = aliasKinds[r.word(node + 1)]!
  const [aliasAtom, actualAtom] = [r.arg(node, 1), r.arg(node, 2)]
  const alias = r.lookup.findAlias(scope, space, r.word(aliasAtom)) ?? r.missing(scope, space, aliasAtom)
  const actual = alias === null ? null
    : r.lookup.findAlias(scope, space, r.word(actualAtom)) ?? r.missing(scope, space, actualAtom)
  if (actual === null) return null
  if (!(alias instanceof Alias)) return r.fail('wrong-kind', `\`${r.tree.text(aliasAtom)}\` is not an alias`, aliasAtom)
  if (!(actual instanceof Alias) && actual.flavor !== flavor) {
    r.fail('wrong-kind', `\`${r.tree.text(actualAtom)}\` is not a ${flavor}`, actualAtom)
  }
  if (alias.bound !== null) r.fail('conflict', `\`${r.tree.text(aliasAtom)}\` is bound already`, node)
  alias.bound = actual
  return alias
}

/** Follows an alias to its end, and gives that to all on the way; null, and the way, where it ends in none. */
const follow = (alias: Alias): { readonly end: Declared | null; readonly way: readonly Alias[] } => {
  const way = new Set<Alias>()
  let at: Declared | null = alias
  while (at instanceof Alias) {
    if (way.has(at)) return { end: null, way: [...way] }
    way.add(at)
    // One that was settled before stands for what is no alias: no link is followed twice.
    at = at.actual ?? at.bound
  }
  for (const link of way) link.actual = at
  return { end: at, way: [...way] }
}

/** The symbol at the end of an alias; nothing if it has no end. */
export const settleAlias = (alias: Alias): void => void follow(alias)

/** The same of all; throws CilError for a circle and for one that is bound to nothing. */
export const settleAliases = (r: Resolver, aliases: readonly Alias[]): void => {
  for (const alias of aliases) {
    const { end, way } = follow(alias)
    if (end !== null) continue
    const last = way.at(-1)!
    if (last.bound !== null) {
      r.fail('circular', `alias \`${r.tree.names.text(alias.name)}\` stands for itself`, alias.node)
    }
    r.fail('unused-alias', `alias \`${r.tree.names.text(last.name)}\` is declared and never bound`, last.node)
  }
}

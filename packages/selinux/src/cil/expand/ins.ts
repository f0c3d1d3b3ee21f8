/** in: statements that are added to a block, a macro or an optional declared elsewhere. */
import { CilError } from '../errors.ts'
import { W } from '../keywords.ts'
import type { Tree } from '../parse.ts'
import type { Lookup } from '../resolve/lookup.ts'
import type { Scope } from '../resolve/scope.ts'
import { BlockSymbol, MacroSymbol, OptionalSymbol } from '../resolve/symbols.ts'
import type { Instances } from './instances.ts'

/** Of all `in`s of one name in one scope: what was missing, and how many containers there were then. */
interface Missed {
  part: number
  since: number
}

/**
 * Those before (or after) inheritance. The last in the text come first, as in libsepol; one that names what another
 * brings waits for it.
 */
export const expandIns = (instances: Instances, lookup: Lookup, after: boolean): void => {
  const { tree } = instances
  const missed = new Map<Scope, Map<number, Missed>>()
  const missedOf = ({ parent, node }: Scope): Missed => {
    const inScope = missed.get(parent!) ?? new Map<number, Missed>()
    missed.set(parent!, inScope)
    const name = tree.word[targetOf(tree, node)]!
    const of = inScope.get(name) ?? { part: -1, since: -1 }
    inScope.set(name, of)
    return of
  }
  let waiting = find(instances.policy, (node) =>
    (tree.word[tree.child(node, 1)] === W.after && !tree.isList(tree.child(node, 2))) === after)
  while (waiting.length > 0) {
    const still: Scope[] = []
    for (const statement of waiting) {
      const known = missedOf(statement)
      // Nothing of that name has come since: it is still missing.
      if (known.part >= 0 && (instances.lastContainer.get(known.part) ?? -1) < known.since) still.push(statement)
      else {
        known.since = instances.containers
        if (add(instances, lookup, statement)) known.part = -1
        else {
          known.part = lookup.missed
          still.push(statement)
        }
      }
    }
    if (still.length === waiting.length) {
      const atom = targetOf(tree, still.at(-1)!.node)
      throw new CilError('unresolved', `there is no block, macro or optional \`${tree.text(atom)}\``, tree.place(atom))
    }
    waiting = still
  }
}

/** The name behind `in`, `in before` or `in after`. */
const targetOf = (tree: Tree, node: number): number =>
  tree.child(node, tree.isList(tree.child(node, 2)) ? 1 : 2)

/** Adds what stands in an `in` to what it names; false when that is not there. */
const add = (instances: Instances, lookup: Lookup, { node, parent }: Scope): boolean => {
  const { tree } = instances
  const atom = targetOf(tree, node)
  const target = lookup.findContainer(parent!, tree.word[atom]!)
  if (target === null) return false
  let scope: Scope | null = null
  if (target instanceof BlockSymbol) scope = target.scopes[0]!
  else if (target instanceof MacroSymbol) scope = target.scope
  else if (target instanceof OptionalSymbol) {
    if (target.scopes.length > 1) {
      throw new CilError('wrong-kind', `\`${tree.text(atom)}\` is the name of several optionals`, tree.place(atom))
    }
    scope = target.scopes[0]!
  }
  instances.add(scope!, tree.next[atom]!, tree.next[node]!)
  return true
}

const find = (policy: Scope, isWanted: (node: number) => boolean): Scope[] => {
  const found: Scope[] = []
  const walk = (scope: Scope): void => {
    for (const item of scope.items) {
      if (typeof item === 'number') continue
      if (item.kind === 'in') {
        if (isWanted(item.node)) found.push(item)
      } else walk(item)
    }
  }
  walk(policy)
  return found.reverse()
}

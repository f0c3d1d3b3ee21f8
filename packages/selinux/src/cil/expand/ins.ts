/** in: statements that are added to a block, a macro or an optional declared elsewhere. */
import { CilError } from '../errors.ts'
import { W } from '../keywords.ts'
import type { Lookup } from '../resolve/lookup.ts'
import type { Scope } from '../resolve/scope.ts'
import { BlockSymbol, MacroSymbol, OptionalSymbol } from '../resolve/symbols.ts'
import type { Instances } from './instances.ts'

/** An `in` whose target is not there: the name that is missing, and the containers there were when it was looked for. */
interface Waiting {
  readonly statement: Scope
  readonly missed: number
  readonly since: number
}

/**
 * Those before (or after) inheritance. The last in the text come first, as in libsepol; one that names what another
 * brings waits for it.
 */
export const expandIns = (instances: Instances, lookup: Lookup, after: boolean): void => {
  const { tree } = instances
  let waiting: readonly Waiting[] = find(instances.policy, (node) =>
    (tree.word[tree.child(node, 1)] === W.after && !tree.isList(tree.child(node, 2))) === after)
    .map((statement) => ({ statement, missed: -1, since: -1 }))
  while (waiting.length > 0) {
    const still: Waiting[] = []
    for (const one of waiting) {
      const since = instances.containers
      const isHopeless = one.missed >= 0 && (instances.lastContainer.get(one.missed) ?? -1) < one.since
      if (isHopeless) still.push(one)
      else if (!add(instances, lookup, one.statement)) {
        still.push({ statement: one.statement, missed: lookup.missed, since })
      }
    }
    if (still.length === waiting.length) {
      const { node } = still.at(-1)!.statement
      const atom = tree.child(node, tree.isList(tree.child(node, 2)) ? 1 : 2)
      throw new CilError('unresolved', `there is no block, macro or optional \`${tree.text(atom)}\``, tree.place(atom))
    }
    waiting = still
  }
}

/** Adds what stands in an `in` to what it names; false when that is not there. */
const add = (instances: Instances, lookup: Lookup, { node, parent }: Scope): boolean => {
  const { tree } = instances
  const isNamedSecond = !tree.isList(tree.child(node, 2))
  const atom = tree.child(node, isNamedSecond ? 2 : 1)
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
  instances.add(scope!, tree.child(node, isNamedSecond ? 3 : 2), tree.next[node]!)
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

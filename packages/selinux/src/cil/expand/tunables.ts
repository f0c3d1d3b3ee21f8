/** tunableif: one branch stays, at the end of where the condition stood; the rest was never there. */
import { W } from '../keywords.ts'
import type { Lookup } from '../resolve/lookup.ts'
import type { Scope } from '../resolve/scope.ts'
import { TUNABLES } from '../resolve/spaces.ts'
import { BooleanSymbol } from '../resolve/symbols.ts'
import type { Instances } from './instances.ts'
import type { Optionals } from './optionals.ts'

export const expandTunables = (instances: Instances, lookup: Lookup, optionals: Optionals): void => {
  const { tree } = instances

  /** The value of a condition, null when it names no tunable. */
  const evaluate = (scope: Scope, node: number): boolean | null => {
    if (!tree.isList(node)) {
      const symbol = lookup.find(scope, TUNABLES, tree.word[node]!)
      return symbol instanceof BooleanSymbol ? symbol.state : optionals.missing(scope, node, 'tunable')
    }
    const operator = tree.isList(node + 1) ? -1 : tree.word[node + 1]!
    const isOperation = [W.not, W.and, W.or, W.xor, W.eq, W.neq].includes(operator)
    const values = tree.children(node, isOperation ? 1 : 0).map((operand) => evaluate(scope, operand))
    if (values.includes(null)) return null
    const [a, b] = values as boolean[]
    switch (operator) {
      case W.not: return !a
      case W.and: return a! && b!
      case W.xor: case W.neq: return a !== b
      case W.eq: return a === b
      default: return values.includes(true)
    }
  }

  const walk = (scope: Scope): void => {
    for (let i = 0; i < scope.items.length; i++) {
      const item = scope.items[i]!
      if (typeof item === 'number') continue
      if (item.kind !== 'tunableif') {
        walk(item)
        continue
      }
      const value = evaluate(scope, tree.child(item.node, 1))
      if (value === null) continue
      const branch = tree.children(item.node, 2).find((side) => (tree.word[side + 1] === W.true) === value)
      if (branch !== undefined) instances.add(scope, tree.next[branch + 1]!, tree.next[branch]!)
    }
    if (scope.items.some((item) => typeof item !== 'number' && item.kind === 'tunableif')) {
      scope.items = scope.items.filter((item) => typeof item === 'number' || item.kind !== 'tunableif')
    }
  }
  walk(instances.policy)
  optionals.drop()
}

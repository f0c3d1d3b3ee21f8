/** Orders: lists that each give a part, put together to the one order they allow. */
import { CilError } from '../errors.ts'
import type { Tree } from '../parse.ts'
import type { Order } from '../resolve/facts.ts'
import type { Declared } from '../resolve/scope.ts'

/**
 * The order of all that the lists name, `unordered` ones last. Throws CilError when the lists contradict each other or
 * leave a choice.
 */
export const mergeOrders = (tree: Tree, orders: readonly Order[]): Declared[] => {
  const lists = orders.filter(({ isUnordered }) => !isUnordered)
  const next = new Map<Declared, Set<Declared>>()
  const before = new Map<Declared, number>()
  for (const { symbols, node } of lists) {
    if (new Set(symbols).size !== symbols.length) {
      throw new CilError('bad-order', 'a name stands twice in this order', tree.place(node))
    }
    symbols.forEach((symbol, i) => {
      if (!next.has(symbol)) next.set(symbol, new Set())
      if (!before.has(symbol)) before.set(symbol, 0)
      const follower = symbols[i + 1]
      if (follower === undefined || next.get(symbol)!.has(follower)) return
      next.get(symbol)!.add(follower)
      before.set(follower, (before.get(follower) ?? 0) + 1)
    })
  }
  const merged: Declared[] = []
  let free = [...before].filter(([, count]) => count === 0).map(([symbol]) => symbol)
  while (free.length > 0) {
    if (free.length > 1) return refuse(tree, lists, free)
    const [symbol] = free as [Declared]
    merged.push(symbol)
    free = []
    for (const follower of next.get(symbol)!) {
      const left = before.get(follower)! - 1
      before.set(follower, left)
      if (left === 0) free.push(follower)
    }
  }
  if (merged.length < before.size) {
    const placed = new Set(merged)
    return refuse(tree, lists, [...before.keys()].filter((symbol) => !placed.has(symbol)))
  }
  const seen = new Set(merged)
  for (const { symbols } of orders.filter(({ isUnordered }) => isUnordered)) {
    for (const symbol of symbols) {
      if (!seen.has(symbol)) merged.push(symbol)
      seen.add(symbol)
    }
  }
  return merged
}

const refuse = (tree: Tree, lists: readonly Order[], among: readonly Declared[]): never => {
  const unclear = new Set(among)
  const involved = lists.filter(({ symbols }) => symbols.some((symbol) => unclear.has(symbol)))
  const names = among.slice(0, 3).map((symbol) => `\`${tree.names.text(symbol.name)}\``).join(', ')
  throw new CilError('bad-order', `the orders do not determine which comes first: ${names}`,
    tree.place((involved[0] ?? lists[0]!).node),
    { related: involved.slice(1, 4).map(({ node }) => ({ message: 'and this', place: tree.place(node) })) })
}

/** Throws CilError for a declared name that no order has. */
export const checkOrdered = (
  tree: Tree, declared: readonly Declared[], order: readonly Declared[], keyword: string,
): void => {
  const ordered = new Set(order)
  const left = declared.find((symbol) => !ordered.has(symbol))
  if (left === undefined) return
  throw new CilError('bad-order', `${left.flavor} \`${tree.names.text(left.name)}\` is in no ${keyword}`,
    tree.place(left.node))
}

/**
 * Paths through a graph of flows. A set of nodes is taken a step further at once, in words of bits: graphs of policies
 * have few nodes and very many edges.
 */
import { addBit, bitsOf, dropBit, hasBit, listBits, noBits } from './bits.ts'
import type { Bits } from './bits.ts'
import type { FlowEnds, FlowGraph } from './graph.ts'

/** Nodes by their distance to the nearest target, until one of `wanted` is among them or there are no more. */
const levelsBefore = (graph: FlowGraph, { from, to, without }: EndBits, most: number): Bits[] => {
  const seen = without.map((word, i) => word | to[i]!)
  const levels = [to]
  for (let level = to; levels.length <= most && !meets(level, from);) {
    const next = noBits(graph.size)
    for (const node of listBits(level)) {
      const before = graph.into(node)
      for (let i = 0; i < next.length; i++) next[i]! |= before[i]!
    }
    let isEmpty = true
    for (let i = 0; i < next.length; i++) {
      next[i]! &= ~seen[i]!
      seen[i]! |= next[i]!
      if (next[i] !== 0) isEmpty = false
    }
    if (isEmpty) break
    levels.push(level = next)
  }
  return levels
}

const meets = (a: Bits, b: Bits): boolean => a.some((word, i) => (word & b[i]!) !== 0)

interface EndBits {
  readonly from: Bits
  readonly to: Bits
  readonly without: Bits
}

const nothing: readonly number[] = []

const endBits = ({ size }: FlowGraph, ends: FlowEnds): EndBits => {
  const without = bitsOf(size, ends.without ?? nothing)
  const to = bitsOf(size, ends.to).map((word, i) => word & ~without[i]!)
  const from = bitsOf(size, ends.from).map((word, i) => word & ~without[i]! & ~to[i]!)
  return { from, to, without }
}

/**
 * All shortest paths from any of `from` to any of `to`, as lists of nodes, both ends included. Labels in `to` do not
 * start a path.
 */
export function* shortestPaths(graph: FlowGraph, ends: FlowEnds): Generator<number[]> {
  const bits = endBits(graph, ends)
  const levels = levelsBefore(graph, bits, graph.size)
  const steps = levels.length - 1
  const starts = levels[steps]!.map((word, i) => word & bits.from[i]!)
  yield* walk(graph, starts, bits.to, steps, levels)
}

/** All paths of at most `most` steps that visit no node twice and end at the first of `to` that they reach. */
export function* allPaths(graph: FlowGraph, ends: FlowEnds, most: number): Generator<number[]> {
  const bits = endBits(graph, ends)
  const levels = levelsBefore(graph, { ...bits, from: noBits(graph.size) }, most)
  const within: Bits[] = []
  for (let left = 0; left <= most; left++) {
    const [before, level] = [within[left - 1] ?? noBits(graph.size), levels[left]]
    within.push(level === undefined ? before : before.map((word, i) => word | level[i]!))
  }
  yield* walk(graph, bits.from, bits.to, most, within)
}

/** One of the shortest, null when there is none of at most `most` steps. */
export const shortestPath = (graph: FlowGraph, ends: FlowEnds, most = Infinity): number[] | null => {
  for (const path of shortestPaths(graph, ends)) return path.length - 1 > most ? null : path
  return null
}

/** Goes on to what `near` has: by steps left, the nodes from which a target can still be reached. */
function* walk(
  graph: FlowGraph, starts: Bits, targets: Bits, steps: number, near: readonly Bits[],
): Generator<number[]> {
  const path: number[] = []
  const onPath = noBits(graph.size)
  const ahead = [listBits(starts).reverse()]
  while (ahead.length > 0) {
    const node = ahead.at(-1)!.pop()
    if (node === undefined) {
      ahead.pop()
      const left = path.pop()
      if (left !== undefined) dropBit(onPath, left)
    } else if (hasBit(targets, node)) yield [...path, node]
    else {
      path.push(node)
      addBit(onPath, node)
      const allowed = near[steps - path.length]
      ahead.push(allowed === undefined ? [] : onward(graph.out(node), allowed, onPath))
    }
  }
}

/** Descending, for they are taken from the end. */
const onward = (out: Bits, allowed: Bits, onPath: Bits): number[] =>
  listBits(out.map((word, i) => word & allowed[i]!), onPath).reverse()

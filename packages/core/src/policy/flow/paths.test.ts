import { expect, test } from 'vitest'
import { allPaths, bitsOf, shortestPath, shortestPaths } from './index.ts'
import type { FlowGraph } from './index.ts'

const graphOf = (size: number, edges: readonly (readonly [number, number])[]): FlowGraph => ({
  size,
  out: (node) => bitsOf(size, edges.filter(([from]) => from === node).map(([, to]) => to)),
  into: (node) => bitsOf(size, edges.filter(([, to]) => to === node).map(([from]) => from)),
})

/** The plain way: every walk that repeats no node and stops at the first target. */
const plainPaths = (graph: FlowGraph, from: number[], to: number[], without: number[], most: number): number[][] => {
  const found: number[][] = []
  const go = (path: number[]): void => {
    const last = path.at(-1)!
    if (to.includes(last)) found.push(path)
    else if (path.length <= most) {
      for (let next = 0; next < graph.size; next++) {
        const isEdge = (graph.out(last)[next >>> 5]! & (1 << (next & 31))) !== 0
        if (isEdge && !path.includes(next) && !without.includes(next)) go([...path, next])
      }
    }
  }
  for (const start of from) if (!to.includes(start) && !without.includes(start)) go([start])
  return found
}

const texts = (paths: Iterable<readonly number[]>): string[] => Array.from(paths, String).sort()

test('agrees with a plain search on random graphs', () => {
  let seed = 5
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
    return (seed >>> 8) % below
  }
  let paths = 0
  for (let round = 0; round < 120; round++) {
    const size = 33 + random(4)
    const nodes = 3 + random(6)
    // Nodes on both sides of the border of a word.
    const node = (): number => 29 + random(Math.min(nodes, size - 29))
    const edges = Array.from({ length: random(22) }, () => [node(), node()] as const).filter(([a, b]) => a !== b)
    const graph = graphOf(size, edges)
    const [from, to, without] = [[node(), node()], [node()], random(2) === 0 ? [] : [node()]]
    const most = 1 + random(5)
    const ends = { from, to: to.filter((each) => !without.includes(each)), without }
    const plain = plainPaths(graph, [...new Set(from)], ends.to, without, most)
    expect(texts(allPaths(graph, ends, most))).toEqual(texts(plain))
    const any = plainPaths(graph, [...new Set(from)], ends.to, without, size)
    const least = Math.min(...any.map(({ length }) => length))
    expect(texts(shortestPaths(graph, ends))).toEqual(texts(any.filter(({ length }) => length === least)))
    expect(shortestPath(graph, ends) === null).toBe(any.length === 0)
    paths += any.length
  }
  expect(paths).toBeGreaterThan(100)
})

test('a node that is both an end and left out gives nothing', () => {
  const graph = graphOf(3, [[0, 1], [1, 2]])
  expect(texts(shortestPaths(graph, { from: [0], to: [2] }))).toEqual(['0,1,2'])
  expect(texts(shortestPaths(graph, { from: [0], to: [2], without: [1] }))).toEqual([])
  expect(texts(shortestPaths(graph, { from: [0], to: [2], without: [0] }))).toEqual([])
  expect(texts(allPaths(graph, { from: [0], to: [0] }, 5))).toEqual([])
})

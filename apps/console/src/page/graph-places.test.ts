/** Places of the nodes of a graph: every label has a row and a side of its own, within the width. */
import { describe, expect, test } from 'vitest'
import { placesOf } from './graph-places.ts'

const to = (...names: string[]) => names.map((target) => ({ source: 'c', target }))
const from = (...names: string[]) => names.map((source) => ({ source, target: 'c' }))
const many = Array.from({ length: 50 }, (_, i) => `t${i}`)

describe.each([320, 700, 1200])('%d pixels wide', (width) => {
  test.each([
    ['no neighbour', []],
    ['one that both lead to the other', [...to('a'), ...from('a')]],
    ['on both sides', [...to('a', 'b'), ...from('x', 'y', 'z')]],
    ['many', [...to(...many), ...from(...many.map((name) => `${name}_s`))]],
    ['some far from the centre', [...to('a'), { source: 'a', target: 'far' }]],
  ])('%s', (_, edges) => {
    const { height, of } = placesOf(edges, 'c', width)
    const all = [...of].filter(([name]) => name !== 'c').map(([, place]) => place)
    expect(new Set([...of.keys()])).toEqual(new Set(['c', ...edges.flatMap((edge) => [edge.source, edge.target])]))
    for (const side of ['left', 'right']) {
      const rows = all.filter((one) => one.side === side).map(({ y }) => y).sort((a, b) => a - b)
      for (const [i, y] of rows.entries()) if (i > 0) expect(y - rows[i - 1]!).toBeGreaterThanOrEqual(16)
    }
    for (const { x, y, room } of all) {
      expect(room).toBeGreaterThan(60)
      expect(x).toBeGreaterThan(0)
      expect(x).toBeLessThan(width)
      expect(y).toBeGreaterThan(0)
      expect(y).toBeLessThan(height)
    }
  })
})

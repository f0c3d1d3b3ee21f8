/**
 * Places for the nodes of a graph, so that labels lie beside one another: each has a row of its own. Names that lead to
 * the centre are on its left, those that it leads to on its right, with all others below these.
 */

export interface Place {
  readonly x: number
  readonly y: number
  /** The side of the node on which its label is. */
  readonly side: 'left' | 'right'
  /** Pixels that the label has. */
  readonly room: number
}

export interface Places {
  readonly height: number
  readonly of: ReadonlyMap<string, Place>
}

interface Edge {
  readonly source: string
  readonly target: string
}

/** Pixels. */
const ROW = 22
const MARGIN = 10
/** From a node to its label. */
const GAP = 12
const LEAST = 180

const columnsOf = (edges: readonly Edge[], centre: string): readonly (readonly string[])[] => {
  const names = new Set(edges.flatMap(({ source, target }) => [source, target]))
  names.delete(centre)
  const right = new Set(edges.filter(({ source }) => source === centre).map(({ target }) => target))
  const left = new Set(edges.filter(({ target }) => target === centre).map(({ source }) => source))
  const all = [...names].sort()
  return [
    all.filter((name) => left.has(name) && !right.has(name)),
    all.filter((name) => right.has(name)),
    all.filter((name) => !left.has(name) && !right.has(name)),
  ]
}

export const placesOf = (edges: readonly Edge[], centre: string, width: number): Places => {
  const [left = [], right = [], rest = []] = columnsOf(edges, centre)
  const rows = Math.max(left.length, right.length + rest.length, 1)
  const height = Math.max(LEAST, (rows + 1) * ROW + 2 * MARGIN)
  // names on the right have the wider half where there are more of them
  const middle = left.length === 0 ? width * 0.3 : width / 2
  const apart = Math.min(70, width * 0.1)
  const of = new Map<string, Place>()
  const column = (names: readonly string[], x: number, side: Place['side'], from: number): void => {
    const room = (side === 'left' ? x : width - x) - GAP - MARGIN
    for (const [i, name] of names.entries()) of.set(name, { x, y: from + i * ROW, side, room })
  }
  const from = (count: number): number => (height - (count - 1) * ROW) / 2 + ROW / 2
  column(left, middle - apart, 'left', from(left.length))
  column([...right, ...rest], middle + apart, 'right', from(right.length + rest.length))
  // its label stands above all rows
  of.set(centre, { x: middle, y: height / 2, side: 'left', room: Math.max(60, width - 2 * MARGIN) })
  return { height, of }
}

/** The matrix as text: a row an attempt, a column a stack, and in each cell what came of it and who refused. */
import { longest, wrap } from './layout.ts'
import type { Colors } from './layout.ts'
import type { Outcome } from './outcome.ts'

export interface MatrixRow {
  readonly title: string
  /** null: not tried in this column. */
  readonly cells: readonly (Outcome | null)[]
}

/** Characters that a column's title may have in a line; no LSM or hook is cut by it. */
const TITLE = 18
const GAP = 2

/** Two lines a cell: the error and the LSM, and below them the hook. */
const cellLines = (cell: Outcome | null): readonly [string, string] => {
  if (cell === null) return ['', '']
  const { errno, hook, lsm } = cell
  return errno === null ? ['ok', ''] : [lsm === null ? errno : `${errno} ${lsm}`, hook ?? '']
}

interface MatrixColumn {
  readonly title: readonly string[]
  readonly cells: readonly (Outcome | null)[]
  readonly width: number
}

/**
 * As many columns side by side as `width` has room for; the others on pages of their own. A second line of a row is
 * left out if no cell has a hook to show, and a row if nothing was tried on the page.
 */
export const matrixPages = (
  titles: readonly string[], rows: readonly MatrixRow[], width: number, colors: Colors,
): string[][] => {
  const first = longest(rows.map(({ title }) => title)) + GAP
  const columns = titles.map((text, i): MatrixColumn => {
    const [title, cells] = [wrap(text, TITLE), rows.map((row) => row.cells[i] ?? null)]
    return { title, cells, width: longest([...title, ...cells.flatMap(cellLines)]) }
  })
  const pages: MatrixColumn[][] = []
  let room = 0
  for (const column of columns) {
    if (pages.length === 0 || room < column.width) {
      pages.push([])
      room = width - first
    }
    pages.at(-1)!.push(column)
    room -= column.width + GAP
  }
  return pages.map((page) => pageLines(page, rows.map(({ title }) => title.padEnd(first)), colors))
}

const pageLines = (columns: readonly MatrixColumn[], heads: readonly string[], colors: Colors): string[] => {
  type Paint = (text: string, i: number) => string
  const line = (head: string, texts: readonly string[], paint: Paint): string => {
    const end = texts.findLastIndex((text) => text !== '')
    const cells = texts.slice(0, end + 1)
      .map((text, i) => paint(i === end ? text : text.padEnd(columns[i]!.width + GAP), i))
    return (head + cells.join('')).trimEnd()
  }
  const blank = ' '.repeat(heads[0]!.length)
  const titleLines = Math.max(...columns.map(({ title }) => title.length))
  const titles = Array.from({ length: titleLines }, (_, n) =>
    line(blank, columns.map(({ title }) => title[n] ?? ''), colors.bold))
  const lines = heads.flatMap((head, row) => {
    const cells = columns.map((column) => column.cells[row]!)
    if (cells.every((cell) => cell === null)) return []
    const paint: Paint = (text, i) => ((cells[i]?.errno ?? null) === null ? colors.green : colors.red)(text)
    const texts = cells.map(cellLines)
    const hooks = texts.map(([, hook]) => hook)
    const top = line(head, texts.map(([text]) => text), paint)
    return hooks.every((hook) => hook === '') ? [top] : [top, line(blank, hooks, colors.dim)]
  })
  return [...titles, ...lines]
}

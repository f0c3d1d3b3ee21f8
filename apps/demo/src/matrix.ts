/** The matrix as text: a row an attempt, a column a stack, and in each cell what came of it and who refused. */
import type { Colors } from './report.ts'
import type { Outcome } from './outcome.ts'

export interface MatrixRow {
  readonly title: string
  /** null: not tried in this column. */
  readonly cells: readonly (Outcome | null)[]
}

/** Two lines a cell: the error and the LSM, and below them the hook. */
const cellLines = (cell: Outcome | null): readonly [string, string] => {
  if (cell === null) return ['', '']
  const { errno, hook, lsm } = cell
  return errno === null ? ['ok', ''] : [lsm === null ? errno : `${errno} ${lsm}`, hook ?? '']
}

const width = (texts: readonly string[]): number => Math.max(...texts.map((text) => text.length)) + 2

/** Lines without an end. A second line is left out where no cell has a hook to tell. */
export const matrixLines = (titles: readonly string[], rows: readonly MatrixRow[], colors: Colors): string[] => {
  const first = width(rows.map(({ title }) => title))
  const widths = titles.map((title, i) => width([title, ...rows.flatMap(({ cells }) => cellLines(cells[i] ?? null))]))
  const line = (head: string, texts: readonly string[], paint: (text: string, i: number) => string): string =>
    (head.padEnd(first) + texts.map((text, i) => paint(text.padEnd(widths[i]!), i)).join('')).trimEnd()
  return [
    line('', titles, colors.bold),
    ...rows.flatMap(({ title, cells }) => {
      const texts = cells.map(cellLines)
      const done = cells.map((cell) => cell === null || cell.errno === null)
      const top = line(title, texts.map(([text]) => text), (text, i) => (done[i] ? colors.green : colors.red)(text))
      const hooks = texts.map(([, hook]) => hook)
      return hooks.every((hook) => hook === '') ? [top] : [top, line('', hooks, colors.dim)]
    }),
  ]
}

/**
 * Tab separated tables: a header line, comment lines that start with `#`, and rows told apart by their first
 * column.
 */
import { UsageError } from './suite.ts'

export type TableRow = Readonly<Record<string, string>>

/** Data lines of a table, without comments and empty lines. */
export const dataLines = (text: string): string[] =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))

/** Rows of a table whose first data line names its columns. Missing trailing cells read as ''. */
export const parseTable = (text: string, path: string, needed: readonly string[]): TableRow[] => {
  const [header = '', ...lines] = dataLines(text)
  const columns = header.split('\t')
  const missing = needed.filter((name) => !columns.includes(name))
  if (missing.length > 0) throw new UsageError(`\`${path}\` has no column \`${missing.join('`, `')}\``)
  return lines.map((line) => {
    const cells = line.split('\t')
    return Object.fromEntries(columns.map((name, i) => [name, cells[i] ?? '']))
  })
}

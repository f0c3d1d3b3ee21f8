/** Pieces of BENCHMARKS.md. */
import type { BenchResult, CellResult, Target } from '../harness/result.ts'

/** Three digits, in the unit that keeps them readable. */
export const readable = (value: number): string =>
  Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)))

const escaped = (text: string): string => text.replaceAll('|', '\\|')

export const tableOf = (head: readonly string[], body: readonly (readonly string[])[]): string =>
  [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...body]
    .map((row) => `| ${row.map(escaped).join(' | ')} |`).join('\n')

export const targetTable = (targets: readonly Target[]): string =>
  tableOf(['target', 'measured', 'asked', ''], targets.map(({ name, value, op, target, ok }) =>
    [name, readable(value), `${op} ${readable(target)}`, ok ? 'met' : '**missed**']))

export const cellTable = (cells: readonly CellResult[]): string =>
  tableOf(['', 'median', 'interval', 'processes', 'unit'], cells.map(({ name, value, low, high, processes, unit }) =>
    [name, readable(value), `${readable(low)} … ${readable(high)}`, String(processes ?? ''), unit]))

/** The cells of a result by name. */
export const byName = ({ cells }: BenchResult): ReadonlyMap<string, CellResult> =>
  new Map(cells.map((cell) => [cell.name, cell]))

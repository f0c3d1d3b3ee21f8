/** Costs of hooks as a table for people. */
import { errnoName } from '@lsmkit/abi'
import type { HookCost } from './hook-costs.ts'

const HEAD = ['hook', 'first call', 'empty', 'later calls', 'empty', 'more', 'answer']

/** `1234.5` nanoseconds are `1.23 µs`. */
const timeText = (nanoseconds: number): string => {
  const [size, unit] = nanoseconds < 999.5 ? [1, 'ns'] : nanoseconds < 999_500 ? [1e3, 'µs'] : [1e6, 'ms']
  return `${(nanoseconds / size).toPrecision(3)} ${unit}`
}

const rowOf = ({ hook, first, later, empty, answer }: HookCost): readonly string[] => [
  hook, timeText(first), timeText(empty.first), timeText(later), timeText(empty.later),
  later > empty.later ? timeText(later - empty.later) : '0 ns', answer < 0 ? errnoName(answer) : String(answer),
]

/** A heading and a line a hook. `empty` is the same hook of a module that does nothing, `more` the difference. */
export const costLines = (costs: readonly HookCost[]): readonly string[] => {
  const rows = [HEAD, ...costs.map(rowOf)]
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '))
}

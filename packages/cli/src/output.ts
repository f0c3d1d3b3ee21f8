/** What commands print by, their exit codes, and the version of what `--json` prints. */
import type pc from 'picocolors'

/** Exit codes that scripts may rely on. */
export const EXIT = { ok: 0, denied: 1, usage: 2, badInput: 3 } as const

export interface Output {
  /** A line of the result. */
  print(line: string): void
  /** A line about the run: progress, warnings. */
  note(line: string): void
  readonly colors: ReturnType<typeof pc.createColors>
}

/** Grows when a reader of the older documents would be wrong; new fields do not count. */
const JSON_SCHEMA = 1

/** One JSON document as the result: `schema`, then what the command has to tell. */
export const printJson = (out: Output, value: object): void =>
  out.print(JSON.stringify({ schema: JSON_SCHEMA, ...value }, null, 2))

/** Columns of text, each as wide as its widest cell; the last one is not padded. */
export const table = (rows: readonly (readonly string[])[]): string[] => {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i]!)).join('  ').trimEnd())
}

/** Where a command writes and how: results on stdout, talk on stderr, colours only where they are wanted. */
import pc from 'picocolors'

/** Exit codes that scripts may rely on. */
export const EXIT = { ok: 0, denied: 1, usage: 2, badInput: 3 } as const

export interface Output {
  /** A line of the result. */
  print(line: string): void
  /** A line about the run: progress, warnings. */
  note(line: string): void
  readonly colors: ReturnType<typeof pc.createColors>
}

export const processOutput = (): Output => ({
  print: (line) => void process.stdout.write(`${line}\n`),
  note: (line) => void process.stderr.write(`${line}\n`),
  colors: pc.createColors(pc.isColorSupported && process.stdout.isTTY === true),
})

/** Columns of text, each as wide as its widest cell; the last one is not padded. */
export const table = (rows: readonly (readonly string[])[]): string[] => {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
  return rows.map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!))).join('  ').trimEnd())
}

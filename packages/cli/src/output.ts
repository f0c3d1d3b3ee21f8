/** Output of commands, their exit codes, and the version of the documents that `--json` prints. */
import { printableJson } from '@lsmkit/abi/safe-text'
import type pc from 'picocolors'

/** Exit codes that scripts may rely on. */
export const EXIT = { ok: 0, denied: 1, usage: 2, badInput: 3 } as const

export interface Output {
  /** A line of the result: one, even where a name in it has more (safe-output.ts). */
  print(line: string): void
  /** A line about the run: progress, warnings. */
  note(line: string): void
  readonly colors: ReturnType<typeof pc.createColors>
}

/** A text of ours that has several lines. Names from outside in it are one line each already. */
export const printLines = (out: Pick<Output, 'print'>, text: string): void => {
  for (const line of text.split('\n')) out.print(line)
}
export const noteLines = (out: Pick<Output, 'note'>, text: string): void => {
  for (const line of text.split('\n')) out.note(line)
}

/** Grows when a reader of the older documents would be wrong; new fields do not count. */
const JSON_SCHEMA = 1

/** One JSON document as the result: `schema`, then the data of the command. */
export const printJson = (out: Output, value: object): void =>
  printLines(out, printableJson(JSON.stringify({ schema: JSON_SCHEMA, ...value }, null, 2)))

/** The same for what may be too long for one text: an iterable is a list, an item of it a line. */
export const printLongJson = (out: Output, value: object): void => {
  for (const line of jsonLines({ schema: JSON_SCHEMA, ...value }, '', '')) out.print(printableJson(line))
}

function* jsonLines(value: unknown, head: string, indent: string): Generator<string> {
  if (typeof value !== 'object' || value === null) yield `${indent}${head}${JSON.stringify(value)}`
  else if (Symbol.iterator in value) yield* jsonBlock('[]', listItems(value as Iterable<unknown>, indent), head, indent)
  else yield* jsonBlock('{}', fields(value, indent), head, indent)
}

function* listItems(items: Iterable<unknown>, indent: string): Generator<string[]> {
  for (const item of items) yield [`${indent}  ${JSON.stringify(item)}`]
}

function* fields(value: object, indent: string): Generator<Iterable<string>> {
  for (const [name, field] of Object.entries(value)) yield jsonLines(field, `${JSON.stringify(name)}: `, `${indent}  `)
}

/** Each part but the last ends with a comma. */
function* jsonBlock(
  [open, close]: string, parts: Iterable<Iterable<string>>, head: string, indent: string,
): Generator<string> {
  let held = `${indent}${head}${open}`
  let comma = ''
  for (const part of parts) {
    let end = comma
    for (const line of part) {
      yield held + end
      held = line
      end = ''
    }
    comma = ','
  }
  yield held
  yield `${indent}${close}`
}

/** Columns of text, each as wide as its widest cell; the last one is not padded. */
export const table = (rows: readonly (readonly string[])[]): string[] => {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i]!)).join('  ').trimEnd())
}

/** Of a terminal. */
export const COLUMNS = 80

/** The same within 80 columns: what does not fit of the last column goes on below it. */
export const tableWithin = (rows: readonly (readonly string[])[]): string[] => {
  const last = (rows[0]?.length ?? 1) - 1
  const heads = table(rows.map((row) => [...row.slice(0, last), '|'])).map((line) => line.slice(0, -1))
  return rows.flatMap((row, i) => {
    const indent = ' '.repeat(heads[i]!.length)
    const [first = '', ...more] = wrap(row[last] ?? '', indent, COLUMNS)
    return [heads[i]! + first.slice(indent.length), ...more]
  })
}

const WIDTH = 100

/** A text in lines of at most so many columns, each with the indent in front. */
export const wrap = (text: string, indent: string, columns = WIDTH): string[] => {
  const lines: string[] = []
  let line = indent
  for (const word of text.split(' ')) {
    if (line.length > indent.length && line.length + word.length >= columns) {
      lines.push(line)
      line = indent
    }
    line += line === indent ? word : ` ${word}`
  }
  return [...lines, line]
}

/** `1 rule`, `2 rules`. */
export const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`

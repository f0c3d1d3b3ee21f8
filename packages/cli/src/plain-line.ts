/**
 * Reads the words of a command whose options come before its operands, straight from their table: commander takes
 * milliseconds to load. It is left lines that are not plain: those with mistakes, or `--help`.
 */
import type { Row } from './option-row.ts'

interface PlainLine {
  /** By their keys, as commander names them. */
  readonly options: Readonly<Record<string, unknown>>
  /** The first of the operands, and the others. */
  readonly operand: string
  readonly rest: readonly string[]
}

const namesOf = ({ flags }: Row): string[] => flags.replaceAll(',', '').split(' ').filter((word) => word[0] === '-')

/** `permissiveLsm` of `--permissive-lsm <names>`. */
const keyOf = (row: Row): string => {
  const [first, ...more] = namesOf(row).at(-1)!.slice('--'.length).split('-')
  return first + more.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('')
}

/** Undefined for a text that the option does not take. */
const valueOf = ({ read }: Row, text: string, before: unknown): unknown => {
  try {
    return read === undefined ? text : read(text, before as never)
  } catch {
    return undefined
  }
}

/** `--name=text` as its two parts. */
const cut = (word: string): readonly [name: string, text: string | undefined] => {
  const at = word.indexOf('=')
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)]
}

/** Null for a line that is not plain. */
export const plainLine = (rows: readonly Row[], words: readonly string[]): PlainLine | null => {
  const options = new Map<string, unknown>()
  for (const row of rows) if (row.standard !== undefined) options.set(keyOf(row), row.standard)
  let at = 0
  while (words[at]?.[0] === '-') {
    const [name, text] = cut(words[at++]!)
    const row = rows.find((one) => namesOf(one).includes(name))
    if (row === undefined) return null
    const isSwitch = !row.flags.endsWith('>')
    const given = isSwitch ? text : text ?? words[at++]
    if (isSwitch !== (given === undefined)) return null
    const value = isSwitch ? true : valueOf(row, given!, options.get(keyOf(row)))
    if (value === undefined) return null
    options.set(keyOf(row), value)
  }
  const operand = words[at]
  if (operand === undefined) return null
  return { options: Object.fromEntries(options), operand, rest: words.slice(at + 1) }
}

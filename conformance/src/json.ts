/** JSON tables: parsed with a usage error for invalid JSON, and compared as text with sorted keys. */
import { UsageError } from './suite.ts'
import type { Input, Row } from './suite.ts'

export const parseJson = <T>({ path, text }: Pick<Input, 'path' | 'text'>): T => {
  try {
    return JSON.parse(text) as T
  } catch (error) {
    throw new UsageError(`\`${path}\` is not JSON: ${(error as Error).message}`)
  }
}

/** A value a line, each with where it stands; empty lines count as none. */
export function* parseJsonLines<T>({ path, text }: Pick<Input, 'path' | 'text'>): Generator<T> {
  for (const [i, line] of text.split('\n').entries())
    if (line.trim() !== '') yield parseJson<T>({ path: `${path}:${i + 1}`, text: line })
}

/** A record of a session's file; of a line that is not a JSON object it is null. */
export interface JsonRecord<T> {
  /** From 1. */
  readonly at: number
  readonly text: string
  readonly record: T | null
}

/** The records of a file, a line each. A line that cannot be read does not end the suite: its row differs. */
export function* jsonRecords<T extends object>(text: string): Generator<JsonRecord<T>> {
  for (const [i, line] of text.split('\n').entries())
    if (line.trim() !== '') yield { at: i + 1, text: line, record: objectOf<T>(line) }
}

const objectOf = <T extends object>(line: string): T | null => {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as T) : null
  } catch {
    return null
  }
}

/** The row of a line that is not a record. */
export const unreadable = ({ at, text }: JsonRecord<unknown>): Row =>
  ({ id: `line ${at}`, expected: 'a record of a session', got: `unknown wording \`${text.slice(0, 80)}\`` })

/** One text for equal values: keys of objects sorted, `undefined` left out. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )

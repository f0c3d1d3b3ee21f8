/** JSON tables: parsed with a usage error for invalid JSON, and compared as text with sorted keys. */
import { UsageError } from './suite.ts'
import type { Input } from './suite.ts'

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

/** One text for equal values: keys of objects sorted, `undefined` left out. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )

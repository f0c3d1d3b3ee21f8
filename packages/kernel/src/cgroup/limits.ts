/** Limits as their files show and take them: a number, or `max`. */
import { strstrip } from './number.ts'
import type { Parsed } from './number.ts'

export const maxText = (value: number, most: number): string => (value === most ? 'max\n' : `${value}\n`)

/** Parses a limit with `parse`; `max` means `most`. */
export const parseLimit = (text: string, parse: (text: string) => Parsed, most: number): Parsed =>
  strstrip(text) === 'max' ? { value: most } : parse(strstrip(text))

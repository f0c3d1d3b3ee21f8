/** Rules as strings that an automaton matches: expressions whose parts a NUL sets apart, and what a match allows. */
import type { RuleMode } from '../dfa/mark.ts'
import type { ClassRule, FileEntry } from './ast.ts'

export interface EncodedRule {
  /** Expressions in text; between two of them stands a NUL. */
  readonly parts: readonly string[]
  readonly perms: number
  readonly audit: number
  readonly priority: number
  readonly mode: RuleMode
  /** The rule that it stands for; null for what every policy of the target has. */
  readonly rule: FileEntry | ClassRule | null
}

export const hexByte = (byte: number): string => `\\x${byte.toString(16).padStart(2, '0')}`

/** Two bytes, the higher first. */
export const hexWord = (word: number): string => hexByte(word >> 8 & 0xff) + hexByte(word & 0xff)

/** Any text without NUL. */
export const ANYTHING = '[^\\000]*'
export const SOMETHING = '[^\\000]+'

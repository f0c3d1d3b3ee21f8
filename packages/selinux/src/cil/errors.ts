/** Errors in a policy's source: a code for programs, a sentence, a place, and advice. */
import { oneLine, printable, withHint } from '@lsmkit/abi'
import type { Place } from './sources.ts'

export type CilErrorCode =
  // The text.
  | 'bad-character' | 'unbalanced' | 'too-deep' | 'bad-line-mark' | 'not-in-a-list' | 'too-big'
  // One statement.
  | 'unknown-keyword' | 'bad-syntax' | 'bad-name' | 'bad-value' | 'bad-expression' | 'misplaced' | 'not-yet'
  // Statements together.
  | 'redeclared' | 'unresolved' | 'wrong-kind' | 'circular' | 'recursive' | 'bad-arguments' | 'unused-alias'
  | 'bad-order' | 'conflict' | 'too-many' | 'missing' | 'bad-context' | 'bad-range'
  // The policy as a whole.
  | 'neverallow' | 'bounds'

/** Another place that matters: where the name was first declared, which rule breaks the assertion. */
export interface Related {
  readonly message: string
  readonly place: Place
}

export interface CilErrorParts {
  readonly hint?: string | null
  readonly related?: readonly Related[]
}

/** One mistake in the source. */
export class CilError extends Error {
  /** The message without the hint, which is behind it in brackets. */
  readonly summary: string
  readonly code: CilErrorCode
  readonly place: Place | null
  readonly hint: string | null
  readonly related: readonly Related[]

  constructor(
    code: CilErrorCode, message: string, place: Place | null, { hint = null, related = [] }: CilErrorParts = {},
  ) {
    const summary = oneLine(message)
    super(withHint(summary, hint))
    this.summary = summary
    this.name = 'CilError'
    this.code = code
    this.place = place
    this.hint = hint === null ? null : oneLine(hint)
    this.related = related
  }

  /** For a terminal: the place and the sentence, the line with a mark under it, the hint, the related places. */
  override toString(): string {
    const lines = placeLines(this.summary, this.place)
    if (this.hint !== null) lines.push(`  ${this.hint}`)
    for (const { message, place } of this.related) {
      const [first, ...rest] = placeLines(message, place)
      lines.push(`  ${first}`, ...rest)
    }
    return lines.join('\n')
  }
}

/** `file:line:column: message`, the line itself, and a mark under the column. */
export const placeLines = (message: string, place: Place | null): string[] => {
  const line = `${spot(place)}${oneLine(message)}`
  return place === null ? [line] : [line, ...marked(place)]
}

const spot = (place: Place | null): string => {
  if (place === null) return ''
  const from = place.origin === undefined ? '' : ` (from ${place.origin.file}:${place.origin.line})`
  return oneLine(`${place.file}:${place.line}:${place.column}${from}: `)
}

const marked = ({ excerpt, column }: Place): string[] => {
  const shown = `  ${printable(excerpt)}`
  const before = printable(excerpt.slice(0, column - 1)).replace(/[^\t]/g, ' ')
  return column > excerpt.length ? [shown] : [shown, `  ${before}^`]
}

/** A warning of a compiler that does not refuse the policy. */
export interface CilWarning {
  readonly code: 'unknown-permission' | 'unused-order' | 'expand-conflict' | 'optional-disabled'
  readonly message: string
  readonly place: Place
}

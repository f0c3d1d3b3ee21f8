/** Errors in policy sources: a code, a sentence, the place in the file that was written, the macros in between. */
import { oneLine, withHint } from '@lsmkit/abi'
import { placeLines } from '../cil/errors.ts'
import type { Related } from '../cil/errors.ts'
import type { Place } from '../cil/sources.ts'

export type SourceErrorCode =
  // Macros.
  | 'unbalanced' | 'too-deep' | 'too-many' | 'refused' | 'bad-arguments' | 'macro-error' | 'duplicate-macro'
  // The policy language.
  | 'bad-character' | 'bad-syntax' | 'unknown-macro' | 'bad-value' | 'misplaced'
  // Statements together.
  | 'unresolved' | 'redeclared' | 'wrong-kind' | 'bad-name' | 'missing' | 'conflict' | 'too-big'
  // Layouts and options.
  | 'bad-option' | 'bad-file'

export interface SourceErrorParts {
  readonly hint?: string | null
  /** The calls that brought the text there, the innermost first. */
  readonly chain?: readonly Related[]
}

/** One mistake in a policy's source. */
export class SourceError extends Error {
  readonly code: SourceErrorCode
  /** The message without the hint, which is behind it in brackets. */
  readonly summary: string
  readonly place: Place | null
  readonly hint: string | null
  readonly chain: readonly Related[]

  constructor(
    code: SourceErrorCode, message: string, place: Place | null, { hint = null, chain = [] }: SourceErrorParts = {},
  ) {
    const summary = oneLine(message)
    super(withHint(summary, hint))
    this.name = 'SourceError'
    this.code = code
    this.summary = summary
    this.place = place
    this.hint = hint === null ? null : oneLine(hint)
    this.chain = chain
  }

  /** For a terminal: the place and the sentence, the line with a mark under it, the hint, the calls. */
  override toString(): string {
    const lines = placeLines(this.summary, this.place)
    if (this.hint !== null) lines.push(`  ${this.hint}`)
    for (const { message, place } of this.chain) {
      lines.push(...placeLines(message, place).map((line, i) => (i === 0 ? `  ${line}` : line)))
    }
    return lines.join('\n')
  }
}

/** A remark on a policy that compiles. */
export interface SourceWarning {
  readonly code: 'macro-warning' | 'unknown-permission' | 'unused-file' | 'empty-set'
  readonly message: string
  readonly place: Place | null
}

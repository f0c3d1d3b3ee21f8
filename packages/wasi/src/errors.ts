/** `@lsmkit/wasi/errors`: errors in a program before it runs: a code for machines, a sentence and a hint for people. */
import { oneLine, withHint } from '@lsmkit/abi'

export type ProgramErrorCode =
  | 'not-a-module'
  | 'malformed-module'
  | 'unsupported-module'
  | 'unknown-import'
  | 'no-entry'
  | 'memory-limit'
  | 'time-limit'
  | 'needs-others'
  | 'cannot-wait'
  | 'no-terminal'
  | 'ended'
  | 'bad-value'

/** A program that cannot be compiled or run here. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError'
  readonly code: ProgramErrorCode
  /** The message without the hint, which is behind it in brackets. */
  readonly summary: string
  /** Advice; may be empty. */
  readonly hint: string

  constructor(code: ProgramErrorCode, message: string, hint = '') {
    const summary = oneLine(message)
    super(withHint(summary, hint))
    this.summary = summary
    this.code = code
    this.hint = oneLine(hint)
  }
}

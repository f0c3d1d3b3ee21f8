/** A question that names what the policy does not have, cannot be asked, or has more answers than can be held. */
import { oneLine, withHint } from '@lsmkit/abi'

export type QueryErrorCode = 'unknown-name' | 'bad-value' | 'too-many'

/** A question with a name that the policy does not have, or an invalid expression. */
export class QueryError extends Error {
  readonly code: QueryErrorCode
  /** The message without the hint, which is behind it in brackets. */
  readonly summary: string
  readonly hint: string | null

  constructor(code: QueryErrorCode, message: string, hint: string | null = null) {
    const summary = oneLine(message)
    super(withHint(summary, hint))
    this.summary = summary
    this.name = 'QueryError'
    this.code = code
    this.hint = hint === null ? null : oneLine(hint)
  }
}

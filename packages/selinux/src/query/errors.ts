/** A question that names what the policy does not have, or cannot be asked. */
export type QueryErrorCode = 'unknown-name' | 'bad-value'

export class QueryError extends Error {
  readonly code: QueryErrorCode
  readonly hint: string | null

  constructor(code: QueryErrorCode, message: string, hint: string | null = null) {
    super(message)
    this.name = 'QueryError'
    this.code = code
    this.hint = hint
  }
}

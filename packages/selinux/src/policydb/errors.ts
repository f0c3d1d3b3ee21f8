/** Why bytes are not a policy, or a policy cannot be written: a code, a sentence, a place, and what to do about it. */
import { oneLine, withHint } from '@lsmkit/abi'

export type PolicyErrorCode =
  | 'not-a-policy' | 'module' | 'unsupported-target' | 'unsupported-version' | 'truncated' | 'trailing-bytes'
  | 'bad-count' | 'bad-string' | 'bad-ebitmap' | 'bad-value' | 'bad-reference' | 'duplicate' | 'bad-expression'
  | 'missing' | 'not-expressible' | 'incompatible'

/** Thrown by `readPolicy` and `writePolicy`. */
export class PolicyError extends Error {
  readonly code: PolicyErrorCode
  /** Byte offset in the file where the mistake begins, -1 when it is at no one place. */
  readonly offset: number
  /** The message without the hint, which is behind it in brackets. */
  readonly summary: string
  readonly hint: string | null

  constructor(code: PolicyErrorCode, message: string, offset = -1, hint: string | null = null) {
    const summary = oneLine(offset < 0 ? message : `${message}, at offset ${offset}`)
    super(withHint(summary, hint))
    this.summary = summary
    this.name = 'PolicyError'
    this.code = code
    this.offset = offset
    this.hint = hint === null ? null : oneLine(hint)
  }
}

/** Mistakes in capability texts, masks and states that a person wrote; hooks answer with numbers and throw nothing. */
import { LsmkitError } from '@lsmkit/core'

export type CapsCode =
  /** Of a text: what libcap answers with EINVAL. */
  | 'unknown-name' | 'number-range' | 'empty-element' | 'no-list' | 'no-operator' | 'second-assignment' | 'no-flags'
  | 'unknown-flag'
  /** Of a mask, an attribute's bytes, and a state in JSON. */
  | 'bad-mask' | 'bad-attribute' | 'bad-state'

/** `place` is where in the text or state: `at 12`, `process.uid`. */
export class CapsError extends LsmkitError {
  declare readonly code: CapsCode

  constructor(code: CapsCode, message: string, place: string, hint: string | null = null) {
    super(code, message, { place, hint })
  }
}

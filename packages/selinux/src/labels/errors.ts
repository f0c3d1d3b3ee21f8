/** Why a text about labels, users or local changes is not valid: a code, a sentence, the file and line, and a hint. */
import { LsmkitError } from '@lsmkit/core/option-rules'

export type LabelsErrorCode =
  | 'bad-line' | 'unknown-option' | 'unknown-record' | 'unknown-name' | 'bad-context' | 'bad-port' | 'bad-address'
  | 'bad-range' | 'bad-regex' | 'duplicate' | 'too-many'

/** Thrown where texts of these files are read, and where they name what a policy does not have. */
export class LabelsError extends LsmkitError<LabelsErrorCode> {
  constructor(code: LabelsErrorCode, message: string, place: string | null = null, hint: string | null = null) {
    super(code, message, { place, hint })
  }
}

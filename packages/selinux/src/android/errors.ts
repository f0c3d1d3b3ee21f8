/** Why a context file of Android is not valid: a code, a sentence, the file and line, and a hint. */
import { LsmkitError } from '@lsmkit/core/option-rules'

export type AndroidErrorCode =
  | 'bad-line' | 'bad-type' | 'bad-selector' | 'duplicate' | 'insecure' | 'bad-app'
  | 'bad-rule' | 'unknown-name' | 'too-many'

export class AndroidError extends LsmkitError<AndroidErrorCode> {
  constructor(code: AndroidErrorCode, message: string, place: string | null = null, hint: string | null = null) {
    super(code, message, { place, hint })
  }
}

/** One of the files that count together: plat, system_ext, product, vendor, odm. */
export interface ContextText {
  readonly name: string
  readonly text: string
}

export interface ContextLine {
  readonly fields: readonly string[]
  readonly place: string
}

const MOST_LINES = 200_000

/** Lines of fields, without comments. Throws AndroidError. */
export const contextLines = (files: readonly ContextText[]): ContextLine[] => {
  const lines = files.flatMap(({ name, text }) => {
    const written = text.split('\n', MOST_LINES + 1)
    if (written.length > MOST_LINES) throw new AndroidError('too-many', `${name} has more than ${MOST_LINES} lines`)
    return written.map((line, i) => ({
      fields: line.replace(/^\s*#.*/, '').trim().split(/\s+/).filter((field) => field !== ''),
      place: `${name}:${i + 1}`,
    }))
  }).filter(({ fields }) => fields.length > 0)
  if (lines.length > MOST_LINES) throw new AndroidError('too-many', `more than ${MOST_LINES} lines`)
  return lines
}

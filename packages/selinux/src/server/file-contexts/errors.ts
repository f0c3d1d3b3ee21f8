/** Why a line is not a file context, or cannot be matched: a code, a sentence, a place, and what to do about it. */
import { oneLine, withHint } from '@lsmkit/abi'

export type FileContextsErrorCode =
  'missing-fields' | 'extra-fields' | 'bad-file-type' | 'bad-regex' | 'bad-substitution' | 'non-ascii' | 'match-limit'

/** Thrown where file_contexts are read, and by a look-up that takes too many steps. */
export class FileContextsError extends Error {
  readonly code: FileContextsErrorCode
  /** The file's role, `base` or `homedirs` and so on, and the line, from 1. */
  readonly file: string
  readonly line: number
  /** The message without the hint, which is behind it in brackets. */
  readonly summary: string
  readonly hint: string | null

  constructor(code: FileContextsErrorCode, message: string, file: string, line: number, hint: string | null = null) {
    const summary = oneLine(`${file} line ${line}: ${message}`)
    super(withHint(summary, hint))
    this.summary = summary
    this.name = 'FileContextsError'
    this.code = code
    this.file = file
    this.line = line
    this.hint = hint === null ? null : oneLine(hint)
  }
}

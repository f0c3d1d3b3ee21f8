/** Errors people read: a code for programs, a sentence in lower case, a place, and what to do about it. */
import { oneLine, withHint } from '@lsmkit/abi'
import type { SafeText } from '@lsmkit/abi'

const oneLines = (message: string | readonly string[]): SafeText<'line' | 'terminal'> =>
  typeof message === 'string'
    ? oneLine(message)
    : message.map((line) => oneLine(line)).join('\n') as SafeText<'terminal'>

/** Where a mistake was made: `lsms[2]`, `config`, `policy.cil:12`. */
export interface LsmkitErrorParts {
  readonly place?: string | null
  /** Advice, as a sentence or a question. */
  readonly hint?: string | null
  readonly cause?: unknown
}

/**
 * The base of all errors of lsmkit; quoted text in them is safe to print. Hooks and system calls answer with numbers;
 * only the edge throws.
 */
export class LsmkitError<Code extends string = string> extends Error {
  readonly code: Code
  /** The message without the hint, which is behind it in brackets. */
  readonly summary: string
  readonly place: string | null
  readonly hint: string | null

  /** A message of several lines is a list of them: no name in it makes another. */
  constructor(
    code: Code, message: string | readonly string[], { place = null, hint = null, cause }: LsmkitErrorParts = {},
  ) {
    const summary = oneLines(message)
    super(withHint(summary, hint), cause === undefined ? undefined : { cause })
    this.summary = summary
    this.name = new.target.name
    this.code = code
    this.place = place === null ? null : oneLine(place)
    this.hint = hint === null ? null : oneLine(hint)
  }

  /** One line for a terminal: `place: message (hint)`. */
  override toString(): string {
    const place = this.place === null ? '' : `${this.place}: `
    return `${place}${this.message}`
  }
}

/** Ways to define one LSM wrongly. */
export type DefineCode =
  | 'bad-name' | 'bad-id' | 'bad-group' | 'bad-hook' | 'unknown-hook'
  | 'duplicate-hook' | 'bad-blob' | 'unknown-blob-kind'

/** Ways to compose a stack wrongly. */
export type ComposeCode =
  | 'not-an-lsm' | 'two-cores' | 'abi-mismatch' | 'duplicate-name' | 'duplicate-id' | 'two-carriers'
  | 'instance-reused' | 'no-capability' | 'too-many-blobs' | 'blob-shared' | 'blob-unbound' | 'too-early'
  | 'hooks-threw' | 'init-threw' | 'bad-own-hook' | 'unknown-hook'
  | 'unknown-permissive' | 'not-beside'

/** A mistake in an LSM, in the list of LSMs, or in what they do when a stack is made of them. */
export class ComposeError<Code extends ComposeCode | DefineCode = ComposeCode | DefineCode> extends LsmkitError<Code> {}

/** A mistake in the record of one LSM, found when it is defined, or when it makes its hooks for a stack. */
export class DefineError extends ComposeError<DefineCode> {}

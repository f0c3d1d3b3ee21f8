/** Errors of a rule file: a code, a sentence, a place, and advice. */
import { LsmkitError } from '@lsmkit/core'

/** Mistakes that make a line no rule. */
export type RuleErrorCode =
  | 'too-few-fields' | 'too-many-fields' | 'label-option' | 'label-start' | 'label-too-long' | 'line-too-long'

/** Lines the kernel takes, in another sense than they seem to have. */
export type RuleWarningCode = 'label-cut' | 'mode-unknown' | 'rule-replaced' | 'rule-idle'

/** A place in a text: both count from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

export interface Diagnostic extends Place {
  readonly severity: 'error' | 'warning'
  readonly code: RuleErrorCode | RuleWarningCode
  readonly message: string
  readonly hint: string | null
}

/** `rules:3:5: error: … (…) [code]`, as compilers print, so that editors find the place. */
export const diagnosticText = (
  file: string,
  { severity, line, column, message, hint, code }: Diagnostic,
  paint: (severity: Diagnostic['severity']) => string = (word) => word,
): string => `${file}:${line}:${column}: ${paint(severity)}: ${message}${hint === null ? '' : ` (${hint})`} [${code}]`

/** The place is `line 3`. */
export class SmackError extends LsmkitError<RuleErrorCode | 'too-many-labels' | 'too-many-rules'> {}

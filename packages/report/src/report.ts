/** The contents of a report: checks, and the findings of each. */

/** An error fails its check; warnings and notes do not. */
export type FindingLevel = 'error' | 'warning' | 'note'

/** Text to put in place of what stands there. Lines and columns count from 1, the end is behind the last one. */
export interface Replacement {
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
  readonly text: string
}

export interface Finding {
  /** Stable, for filters and links: `smack/rule-idle`. */
  readonly rule: string
  readonly level: FindingLevel
  /** Plain text, without its end. More lines than one are allowed. */
  readonly message: string
  /** As it was named, relative to the working folder or absolute. That of the check unless given. */
  readonly file?: string | null
  /** From 1. */
  readonly line?: number | null
  readonly column?: number | null
  /** A fix, in words. */
  readonly fix?: string | null
  /** The same as an edit of `file`. */
  readonly replacement?: Replacement | null
  /** More about it for programs; values are JSON. */
  readonly properties?: Readonly<Record<string, unknown>>
}

/** One thing that was checked: a scenario, a file, a program, a comparison. */
export interface Check {
  readonly name: string
  /** The file it is in; the visible fault may be far from the cause. */
  readonly file?: string | null
  readonly line?: number | null
  readonly findings: readonly Finding[]
  /** Why it was not made. */
  readonly skipped?: string | null
  readonly seconds?: number
}

export interface Report {
  /** The checking tool: a program, its version and its page. */
  readonly tool: { readonly name: string; readonly version: string; readonly url?: string }
  /** The command: `scenario`, `policy diff`. */
  readonly command: string
  readonly checks: readonly Check[]
  /** A sentence for each rule. A rule without one is listed by its id. */
  readonly rules?: Readonly<Record<string, string>>
}

export interface Tally {
  readonly checks: number
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly errors: number
  readonly warnings: number
  readonly notes: number
}

/** Fields that may be left out may be null too. */
export const isGiven = <T>(value: T | null | undefined): value is T => value !== undefined && value !== null

/** One error is a failure; warnings and notes are not failures. */
export const outcomeOf = ({ findings, skipped }: Check): 'passed' | 'failed' | 'skipped' => {
  if (findings.some(({ level }) => level === 'error')) return 'failed'
  return isGiven(skipped) ? 'skipped' : 'passed'
}

export const tally = ({ checks }: Pick<Report, 'checks'>): Tally => {
  const outcomes = checks.map(outcomeOf)
  const levels = checks.flatMap(({ findings }) => findings.map(({ level }) => level))
  const count = <T>(list: readonly T[], one: T): number => list.filter((each) => each === one).length
  return {
    checks: checks.length,
    passed: count(outcomes, 'passed'),
    failed: count(outcomes, 'failed'),
    skipped: count(outcomes, 'skipped'),
    errors: count(levels, 'error'),
    warnings: count(levels, 'warning'),
    notes: count(levels, 'note'),
  }
}

/** Its own file, or that of its check. */
export const fileOf = (finding: Finding, check: Check): string | null => finding.file ?? check.file ?? null

/** The line in that file: of the check only where the finding names no file of its own. */
export const lineOf = (finding: Finding, check: Check): number | null =>
  finding.line ?? (isGiven(finding.file) ? null : (check.line ?? null))

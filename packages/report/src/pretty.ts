/** For people: a line a finding, as compilers print, so that editors find the place. */
import { oneLine, printable } from '@lsmkit/abi'
import { fileOf, isGiven, lineOf, tally } from './report.ts'
import type { Check, Finding, FindingLevel, Report } from './report.ts'

/** Colours the word for a level; the word itself unless given. */
export type Paint = (level: FindingLevel, word: string) => string

const plain: Paint = (_, word) => word

/** `rules:3:5: warning: the rule can never apply (the rule can go) [smack/rule-idle]`. */
export const findingLine = (finding: Finding, check: Check, paint: Paint = plain): string => {
  const { rule, level, message, column, fix } = finding
  const place = [fileOf(finding, check) ?? check.name, lineOf(finding, check), column].filter((part) => isGiven(part))
  const more = isGiven(fix) ? ` (${fix})` : ''
  const text = printable(`${message}${more}`).replaceAll('\n', '\n  | ')
  return `${oneLine(place.join(':'))}: ${paint(level, level)}: ${text} [${oneLine(rule)}]`
}

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`

/** `3 checks, 1 error, 0 warnings`. */
export const summaryLine = (report: Report): string => {
  const { checks, errors, warnings, notes, skipped } = tally(report)
  return [
    counted(checks, 'check'), counted(errors, 'error'), counted(warnings, 'warning'),
    ...(notes > 0 ? [counted(notes, 'note')] : []), ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ].join(', ')
}

export const pretty = (report: Report): string =>
  [
    ...report.checks.flatMap((check) => check.findings.map((finding) => findingLine(finding, check))),
    summaryLine(report),
  ].map((line) => `${line}\n`).join('')

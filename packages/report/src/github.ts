/** Workflow commands of GitHub Actions: each line on stdout becomes an annotation of the file in the pull request. */
import { workflowData as data, workflowProperty as property } from '@lsmkit/abi'
import { summaryLine } from './pretty.ts'
import { fileOf, isGiven, lineOf } from './report.ts'
import type { Check, Finding, Report } from './report.ts'

const COMMANDS = { error: 'error', warning: 'warning', note: 'notice' } as const

const commandOf = (finding: Finding, check: Check): string => {
  const { rule, level, message, column, fix } = finding
  const file = fileOf(finding, check)
  const line = file === null ? null : lineOf(finding, check)
  const place = { file, line, col: line === null ? null : column, title: rule }
  const properties = Object.entries(place)
    .filter(([, value]) => isGiven(value))
    .map(([name, value]) => `${name}=${property(String(value))}`)
  const text = isGiven(fix) ? `${message}\n${fix}` : message
  return `::${COMMANDS[level]} ${properties.join(',')}::${data(text)}`
}

export const github = (report: Report): string =>
  [
    ...report.checks.flatMap((check) => check.findings.map((finding) => commandOf(finding, check))),
    summaryLine(report),
  ].map((line) => `${line}\n`).join('')

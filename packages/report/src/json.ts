/** For programs: the report as it is, with what it adds up to. */
import { printableJson } from '@lsmkit/abi'
import { outcomeOf, tally } from './report.ts'
import type { Report } from './report.ts'

/** Grows when a reader of the older document would be wrong; new fields do not count. */
const JSON_SCHEMA = 1

export const json = (report: Report): string => {
  const { tool, command, checks, rules = {} } = report
  const told = checks.map((check) => ({ ...check, outcome: outcomeOf(check) }))
  const document = { schema: JSON_SCHEMA, tool, command, summary: tally(report), checks: told, rules }
  return `${printableJson(JSON.stringify(document, null, 2))}\n`
}

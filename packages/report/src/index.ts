/** Findings of a check, written for people and for CI services. It knows findings, not who made them. */
export { outcomeOf, tally } from './report.ts'
export type { Check, Finding, FindingLevel, Replacement, Report, Tally } from './report.ts'
export { findingLine, summaryLine } from './pretty.ts'
export { isReporterName, reporterNames, reporters } from './reporters.ts'
export type { ReporterName } from './reporters.ts'

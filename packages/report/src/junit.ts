/**
 * JUnit XML as GitHub's test reporters, GitLab and Jenkins read it: a suite a file, a case a check, at most one failure
 * a case. GitLab takes the suite's name from `classname` and drops the second of two cases of one name.
 */
import { ownValue, printable } from '@lsmkit/abi'
import { findingLine } from './pretty.ts'
import { isGiven, outcomeOf } from './report.ts'
import type { Check, Report } from './report.ts'

/** What XML 1.0 has no way to write, not even escaped. */
const NOT_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu
const ENTITIES: Readonly<Record<string, string>> =
  { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#10;', '\t': '&#9;' }

/** People read it in the pages of their services, where what turns text or has no width acts as well. */
const shown = (text: string): string => printable(text).replace(NOT_XML, '\u{fffd}')

const attribute = (text: string): string =>
  shown(text).replace(/[&<>"\n\t]/g, (char) => ownValue(ENTITIES, char)!)
const content = (text: string): string => shown(text).replace(/[&<>]/g, (char) => ownValue(ENTITIES, char)!)

const element = (name: string, attributes: Readonly<Record<string, unknown>>, inner: string): string => {
  const given = Object.entries(attributes).filter(([, value]) => isGiven(value))
  const head = [name, ...given.map(([key, value]) => `${key}="${attribute(String(value))}"`)].join(' ')
  return inner === '' ? `<${head}/>` : `<${head}>${inner}</${name}>`
}

/** Seconds, never in the form 1e-7. */
const seconds = (checks: readonly Check[]): string | undefined =>
  checks.every(({ seconds: own }) => own === undefined)
    ? undefined
    : checks.reduce((sum, { seconds: own = 0 }) => sum + own, 0).toFixed(6)

const caseOf = (check: Check, name: string, suite: string): string => {
  const text = (isError: boolean): string =>
    check.findings
      .filter(({ level }) => (level === 'error') === isError)
      .map((finding) => findingLine(finding, check))
      .join('\n')
  const errors = check.findings.filter(({ level }) => level === 'error')
  const failure = errors.length === 0 ? '' : element('failure', {
    message: errors.length === 1 ? errors[0]!.message : `${errors[0]!.message} (and ${errors.length - 1} more)`,
    type: errors[0]!.rule,
  }, content(text(true)))
  const skipped = outcomeOf(check) === 'skipped' ? element('skipped', { message: check.skipped }, '') : ''
  const rest = text(false)
  const out = rest === '' ? '' : `<system-out>${content(rest)}</system-out>`
  const { file, line } = check
  return element(
    'testcase', { classname: suite, name, file, line, time: seconds([check]) }, failure + skipped + out,
  )
}

const countsOf = (checks: readonly Check[]): object => ({
  tests: checks.length,
  failures: checks.filter((check) => outcomeOf(check) === 'failed').length,
  errors: 0,
  skipped: checks.filter((check) => outcomeOf(check) === 'skipped').length,
  time: seconds(checks),
})

/** Two cases of a suite have two names. */
const uniqueNames = (checks: readonly Check[]): string[] => {
  const seen = new Map<string, number>()
  return checks.map(({ name }) => {
    const times = (seen.get(name) ?? 0) + 1
    seen.set(name, times)
    return times === 1 ? name : `${name} (${times})`
  })
}

const suiteOf = (name: string, checks: readonly Check[]): string => {
  const names = uniqueNames(checks)
  const cases = checks.map((check, i) => `\n    ${caseOf(check, names[i]!, name)}`)
  return element('testsuite', { name, ...countsOf(checks) }, `${cases.join('')}\n  `)
}

/** By file; what has none is of the command. */
const suitesOf = (checks: readonly Check[], command: string): Map<string, Check[]> => {
  const suites = new Map<string, Check[]>()
  for (const check of checks) {
    const name = check.file ?? command
    const suite = suites.get(name)
    if (suite === undefined) suites.set(name, [check])
    else suite.push(check)
  }
  return suites
}

export const junit = ({ tool, command, checks }: Report): string => {
  const inner = [...suitesOf(checks, command)].map(([name, own]) => `\n  ${suiteOf(name, own)}`).join('')
  const root = element('testsuites', { name: `${tool.name} ${command}`, ...countsOf(checks) }, `${inner}\n`)
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`
}

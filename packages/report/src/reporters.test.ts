import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import type { Ajv } from 'ajv'
import ajvDraft04 from 'ajv-draft-04'
import addFormats from 'ajv-formats'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import type { Log } from 'sarif'
import { describe, expect, test } from 'vitest'
import type { Check, Report } from './report.ts'
import { reporterNames, reporters } from './reporters.ts'

const require = createRequire(import.meta.url)
const schema = JSON.parse(readFileSync(
  require.resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'), 'utf8',
)) as object
// both are CommonJS, whose types say that the default lies deeper
const Ajv04 = ajvDraft04 as unknown as typeof Ajv
const ajv = new Ajv04({ strict: false, allErrors: true, unicodeRegExp: false })
;(addFormats as unknown as (to: Ajv) => void)(ajv)
const isSarif = ajv.compile(schema)

const tool = { name: 'lsm', version: '0.1.0', url: 'https://example.org/lsm' }
const idle = { line: 4, column: 1, endLine: 5, endColumn: 1, text: '' }
const checks: readonly Check[] = [
  { name: 'reads its own files', file: 'scenarios/a.yaml', line: 1, findings: [], seconds: 0.0000001 },
  {
    name: 'may not write', file: 'scenarios/a.yaml', line: 20, findings: [
      { rule: 'scenario/errno', level: 'error', message: 'expected EACCES, got ok', line: 31 },
      { rule: 'scenario/by', level: 'error', message: 'expected smack, got yama', line: 31 },
    ],
  },
  {
    name: 'rules', file: 'rules d/ä%.txt', findings: [
      {
        rule: 'smack/rule-idle', level: 'warning', message: 'everybody may access `*`', line: 4, column: 1,
        fix: 'the rule can go', replacement: idle, properties: { subject: 'A' },
      },
    ],
  },
  { name: 'needs a kernel', findings: [], skipped: 'there is none' },
  { name: 'needs a kernel', findings: [{ rule: 'x/y', level: 'note', message: 'no place' }] },
]
const report: Report = { tool, command: 'scenario', checks, rules: { 'scenario/errno': 'A call came out otherwise.' } }

/** Everything a hostile policy or log might put into a text. */
const hostile = '\u001b[31m<a b="&">]]>\u0000\r\n::error::,:%0A\ud800'
const hostileReport: Report = {
  tool, command: 'a b', checks: [
    { name: hostile, file: hostile, findings: [{ rule: hostile, level: 'error', message: hostile, fix: hostile }] },
  ],
}

test('the schema would tell what is no SARIF', () => {
  expect(isSarif({ version: '2.1.0', runs: [{}] })).toBe(false)
  expect(isSarif({ version: '2.0.0', runs: [] })).toBe(false)
})

describe('sarif', () => {
  test.each([
    ['findings', report], ['nothing', { tool, command: 'x', checks: [] }], ['hostile texts', hostileReport],
    ['a tool without a page', { ...report, tool: { name: 'lsm', version: '1' } }],
  ])('%s: valid by the schema', (_, given) => {
    const isValid = isSarif(JSON.parse(reporters.sarif(given)))
    expect(isSarif.errors ?? []).toEqual([])
    expect(isValid).toBe(true)
  })

  test('a result has rule, level, place, and the edit', () => {
    const { runs: [run] } = JSON.parse(reporters.sarif(report)) as Log
    expect(run!.tool.driver.rules![0]).toMatchObject({
      id: 'scenario/errno', shortDescription: { text: 'A call came out otherwise.' },
    })
    expect(run!.results![0]).toMatchObject({
      ruleId: 'scenario/errno', ruleIndex: 0, level: 'error', message: { text: 'expected EACCES, got ok' },
      locations: [{ physicalLocation: {
        artifactLocation: { uri: 'scenarios/a.yaml', uriBaseId: '%SRCROOT%' }, region: { startLine: 31 },
      } }],
    })
    expect(run!.results![2]).toMatchObject({
      message: { text: 'everybody may access `*` (the rule can go)' },
      locations: [{ physicalLocation: { artifactLocation: { uri: 'rules%20d/%C3%A4%25.txt' } } }],
      fixes: [{ artifactChanges: [{ replacements: [{
        deletedRegion: { startLine: 4, startColumn: 1, endLine: 5, endColumn: 1 }, insertedContent: { text: '' },
      }] }] }],
      properties: { check: 'rules', subject: 'A' },
    })
    expect(run!.results![3].locations).toEqual([])
  })

  test.each([
    ['/etc/a b', 'file:///etc/a%20b'], ['C:\\policies\\a', 'file:///C:/policies/a'], ['./a/b', 'a/b'],
  ])('%s is %s', (file, uri) => {
    const check = { name: 'x', file, findings: [{ rule: 'r', level: 'error' as const, message: 'm' }] }
    expect(reporters.sarif({ tool, command: 'x', checks: [check] })).toContain(`"uri": "${uri}"`)
  })
})

interface Suites {
  readonly testsuite: readonly {
    readonly name: string
    readonly tests: string
    readonly testcase: readonly Readonly<Record<string, unknown>>[]
  }[]
}

describe('junit', () => {
  const read = (given: Report) => {
    const text = reporters.junit(given)
    expect(XMLValidator.validate(text)).toBe(true)
    const many = ['testsuite', 'testcase', 'failure']
    return new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '', isArray: (name) => many.includes(name) })
      .parse(text).testsuites as Suites
  }

  test('a suite a file, a case a check, one failure a case', () => {
    const root = read(report)
    expect(root).toMatchObject({ name: 'lsm scenario', tests: '5', failures: '1', errors: '0', skipped: '1' })
    expect(root.testsuite.map(({ name, tests }) => `${name} ${tests}`)).toEqual([
      'scenarios/a.yaml 2', 'rules d/ä%.txt 1', 'scenario 2',
    ])
    const [passed, failed] = root.testsuite[0]!.testcase
    expect(passed).toEqual({
      classname: 'scenarios/a.yaml', name: 'reads its own files', file: 'scenarios/a.yaml', line: '1', time: '0.000000',
    })
    expect(failed!.failure).toEqual([{
      message: 'expected EACCES, got ok (and 1 more)', type: 'scenario/errno',
      '#text': 'scenarios/a.yaml:31: error: expected EACCES, got ok [scenario/errno]\n' +
        'scenarios/a.yaml:31: error: expected smack, got yama [scenario/by]',
    }])
  })

  test('a warning fails nothing; what was skipped says why; no two cases of a suite have one name', () => {
    const root = read(report)
    expect(root.testsuite[1]!.testcase[0]!.failure).toBeUndefined()
    expect(root.testsuite[1]!.testcase[0]!['system-out']).toContain('[smack/rule-idle]')
    expect(root.testsuite[2]!.testcase.map(({ name }) => name)).toEqual(['needs a kernel', 'needs a kernel (2)'])
    expect(root.testsuite[2]!.testcase[0]!.skipped).toEqual({ message: 'there is none' })
  })

  test('hostile texts stay texts', () => {
    const root = read(hostileReport)
    expect(root.testsuite).toHaveLength(1)
    expect(root.testsuite[0]!.testcase[0]!.name).toContain('<a b="&">')
  })
})

describe('github', () => {
  test('a command a finding', () => {
    expect(reporters.github(report).split('\n')).toEqual([
      '::error file=scenarios/a.yaml,line=31,title=scenario/errno::expected EACCES, got ok',
      '::error file=scenarios/a.yaml,line=31,title=scenario/by::expected smack, got yama',
      '::warning file=rules d/ä%25.txt,line=4,col=1,title=smack/rule-idle::everybody may access `*`%0Athe rule can go',
      '::notice title=x/y::no place',
      '5 checks, 2 errors, 1 warning, 1 note, 1 skipped',
      '',
    ])
  })

  test('a finding cannot make a command of its own', () => {
    const lines = reporters.github(hostileReport).split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[0]!.match(/^::error file=[^,:]*,title=[^,:]*::/)).not.toBeNull()
  })
})

test('pretty and json tell all of it', () => {
  expect(reporters.pretty(report)).toContain(
    'rules d/ä%.txt:4:1: warning: everybody may access `*` (the rule can go) [smack/rule-idle]\n',
  )
  const document = JSON.parse(reporters.json(report)) as { checks: { outcome: string }[] }
  expect(document).toMatchObject({
    schema: 1, command: 'scenario', summary: { checks: 5, passed: 3, failed: 1, skipped: 1, errors: 2, warnings: 1 },
  })
  const outcomes = document.checks.map(({ outcome }) => outcome)
  expect(outcomes).toEqual(['passed', 'failed', 'passed', 'skipped', 'passed'])
})

test('no reporter lets an escape sequence through', () => {
  for (const name of reporterNames) expect(reporters[name](hostileReport)).not.toContain('\u001b')
})

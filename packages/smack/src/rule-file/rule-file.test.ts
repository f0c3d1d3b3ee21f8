/** Rule files: what is wrong with a line and where, loading all or nothing, exporting, and explaining a decision. */
import { CAP_MAC_OVERRIDE } from '@lsmkit/abi'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SmackError } from '../errors.ts'
import { parseModes } from '../modes.ts'
import { SET_FIELDS } from '../parse/long-rule.ts'
import { writeLongRules } from '../parse/rule-write.ts'
import { Policy } from '../policy.ts'
import { rulesText } from '../rule-text.ts'
import { loggedAccesses } from './audit-log.ts'
import { checkRules } from './check.ts'
import { explainAccess, queryAccess } from './explain.ts'
import { exportRules, load2Writes } from './export-rules.ts'
import { loadRules } from './load-rules.ts'
import { ruleLines } from './rule-lines.ts'

const policyOf = (text: string): Policy => {
  const policy = new Policy()
  loadRules(policy, text)
  return policy
}

test.each([
  { text: 'A B r\nC B r\nA B w', lines: [3] },
  { text: 'A B r\n\nA B w -\nA B - r', lines: [1, 3, 4] },
  { text: 'A B r -\nA B', lines: [1] },
  { text: 'A/x B"y r', lines: [1] },
  { text: 'B A r', lines: [] },
])('lines of `$text` that make the rule from A to B', ({ text, lines }) => {
  expect(ruleLines(text, 'A', 'B')).toEqual(lines)
})

describe('checking', () => {
  /** `severity code line:column`. */
  const found = (text: string): string[] =>
    checkRules(text).diagnostics.map(({ severity, code, line, column }) => `${severity} ${code} ${line}:${column}`)

  test.each([
    { text: 'A B rwx\n# a comment\n\n  A C -\nA D r w', found: [] },
    { text: 'A B', found: ['error too-few-fields 1:4'] },
    { text: 'A B r w x', found: ['error too-many-fields 1:9'] },
    { text: 'A B r\n -A B r', found: ['error label-option 2:2'] },
    { text: 'A /B r', found: ['error label-start 1:3'] },
    { text: 'é B r', found: ['error label-start 1:1'] },
    { text: `A ${'x'.repeat(256)} r`, found: ['error label-too-long 1:3'] },
    { text: `A B ${'r'.repeat(4100)}`, found: ['error line-too-long 1:4095'] },
    { text: 'A a/b r', found: ['warning label-cut 1:4'] },
    { text: 'A"x B r', found: ['warning label-cut 1:2'] },
    { text: 'A B rqw', found: ['warning mode-unknown 1:6'] },
    { text: 'A B r z', found: ['warning mode-unknown 1:7'] },
    { text: 'A B r\nA B w', found: ['warning rule-replaced 2:1'] },
    { text: 'A B r\nA B w -', found: [] },
    { text: '* B r', found: ['warning rule-idle 1:1'] },
    { text: 'A @ r', found: ['warning rule-idle 1:1'] },
    { text: 'A * r', found: ['warning rule-idle 1:1'] },
    { text: 'A A rw', found: ['warning rule-idle 1:1'] },
    { text: 'A A t\nA * rt', found: [] },
    {
      text: 'A B\nA/ C rq\n',
      found: ['error too-few-fields 1:4', 'warning label-cut 2:2', 'warning mode-unknown 2:7'],
    },
    { text: '', found: [] },
  ])('`$text`', ({ text, found: expected }) => {
    expect(found(text)).toEqual(expected)
  })

  test('each tells in a sentence what is wrong and what to do', () => {
    const [first] = checkRules('A a/b r').diagnostics
    expect(first).toMatchObject({ message: 'the label ends at `/`: it is `a`', hint: 'a label has no `/`' })
  })

  test('whatever it is given it answers, and counts lines as they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const { rules, diagnostics } = checkRules(text)
        const lines = text.split('\n').length
        expect(rules).toBeLessThanOrEqual(lines)
        for (const { line, column } of diagnostics) {
          expect([line >= 1 && line <= lines, column >= 1]).toEqual([true, true])
        }
      }),
    )
  })

  test("a file without errors is taken by the kernel's own reading, line by line", () => {
    const field = fc.constantFrom('A', 'B', '_', '*', '-x', '/', 'a/b', 'r', 'rwx', '-', 'z')
    fc.assert(
      fc.property(fc.array(fc.array(field, { minLength: 1, maxLength: 4 }), { maxLength: 5 }), (lines) => {
        const text = lines
          .filter((line) => line.length < 4)
          .map((line) => line.join(' '))
          .join('\n')
        const policy = new Policy()
        const each =
          text === ''
            ? []
            : text.split('\n').map((line) => writeLongRules(policy.labels, policy.rules, line, SET_FIELDS) >= 0)
        const errors = new Set(
          checkRules(text)
            .diagnostics.filter(({ severity }) => severity === 'error')
            .map(({ line }) => line),
        )
        expect(each.map((ok, i) => (ok ? 0 : i + 1)).filter((line) => line > 0)).toEqual([...errors])
      }),
    )
  })
})

describe('loading', () => {
  test('sets, and changes with four fields', () => {
    expect(rulesText(policyOf('A B rw\nA B x w\nA C rwx r\n'), 256)).toBe('A C wx\nA B rx\n')
  })

  test('one wrong line and nothing is changed', () => {
    const policy = policyOf('A B r\n')
    const load = (): number => loadRules(policy, 'C D r\n-E F r\n')
    expect(load).toThrow(expect.objectContaining({ name: 'SmackError', code: 'label-option', place: 'line 2' }))
    expect([rulesText(policy, 256), policy.labels.find('C')]).toEqual(['A B r\n', 0])
  })

  test('a flood ends with an error that says what to raise', () => {
    const flood = Array.from({ length: 20 }, (_, i) => `A L${i} r`).join('\n')
    const errorOf = (policy: Policy): unknown => {
      try {
        return loadRules(policy, flood)
      } catch (error) {
        return error
      }
    }
    expect(errorOf(new Policy({ maxRules: 10 }))).toMatchObject({
      code: 'too-many-rules',
      place: 'line 11',
      hint: 'raise `maxRules` of the policy',
    })
    expect(errorOf(new Policy({ maxLabels: 10 }))).toMatchObject({ code: 'too-many-labels', place: 'line 10' })
    expect(errorOf(new Policy({ maxRules: 10 }))).toBeInstanceOf(SmackError)
  })
})

describe('exporting', () => {
  const text = fc
    .array(
      fc.tuple(
        fc.constantFrom('A', 'B', 'C', '_', '^'),
        fc.constantFrom('A', 'B', 'C', '_', '*'),
        fc.subarray([...'rwxatlb']).map((modes) => modes.join('') || '-'),
      ),
      { maxLength: 30 },
    )
    .map((rules) => rules.map((fields) => `${fields.join(' ')}\n`).join(''))

  test('what is exported loads as the same rules', () => {
    fc.assert(
      fc.property(text, (rules) => {
        const from = policyOf(rules)
        const written = new Policy()
        for (const write of load2Writes(exportRules(from))) {
          expect(writeLongRules(written.labels, written.rules, write, SET_FIELDS)).toBe(write.length)
        }
        const lines = (policy: Policy): string[] => rulesText(policy, 256).split('\n').sort()
        expect(lines(written)).toEqual(lines(from))
        expect(checkRules(exportRules(from)).diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
      }),
    )
  })

  test('writes are whole lines of at most a page less one', () => {
    const lines = Array.from({ length: 3000 }, (_, i) => `Subject${i} Object${i} rwxatl\n`).join('')
    const writes = load2Writes(lines)
    expect(writes.join('')).toBe(lines)
    expect(writes.every((write) => write.length <= 4095 && write.endsWith('\n'))).toBe(true)
    expect(load2Writes('')).toEqual([])
  })
})

describe('explaining', () => {
  const policy = policyOf('A B rx\nA C rb\nA D -\n')
  const explain = (subject: string, object: string, modes: string, more = {}) =>
    explainAccess(policy, { subject, object, request: parseModes(modes), ...more })

  test.each([
    ['A', 'B', 'r', 'allow', 'the rule `A B rx` allows r'],
    ['A', 'B', 'rw', 'deny', 'the rule `A B rx` lacks w'],
    ['A', 'C', 'r', 'bringup', 'the rule `A C rb` allows r, on trial'],
    ['A', 'D', 'r', 'deny', 'the rule `A D -` lacks r'],
    ['A', 'D', '', 'deny', 'the rule `A D -` lacks any mode'],
    ['B', 'A', 'r', 'deny', 'there is no rule from `B` to `A`'],
    ['*', 'A', 'r', 'deny', '`*` may access nothing'],
    ['A', '_', 'rx', 'allow', 'everybody may read and execute `_`, or lock it'],
    ['^', 'A', 'l', 'allow', '`^` may read and execute everything, or lock it'],
    ['A', '*', 'w', 'allow', 'everybody may access `*`'],
    ['A', '@', 'w', 'allow', 'to and from `@` everything is allowed'],
    ['A', 'A', 'w', 'allow', 'a label may access itself'],
    ['New', 'New', 'w', 'allow', 'a label may access itself'],
    ['New', 'Newer', 'r', 'deny', 'there is no rule from `New` to `Newer`'],
    ['New', '_', 'r', 'allow', 'everybody may read and execute `_`, or lock it'],
  ])('%s %s `%s`: %s, %s', (subject, object, modes, verdict, reason) => {
    expect(explain(subject, object, modes)).toMatchObject({ verdict, reason, allowed: verdict !== 'deny' })
    expect(queryAccess(policy, { subject, object, request: parseModes(modes) })).toBe(verdict)
  })

  test('the rule, what is missing, and whether the labels are in use', () => {
    expect(explain('A', 'B', 'rwa')).toMatchObject({ rule: 'A B rx', ground: 'rule', missing: 'wa', known: true })
    expect(explain('A', 'New', 'r')).toMatchObject({ rule: null, ground: 'no-rule', missing: 'r', known: false })
    expect(policy.labels.find('New')).toBe(0)
  })

  test("the task's own rules, and privilege", () => {
    const own = policy.newSelfRules()
    own.change(policy.labels.find('A'), policy.labels.find('B'), parseModes('x'), 0)
    expect(explain('A', 'B', 'r', { selfRules: own }).reason).toBe(
      'the rule `A B x` that the task has set for itself lacks r',
    )
    const holds = (cap: number): boolean => cap === CAP_MAC_OVERRIDE
    expect(explain('B', 'A', 'r', { holds })).toMatchObject({
      verdict: 'allow',
      reason: 'CAP_MAC_OVERRIDE overrides the refusal',
    })
  })

  test('an unconfined label', () => {
    const trial = policyOf('A B r\n')
    trial.unconfined = trial.labels.find('A')
    const question = { subject: 'A', object: 'B', request: parseModes('w') }
    expect(explainAccess(trial, question)).toMatchObject({
      verdict: 'unconfined-subject',
      allowed: true,
      reason: 'the rule `A B r` lacks w, but `A` is unconfined',
    })
    trial.unconfined = trial.labels.find('B')
    expect(explainAccess(trial, question).reason).toBe('the rule `A B r` lacks w, but `B` is unconfined')
  })
})

describe('an audit log', () => {
  const text = 'lsm=SMACK fn=smack_inode_permission action=denied subject="A" object="B" requested=rw pid=1 comm="x"'
  test.each([
    { line: `type=AVC msg=audit(1.2:3): ${text}`, found: ['smack_inode_permission denied A B rw'] },
    { line: JSON.stringify({ schema: 1, kind: 'text', text }), found: ['smack_inode_permission denied A B rw'] },
    { line: 'lsm=SMACK fn=f action=granted subject=4142 object="_" requested=x(US)', found: ['f granted AB _ x'] },
    { line: 'lsm=SMACK fn=f action=denied subject="A" object="B" labels_differ pid=1', found: [] },
    { line: '{"text":', found: [] },
    { line: 'type=SYSCALL msg=audit(1.2:3): arch=c000003e', found: [] },
  ])('$line', ({ line, found }) => {
    const told = loggedAccesses(`\n${line}\n`)
    expect(told.map(({ fn, action, subject, object, modes }) => [fn, action, subject, object, modes].join(' ')))
      .toEqual(found)
    expect(told.every((access) => access.line === 2)).toBe(true)
  })
})

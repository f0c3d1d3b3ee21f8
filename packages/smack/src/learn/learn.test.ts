import { expect, test } from 'vitest'
import { Policy } from '../policy.ts'
import { loggedAccesses } from '../rule-file/audit-log.ts'
import { checkRules } from '../rule-file/check.ts'
import { loadRules } from '../rule-file/load-rules.ts'
import { learnRules } from './index.ts'

const MORE = 'pid=2 comm="app" path="/srv/f" dev="t" ino=1'
const line = (subject: string, object: string, requested: string, rest = MORE) =>
  'type=AVC msg=audit(1.000:1): lsm=SMACK fn=smack_file_open action=denied ' +
  `subject="${subject}" object="${object}" requested=${requested} ${rest}`
const learned = (lines: readonly string[], rules = '') => {
  const policy = new Policy()
  loadRules(policy, rules)
  return learnRules(loggedAccesses(lines.join('\n')), { policy })
}

test('one rule a pair, of all modes that were refused', () => {
  const more = line('A', 'B', 'w', 'pid=2 comm=6D7920 name="g"')
  const { proposals, text } = learned([line('A', 'B', 'r'), more, line('A', 'C', 'x')])
  expect(proposals).toMatchObject([
    { text: 'A B rw', seen: 2, line: 1, commands: ['app', 'my '], objects: ['/srv/f', 'g'] },
    { text: 'A C x', line: 3 },
  ])
  expect(checkRules(text)).toMatchObject({ rules: 2, diagnostics: [] })
  expect(text).toMatch(/^# 2 denials of app, my : \/srv\/f, g$/m)
})

test('the text of a line of JSON is read as the line', () => {
  const { proposals } = learned([JSON.stringify({ schema: 1, kind: 'text', lsm: 'smack', text: line('A', 'B', 'r') })])
  expect(proposals).toMatchObject([{ text: 'A B r', commands: ['app'], objects: ['/srv/f'] }])
})

test('what the rules allow by now is not asked for, and a rule that is there is added to', () => {
  const { proposals, already } = learned([line('A', 'B', 'r'), line('A', 'B', 'w')], 'A B r\n')
  expect({ texts: proposals.map(({ text }) => text), already }).toEqual({ texts: ['A B w -'], already: 1 })
})

test('no rule helps a program labelled *', () => {
  const { proposals, impossible, text } = learned([line('*', 'B', 'r')])
  expect({ proposals, text }).toEqual({ proposals: [], text: '' })
  expect(impossible).toMatchObject([{ instead: [expect.stringMatching(/^give the program another label/)] }])
})

test('broad ones are marked, and what would do instead is said', () => {
  const { proposals: [own, floor] } = learned([line('A', '_', 'w'), line('A', 'B', 'wx')])
  expect(floor).toMatchObject({
    broad: ['`_` is the floor, the label of all that nobody has labelled'],
    instead: ['label /srv/f `A`: a label may access itself, and no rule is needed'],
  })
  expect(own!.broad).toEqual([])
  expect(own!.beyond).toEqual([
    'every program labelled A, to all that is labelled B', 'w lets lock (l) too',
    'w is truncating, deleting and changing attributes as well',
    'x is executing as well as searching: also what it has written',
  ])
})

test('what is not a label cannot become a line of its own', () => {
  const hostile = '0A2A205F2072777861' // a newline, then `* _ rwxa`
  expect(learned([line('A', 'B', 'r').replace('"A"', hostile)]).text).toBe('')
})

/** Sessions: how lines are read, and that no line ends a suite. */
import { expect, test } from 'vitest'
import type { Row } from '../suite.ts'
import { readSessions } from './format.ts'
import { landlockSessions } from './landlock.ts'
import { sessionSuite } from './suite.ts'

test.each([
  ['nothing', '', []],
  ['a heading and a comment', 'operation\tanswer\n# a remark\n\nsession 1\n', [['session 1', '', []]]],
  ['boot parameters', 'session 4 loadpin.enforce=1 x\n0 log\t\n',
    [['session 4 loadpin.enforce=1 x', 'loadpin.enforce=1 x', [['0 log', '']]]]],
  ['an answer behind the title', 'session 1\t0\n0 rmdir a\tENOENT\n', [['session 1', '', [['0 rmdir a', 'ENOENT']]]]],
  ['steps before any session', '0 rmdir a\tENOENT\n', [['session', '', [['0 rmdir a', 'ENOENT']]]]],
  ['a step without an answer', 'session 1\n0 rmdir a\n', [['session 1', '', [['0 rmdir a', '']]]]],
])('%s', (_, text, expected) => {
  const sessions = readSessions(text)
  expect(sessions.map(({ title, parameters, steps }) =>
    [title, parameters, steps.map(({ line, answer }) => [line, answer])])).toEqual(expected)
})

const rowsOf = (text: string): Row[] =>
  [...sessionSuite(landlockSessions).run([{ path: 't', text, bytes: new Uint8Array() }], {}, ['t']) as Iterable<Row>]

test.each([
  ['an operation of the table', '0 mkdir a', 'ok'],
  ['one that fails', '0 rmdir nowhere', 'ENOENT'],
  ['an operation nobody knows', '0 teleport a', 'unknown operation `teleport`'],
  ['a name that every object has', '0 constructor', 'unknown operation `constructor`'],
  ['no operation', '0', 'unknown operation ``'],
  ['an actor that is not there', '4 mkdir a', 'absent'],
  ['no actor', 'mkdir a', 'absent'],
  ['bytes that are too many', `0 sbind 0 ${'00'.repeat(3_000_000)}`, 'not played: out of memory'],
])('%s is answered, and so is what follows', (_, line, answer) => {
  const [row, next] = rowsOf(`session 1\n${line}\tnot this\n0 mkdir b\tok\n`)
  expect(row).toMatchObject({ expected: 'not this', got: answer })
  expect(next).toMatchObject({ expected: 'ok', got: 'ok' })
})

test('a session begins on a new kernel', () => {
  const rows = rowsOf('session 1\n0 mkdir a\tok\nsession 2\n0 mkdir a\tok\n0 mkdir a\tEEXIST\n')
  expect(rows.filter(({ expected, got }) => expected !== got)).toEqual([])
})

import { EACCES, EPERM } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { jsonLine } from '../audit/json-lines.ts'
import { kernelText } from '../audit/kernel-text.ts'
import type { AuditRecord } from '../audit/record.ts'
import { fieldsOf, loggedDecisions, logLines, proposalNotes, trusted } from './audit-log.ts'

const subject = {
  pid: 7, tid: 7, comm: 'my cat', uid: 0, gid: 0, euid: 0, egid: 0, fsuid: 0, fsgid: 0, auid: 0, ses: 0, label: null,
}
const stamp = { serial: 1, time: 1_700_000_000_123 }
const decision = { ...stamp, lsm: 'one', hook: 'file_open', subject, args: { mask: 4 } }
const file = { kind: 'file', path: '/tmp/a b', dev: 'tmpfs', ino: 20 } as const
const records: readonly AuditRecord[] = [
  { ...decision, kind: 'denial', rc: -EACCES, object: file, reason: 'no "rule"', details: { needs: 'READ_FILE' } },
  { ...decision, kind: 'would-deny', rc: -EPERM, object: { kind: 'cap', cap: 21 }, reason: null, details: null },
  { ...decision, kind: 'allow', rc: 0, object: file },
  { ...stamp, kind: 'text', lsm: 'selinux', type: 1400, text: 'avc:  denied  { read } for  comm="a"', details: null },
  { ...decision, kind: 'fault', fault: 'throw', message: 'bug', object: file },
]

test('what was written as text and as JSON reads the same', () => {
  const [fromText, fromJson] = [kernelText, jsonLine].map((write) =>
    loggedDecisions(records.map((record) => write(record)).join('\n\n')))
  const told = (list: typeof fromText) => list!.map(({ line, kind, lsm, hook, error, pid, comm, fields }) => ({
    line, kind, hook, error, pid, comm, lsm: kind === 'allow' ? '' : lsm,
    fields: ['path', 'dev', 'capability', 'mask', 'needs'].map((name) => fields.get(name)),
  }))
  expect(told(fromText)).toEqual(told(fromJson))
  expect(told(fromJson)).toMatchObject([
    {
      line: 1, kind: 'denial', lsm: 'one', hook: 'file_open', error: 'EACCES', pid: 7, comm: 'my cat',
      fields: ['/tmp/a b', 'tmpfs', undefined, '4', 'READ_FILE'],
    },
    { line: 3, kind: 'would-deny', error: 'EPERM', fields: [undefined, undefined, '21', '4', undefined] },
    { line: 5, kind: 'allow', error: '' },
  ])
})

test('the text of a line of JSON is not garbled', () => {
  expect([...logLines(records.map(jsonLine).join('\n'))][3]!.text).toBe('avc:  denied  { read } for  comm="a"')
})

test('anything else is a line of text, and a field ends where it ends', () => {
  expect([...logLines('{broken\n[1]\n\n{"a":1}')].map(({ line, text, json }) => [line, text, json])).toEqual([
    [1, '{broken', null], [2, '[1]', null], [4, '', { a: 1 }],
  ])
  expect([...fieldsOf('a=1 b="c d" -x-y=2 e=')]).toEqual([['a', '1'], ['b', '"c d"']])
  const written = ['"a"', '612062', 'ABC', '(null)', undefined]
  expect(written.map((text) => trusted(text))).toEqual(['a', 'a b', 'ABC', null, null])
})

test('notes of a proposal cannot end the comment they stand in', () => {
  const notes = proposalNotes({
    seen: 2, line: 1, commands: ['a\n(allow'], objects: ['1', '2', '3', '4'], beyond: [], instead: [], broad: [],
  })
  expect(notes).toEqual(['2 denials of a?(allow: 1, 2, 3 and 1 more'])
})

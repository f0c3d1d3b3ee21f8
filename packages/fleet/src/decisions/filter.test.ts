import { describe, expect, test } from 'vitest'
import type { DecisionFields } from './decision.ts'
import { isLike, parseFilter } from './filter.ts'

const fields: DecisionFields = {
  host: 'web-1', serial: 7, time: Date.parse('2026-12-01T08:00:00Z'), boot: 'b', bundle: null, source: 'box',
  module: 'selinux', verdict: 'deny', operation: 'file_open', error: 'EACCES', pid: 12, program: 'my cat', uid: 0,
  label: null, object: 'file', path: '/home/ann/a"b', peer: null, port: 443, reason: null, sample: 1,
}

describe('a filter', () => {
  test.each([
    ['', true],
    ['module = selinux', true],
    ['module = selinux and verdict = deny', true],
    ['module = smack or verdict = deny', true],
    ['module = smack or verdict = allow', false],
    ['module=selinux and(verdict=allow or pid=12)', true],
    ['not module = selinux', false],
    ['not not module = selinux', true],
    ['module = smack and verdict = deny or pid = 12', true],
    ['module = smack and (verdict = deny or pid = 12)', false],
    ['verdict in (deny, would-deny)', true],
    ['verdict in (allow)', false],
    ['port > 80 and port <= 443', true],
    ['port < 443', false],
    ['serial != 7', false],
    ['peer = none', true],
    ['peer != none', false],
    ['peer = "none"', false],
    ['peer < z', false],
    ['program = "my cat"', true],
    ['program = \'my cat\'', true],
    ['path like /home/*', true],
    ['path like "/home/???/a\\"b"', true],
    ['path = "/home/ann/a\\"b"', true],
    ['path like /home/*/b', false],
    ['host >= web-1 and host < web-2', true],
    ['time >= 2026-12-01T07:59:59Z and time < "2026-12-01T08:00:01Z"', true],
    ['uid = 0', true],
    ['uid = ""', false],
    ['"module" = selinux or pid = 1', null],
    ['module', null],
    ['module =', null],
    ['modul = selinux', null],
    ['module == selinux', null],
    ['module = selinux verdict = deny', null],
    ['(module = selinux', null],
    ['module = selinux)', null],
    ['verdict in deny', null],
    ['verdict in (deny', null],
    ['time > yesterday', null],
    ['path = "/a', null],
    ['constructor = x', null],
    [`${'('.repeat(200)}pid = 1${')'.repeat(200)}`, null],
    ['pid = 1 or '.repeat(2000), null],
  ])('%s', (text, answer) => {
    if (answer === null) {
      expect(() => parseFilter(text)).toThrow(expect.objectContaining({ code: 'bad-filter' }))
    } else {
      expect(parseFilter(text)(fields)).toBe(answer)
    }
  })

  test('an error has its column, and the field that was meant', () => {
    expect(() => parseFilter('verdict = deny and modul = x')).toThrow(
      expect.objectContaining({ place: 'column 20', hint: expect.stringContaining('module') as string }),
    )
  })

  test('a pattern of many stars ends at once', () => {
    expect(isLike('a'.repeat(5000), `${'*a'.repeat(500)}b`)).toBe(false)
  })
})

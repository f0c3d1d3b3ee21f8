import { describe, expect, test } from 'vitest'
import type { DecisionRecord, Maskable } from './decision.ts'
import { maskable, recordFields } from './decision.ts'
import { maskedRecord } from './masking.ts'

const subject = {
  pid: 1, tid: 1, comm: 'my-prog', uid: 0, gid: 0, euid: 0, egid: 0, fsuid: 0, fsgid: 0, auid: 0, ses: 0,
  label: 'staff_u:staff_r:staff_t',
}
const denial = (path: string, more: object = {}): DecisionRecord => ({
  kind: 'denial', serial: 1, time: 1, hook: 'file_open', lsm: 'selinux', rc: -13, subject,
  object: { kind: 'file', path, dev: 'tmpfs', ino: 5 }, args: { name: 'user.secret' }, reason: `no rule for ${path}`,
  details: { scontext: 'staff_u:staff_r:staff_t', target: path }, ...more,
})
const hex = (text: string): string => Buffer.from(text).toString('hex').toUpperCase()

describe('what is masked is nowhere in the record', () => {
  test.each<[name: Maskable, record: DecisionRecord, texts: string[], secrets: string[]]>([
    ['path', denial('/home/ann/tax.txt'), ['avc: denied { read } for comm="x" name="tax.txt" path="/home/ann/tax.txt"'],
      ['tax', 'ann']],
    ['path', denial('/home/ann/a b'), [`type=AVC name=${hex('a b')} path=${hex('/home/ann/a b')} dev="x"`],
      [hex('a b'), 'a b', hex('/home')]],
    ['path', denial('/home/"ann"\\x'), ['plain'], ['ann']],
    ['path', denial('/home/ann/x1', { reason: 'see x1', details: { other: `in ${hex('/home/ann/x1')}` } }), [],
      ['ann', hex('ann')]],
    ['path', { kind: 'call', by: 'mode', call: 'openat', rc: -13, path: '/home/ann', time: 1, why: 'not /home/ann' },
      [], ['ann']],
    ['arguments', denial('/a/file'), [], ['user.secret']],
    ['reason', denial('/a/file', { reason: 'because of ann' }), ['because of ann: denied'], ['because']],
    ['program', denial('/a/file'), ['comm="my-prog" pid=1', `comm=${hex('my-prog')}`], ['my-prog', hex('my-prog')]],
    ['label', denial('/a/file'), ['scontext=staff_u:staff_r:staff_t tcontext=x:y:z'], ['staff', 'x:y:z']],
    ['peer', { kind: 'host', host: 'db.example.org', port: 1, protocol: 'tcp', rc: -13,
      why: 'db.example.org is not allowed', permit: null, time: 1 }, [], ['example']],
    ['path', { kind: 'text', serial: 1, time: 1, lsm: 'selinux', type: 1400, text: 'avc: path="/home/ann" name="ann"',
      details: { name: '/home/ann' } }, [], ['ann']],
  ])('%s of %o', (name, record, texts, secrets) => {
    for (const way of ['hide', 'digest'] as const) {
      const masked = maskedRecord(record, texts, { [name]: way }, 'key')
      const left = JSON.stringify(masked)
      for (const secret of secrets) expect(left).not.toContain(secret)
      expect(masked.masked).toEqual([name])
      // the words of the framework stay, so that it can still be counted
      const [now, before] = [recordFields(masked.record), recordFields(record)]
      expect([now.module, now.operation, now.error]).toEqual([before.module, before.operation, before.error])
    }
  })

  test('equal texts have equal digests, by the key', () => {
    const path = (of: string, key: string): string | null =>
      recordFields(maskedRecord(denial(of), [], { path: 'digest' }, key).record).path
    expect(path('/a/b', 'k')).toBe(path('/a/b', 'k'))
    expect(path('/a/b', 'k')).not.toBe(path('/a/c', 'k'))
    expect(path('/a/b', 'k')).not.toBe(path('/a/b', 'other'))
  })

  test('without masks nothing changes', () => {
    expect(maskedRecord(denial('/a'), ['x'], {}, '')).toEqual({ record: denial('/a'), texts: ['x'], masked: [] })
    expect(maskable.length).toBe(6)
  })
})

import type { AuditRecord } from '@lsmkit/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Spool } from '../spool/spool.ts'
import { CrashDisk } from '../testing/crash-disk.ts'
import type { CountsLine, DecisionLine, DecisionRecord } from './decision.ts'
import type { DecisionOptions } from './options.ts'
import { DecisionRecorder, StackRecords, verdictOf } from './recorder.ts'

const subject = {
  pid: 1, tid: 1, comm: 'cat', uid: 0, gid: 0, euid: 0, egid: 0, fsuid: 0, fsgid: 0, auid: 0, ses: 0, label: null,
}
const denial = (path = '/a', lsm = 'selinux'): AuditRecord => ({
  kind: 'denial', serial: 1, time: 5, hook: 'file_open', lsm, rc: -13, subject,
  object: { kind: 'file', path, dev: null, ino: null }, args: {}, reason: null, details: null,
})
const allowed: DecisionRecord = {
  kind: 'allow', serial: 1, time: 5, hook: 'file_open', rc: 0, subject, object: null, args: {},
}
const text = (words: string, details: Record<string, boolean | string> | null = null, lsm = 'selinux'): AuditRecord =>
  ({ kind: 'text', serial: 1, time: 5, lsm, type: 1400, text: words, details })

let spool: Spool
beforeEach(async () => {
  spool = await Spool.open(new CrashDisk())
})
afterEach(() => spool.close())

const lines = async (): Promise<(DecisionLine | CountsLine)[]> => {
  await spool.flush()
  const chunk = await spool.next(2 ** 20)
  return (chunk?.lines ?? []).map((line) => JSON.parse(Buffer.from(line).toString()) as DecisionLine)
}
const recorder = (options: DecisionOptions = {}): DecisionRecorder => new DecisionRecorder('web-1', 'b', spool, options)
const of = { source: 'box', bundle: 'c' }

describe('a recorder', () => {
  test('writes refusals, and counts what was allowed', async () => {
    const record = recorder()
    record.add(denial(), { ...of, texts: ['avc'] })
    for (let n = 0; n < 3; n += 1) record.add(allowed, of)
    record.count({ source: 'box', operation: 'read', verdict: 'allow' }, 4)
    record.writeCounts('c')
    record.writeCounts('c')
    expect(await lines()).toMatchObject([
      { serial: 1, kind: 'decision', time: 5, boot: 'b', bundle: 'c', source: 'box', verdict: 'deny', sample: 1,
        masked: [], texts: ['avc'], record: { lsm: 'selinux' } },
      { serial: 2, kind: 'counts', counts: [
        { operation: 'file_open', verdict: 'allow', count: 3 }, { operation: 'read', count: 4 },
      ] },
    ])
  })

  test('sends allowed decisions where it is asked to', async () => {
    recorder({ allows: 'send' }).add(allowed, of)
    expect(await lines()).toMatchObject([{ verdict: 'allow' }])
  })

  test('keeps one of so many, drops and masks by rule, before the disk', async () => {
    const record = recorder({ rules: [
      { when: 'module = selinux', sample: 3 }, { when: 'module = smack', drop: true },
      { when: 'path like /home/*', mask: { path: 'hide' } },
    ] })
    for (let n = 0; n < 7; n += 1) record.add(denial(`/home/${n}`), of)
    record.add(denial('/a', 'smack'), of)
    record.add(denial('/home/x', 'yama'), of)
    record.writeCounts(null)
    const found = await lines()
    expect(found.map((line) => (line.kind === 'decision' ? line.sample : line.counts[0]!.count)))
      .toEqual([3, 3, 3, 1, 1])
    expect(JSON.stringify(found)).not.toContain('/home')
  })

  test('a thousand kinds of counts are a bounded line', async () => {
    const record = recorder()
    for (let n = 0; n < 1000; n += 1) record.count({ source: 'box', operation: `op-${n}`, verdict: 'allow' }, 2)
    record.writeCounts(null)
    const [line] = await lines() as CountsLine[]
    expect(line!.counts.length).toBeLessThanOrEqual(101)
    expect(line!.counts.reduce((sum, { count }) => sum + count, 0)).toBe(2000)
  })
})

describe('records of a stack', () => {
  const taken: string[] = []
  const records = new StackRecords((record, texts) =>
    taken.push(`${record.kind} ${verdictOf(record)} ${texts.join(',')}`))
  beforeEach(() => void taken.splice(0))

  test.each<[why: string, records: AuditRecord[], expected: string[]]>([
    ['texts belong to the refusal that follows', [text('a'), text('b'), denial()], ['denial deny a,b']],
    ['a refusal of another module has none of them', [text('a'), denial('/a', 'smack')],
      ['text note ', 'denial deny ']],
    ['a text alone is a decision', [text('a', { denied: true, permissive: true })], ['text would-deny ']],
    ['so is a complaint', [text('a', { type: 'ALLOWED' }), text('b', null, 'smack')],
      ['text would-deny ', 'text note ']],
  ])('%s', (_why, given, expected) => {
    for (const record of given) records.sink(record)
    records.flush()
    expect(taken).toEqual(expected)
  })
})

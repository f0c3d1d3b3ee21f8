import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { folder } from '@lsmkit/fleet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lsm } from '../../../test/test-io.ts'
import { sinceOf } from './decision-source.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-decisions-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const now = Date.parse('2026-12-01T08:00:00Z')
const head = { boot: 'b', bundle: null, source: 'box', masked: [], texts: [] }
const lines = [
  { ...head, kind: 'decision', serial: 1, time: now, verdict: 'deny', sample: 1,
    record: { kind: 'call', by: 'mode', call: 'openat', rc: -13, path: '/etc/x', time: now } },
  { ...head, kind: 'decision', serial: 2, time: now, verdict: 'deny', sample: 10,
    record: { kind: 'host', host: 'db.example.org', port: 5432, rc: -13, why: 'no rule', permit: null, time: now } },
  { ...head, kind: 'counts', serial: 3, time: now, since: now, counts: [
    { source: 'box', operation: 'read', verdict: 'allow', count: 40 },
  ] },
  { kind: 'gap', serial: 6, time: now, reason: 'full', ranges: [[4, 5]], count: 2 },
]
beforeAll(async () => {
  const store = folder(join(cwd, 'store'))
  const value = new TextEncoder().encode([{ format: 1, lines: lines.length }, ...lines]
    .map((line) => JSON.stringify(line)).join('\n'))
  // the same message came twice
  for (const id of ['a', 'b']) await store.append('dec', 'web-1', [{ id, value }])
  await store.close()
})
const run = (...args: string[]) => lsm(['fleet', 'decisions', ...args, '--store', 'store'], { cwd })

describe('lsm fleet decisions', () => {
  test('lists each once, and says what is not among them', async () => {
    const { code, stdout: out, stderr: err } = await run()
    expect(out.split('\n').filter((line) => line !== '')).toEqual([
      '2026-12-01T08:00:00.000Z web-1 deny mode openat /etc/x EACCES',
      '2026-12-01T08:00:00.000Z web-1 deny hosts connect db.example.org:5432 EACCES (no rule)',
    ])
    for (const text of ['2 decisions of 1 host', '9 decisions not kept by sampling', '40 decisions only counted',
      '2 records lost on hosts']) expect(err).toContain(text)
    expect(code).toBe(0)
  })

  test('counts by fields, each for those that sampling has left out', async () => {
    const { stdout: out } = await run('--by', 'module', '--json')
    expect(JSON.parse(out)).toMatchObject({ groups: [{ module: 'hosts', count: 10 }, { module: 'mode', count: 1 }] })
    expect((await run('module = mode', '--by', 'host,path')).stdout).toMatch(/1 +web-1 +\/etc\/x/)
  })

  test('one document, and lines', async () => {
    expect(JSON.parse((await run('port = 5432', '--json')).stdout)).toMatchObject({
      decisions: [{ serial: 2, peer: 'db.example.org' }], account: { hosts: 1, lost: 2, counted: 40 },
    })
    const { stdout: out } = await run('--format', 'jsonl')
    expect(out.trim().split('\n').map((line) => (JSON.parse(line) as { serial: number }).serial)).toEqual([1, 2])
    expect((await run('--since', '2026-12-01T08:00:01Z', '--format', 'fields')).stdout).toBe('')
  })

  test.each<[args: string[], code: number, text: string]>([
    [['modul = x'], 2, 'column 1'], [['--by', 'modul'], 2, 'module'], [['--since', 'yesterday'], 2, 'not a time'],
    [['--by', 'host', '--sql', 'select 1'], 2, 'together'], [['--follow', '--json'], 2, 'whole result'],
    [['--json', '--format', 'jsonl'], 2, 'one document'], [['--store', 'none'], 3, 'there is no store'],
  ])('%s ends with %i', async (args, code, text) => {
    const ended = await lsm(['fleet', 'decisions', '--store', 'store', ...args], { cwd })
    expect([ended.code, ended.stderr]).toEqual([code, expect.stringContaining(text)])
  })

  test('what another policy would have done yesterday, on all hosts, and what it could not be asked', async () => {
    writeFileSync(join(cwd, 'box.json'), JSON.stringify({ version: 1, allow: { hosts: ['db.example.org:5432'] } }))
    const args = ['policy', 'simulate', '--policy', 'box.json', '--fleet', '2026-12-01T00:00:00Z', '--store', 'store']
    const { code, stdout, stderr } = await lsm(args, { cwd })
    expect(stdout).toContain('connect to db.example.org:5432: was denied, would be granted')
    for (const text of ['2 decisions of 1 host', 'could not ask: 1 refusal that no module made',
      'could not ask: 9 decisions not kept by sampling', 'could not ask: 2 records lost']) {
      expect(stderr).toContain(text)
    }
    expect(code).toBe(1)
    const learned = await lsm(['learn', '--from-fleet', 'store', '--for', 'sandbox'], { cwd })
    expect(JSON.parse(learned.stdout)).toMatchObject({ allow: { hosts: ['db.example.org:5432'] } })
  })

  test.each([
    ['policy', 'simulate', '--policy', 'box.json'], ['learn', '--from-fleet', 'store', 'log'],
    ['learn', '--since', '1h'],
    ['policy', 'simulate', '--policy', 'box.json', '--fleet', '1h'],
    ['policy', 'simulate', '--policy', 'box.json', '--audit', 'log', '--store', 'store'],
  ])('%s %s %s %s %s is no way to ask', async (...args) => {
    expect((await lsm(args.filter((arg) => arg !== undefined), { cwd })).code).toBe(2)
  })

  test('times', () => {
    expect([sinceOf('90s', 100_000), sinceOf('2h', 7_200_001), sinceOf(undefined)]).toEqual([10_000, 1, 0])
  })
})

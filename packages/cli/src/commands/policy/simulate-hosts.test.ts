/** `lsm policy simulate` with the policy of a box: hosts of recorded runs that would newly be refused or reached. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSandbox } from '@lsmkit/sandbox'
import type { HostRule } from '@lsmkit/sandbox'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lsm } from '../../../test/test-io.ts'
import { tool } from '../../../../sandbox/src/testing/programs.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-simulate-hosts-'))
afterAll(() => rmSync(cwd, { recursive: true }))

/** A run that reaches `api.example`, is refused `other.example`, and is led to a private address by `inner.example`. */
beforeAll(async () => {
  const results: object[] = []
  await using box = await createSandbox({
    inline: true, allow: { hosts: ['api.example:80', 'inner.example:80'] },
    network: {
      resolve: async (name) => [name === 'inner.example' ? '10.0.0.1' : '8.8.8.8'],
      connect: async () => new TransformStream<Uint8Array, Uint8Array>(),
    },
  })
  for (const host of ['api', 'other', 'inner'])
    results.push(await box.run(tool('nc'), { args: [`${host}.example`, '80'], stdin: 'x' }))
  const put = { host: 'web.example', port: 80, methods: ['PUT'], paths: ['/v1/x'] }
  const asked = { by: 'hosts', host: 'web.example', port: 80, permit: { allow: { hosts: [put] } } }
  results.push({ connections: [], denials: [asked, { by: 'landlock', host: null, port: 81 }] })
  writeFileSync(join(cwd, 'runs.jsonl'), results.map((one) => `${JSON.stringify(one)}\n`).join(''))
  writeFileSync(join(cwd, 'first.json'), JSON.stringify(results[0], null, 2))
  const denial = { kind: 'denial', serial: 1, lsm: 'hosts', details: { host: 'log.example', port: 443 } }
  writeFileSync(join(cwd, 'audit.jsonl'), `${JSON.stringify(denial)}\n${JSON.stringify({ ...denial, lsm: 'x' })}\n`)
})

const simulate = (log: string, hosts: readonly HostRule[], ...more: readonly string[]) => {
  writeFileSync(join(cwd, 'new.json'), JSON.stringify({ version: 1, allow: { hosts } }))
  return lsm(['policy', 'simulate', '--policy', 'new.json', '--audit', log, ...more], { cwd })
}

const at = (host: string, more: object): HostRule => ({ host, port: 80, ...more })
type Case = readonly [why: string, log: string, hosts: readonly HostRule[], code: number, lines: readonly string[]]
const cases: readonly Case[] = [
  ['the same hosts', 'runs.jsonl', ['api.example:80', 'inner.example:80'], 0,
    ['4 records: 0 newly denied, 0 newly allowed']],
  ['no hosts', 'runs.jsonl', [], 1, ['runs.jsonl:1: connect to api.example:80: was granted, would be denied',
    '  not in hosts', '4 records: 1 newly denied, 0 newly allowed']],
  ['all names of a port, which lead to the internet alone', 'runs.jsonl', ['*:80'], 1, [
    'runs.jsonl:2: connect to other.example:80: was denied, would be granted',
    'runs.jsonl:4: connect to PUT /v1/x of web.example:80: was denied, would be granted',
    '4 records: 0 newly denied, 2 newly allowed']],
  ['the address that the name led to', 'runs.jsonl',
    ['api.example:80', at('inner.example', { addresses: ['10.0.0.1'] })], 1, [
      'runs.jsonl:3: connect to inner.example:80: was denied, would be granted',
      '4 records: 0 newly denied, 1 newly allowed']],
  ['other addresses', 'first.json', [at('api.example', { addresses: ['9.0.0.0/8'] })], 1, [
    'first.json:1: connect to api.example:80: was granted, would be denied',
    '  it leads to 8.8.8.8, not among its addresses', '1 records: 1 newly denied, 0 newly allowed']],
  ['a method', 'runs.jsonl', ['api.example:80', at('web.example', { methods: ['PUT'], paths: ['/v1'] })], 1, [
    'runs.jsonl:4: connect to PUT /v1/x of web.example:80: was denied, would be granted',
    '4 records: 0 newly denied, 1 newly allowed']],
  ['another method', 'runs.jsonl', ['api.example:80', at('web.example', { methods: ['GET'] })], 0,
    ['4 records: 0 newly denied, 0 newly allowed']],
  ['an audit log', 'audit.jsonl', ['log.example:443'], 1, [
    'audit.jsonl:1: connect to log.example:443: was denied, would be granted',
    '1 records: 0 newly denied, 1 newly allowed']],
]
test.each(cases)('%s', async (_why, log, hosts, code, lines) => {
  expect(await simulate(log, hosts)).toEqual({ code, stderr: '', stdout: `${lines.join('\n')}\n` })
})

test('JSON, a policy with a mistake, and a log without hosts', async () => {
  const { stdout } = await simulate('runs.jsonl', [], '--json')
  expect(JSON.parse(stdout)).toMatchObject({ records: 4, changes: [{ was: 'granted', now: 'denied', line: 1 }] })
  expect(await simulate('runs.jsonl', ['api.example'])).toMatchObject({ code: 3 })
  writeFileSync(join(cwd, 'none.jsonl'), '{"kind":"denial","serial":1,"lsm":"smack"}\n')
  expect(await simulate('none.jsonl', [])).toMatchObject({
    code: 3, stderr: expect.stringContaining('records of hosts'),
  })
})

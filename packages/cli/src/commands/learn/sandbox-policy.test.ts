/** A policy of a box: record a run, learn, enforce. The same run passes, and one step more is refused. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createSandbox } from '@lsmkit/sandbox'
import { afterAll, expect, test } from 'vitest'
import { lsm } from '../../../test/test-io.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-learn-sandbox-'))
afterAll(() => rmSync(cwd, { recursive: true }))
const programs = join(dirname(createRequire(import.meta.url).resolve('@lsmkit/wasi/package.json')), 'programs')
const sh = join(programs, 'sh.wasm')
const run = (...args: string[]) => lsm(args, { cwd })
mkdirSync(join(cwd, 'data/out'), { recursive: true })
for (const name of ['table', 'key']) writeFileSync(join(cwd, 'data', name), `${name}\n`)
const folder = { kind: 'host-folder', path: './data', writable: true }
const base = { version: 1, limits: { time: '30s' }, mounts: { '/data': folder } }
writeFileSync(join(cwd, 'base.json'), JSON.stringify(base))

const WORK = 'read line </data/table; echo $line >/data/out/new; echo more >>/data/out/new; cd /data/out; echo *'
const record = async (): Promise<void> => {
  const confined = ['--landlock', 'read=/usr/bin/sh.wasm', '--permissive-lsm', 'landlock', '--audit', 'log.jsonl']
  expect(await run('run', '--posix', '--quiet', '--mount', './data:/data:rw', ...confined, sh, '-c', WORK))
    .toMatchObject({ code: 0, stdout: 'new\n' })
}

test('record → learn → enforce: the run passes, and one step more is refused', async () => {
  await record()
  const { code, stdout, stderr } = await run('learn', 'log.jsonl', '--for', 'sandbox', '--base', 'base.json')
  expect([code, stderr]).toEqual([0, expect.stringMatching(/^sandbox: \d+ records, 2 proposals\n$/)])
  expect(JSON.parse(stdout)).toEqual({
    version: 1, limits: { time: '30s' }, mounts: { '/data': folder },
    allow: { read: ['/data/out', '/data/table'], write: ['/data/out'] },
  })
  writeFileSync(join(cwd, 'policy.json'), stdout)
  rmSync(join(cwd, 'data/out/new'))
  const enforced = (work: string) => run('sandbox', '--policy', 'policy.json', '--', sh, '-c', work)
  expect(await enforced(WORK)).toEqual({ code: 0, stdout: 'new\n', stderr: '' })
  expect(readFileSync(join(cwd, 'data/out/new'), 'utf8')).toBe('table\nmore\n')
  for (const [step, path] of [
    ['read line </data/key', '/data/key'], ['echo x >/data/table', '/data/table'], ['echo x >/data/new', '/data'],
  ] as const) {
    const refused = await enforced(`${WORK}; ${step}`)
    expect(refused.code).not.toBe(0)
    expect(refused.stderr).toContain(path)
  }
  expect(readFileSync(join(cwd, 'data/table'), 'utf8')).toBe('table\n')
})

test('createSandbox takes it as it is', async () => {
  await record()
  const { stdout } = await run('learn', 'log.jsonl', '--for', 'sandbox', '--json')
  const { policy } = JSON.parse(stdout).modules.sandbox
  await using box = await createSandbox({ inline: true, ...policy })
  expect((await box.explain()).allow).toMatchObject({ read: ['/data/out', '/data/table'], write: ['/data/out'] })
})

test('beside the code for Landlock only when it is named', async () => {
  await record()
  expect((await run('learn', 'log.jsonl')).stdout).not.toContain('"allow"')
  expect(await run('learn', 'log.jsonl', '--base', 'base.json')).toMatchObject({ code: 2 })
})

test('hosts that a run was refused are hosts of the policy, each once', async () => {
  const wget = join(programs, 'wget.wasm')
  const line = 'wget http://api.example:8080/; wget http://api.example:8080/; wget http://10.0.0.1/'
  expect(await run('shell', '--quiet', '--allow-host', 'none.invalid:1', '--audit', 'hosts.jsonl', '-c', line))
    .toMatchObject({ code: 1 })
  const { code, stdout } = await run('learn', 'hosts.jsonl', '--for', 'sandbox')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toEqual({ version: 1, allow: { hosts: ['10.0.0.1:80', 'api.example:8080'] } })
  writeFileSync(join(cwd, 'hosts.json'), stdout)
  expect(await run('sandbox', '--policy', 'hosts.json', wget, 'http://other.example:8080/')).toMatchObject({
    code: 1, stderr: expect.stringContaining('`other.example:8080`: connect refused, not in hosts'),
  })
})

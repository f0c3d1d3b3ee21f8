/** Requests as Deno 2.9 makes them, and Deno itself where it is installed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { delimiter, join } from 'node:path'
import { tmpdir } from 'node:os'
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { afterAll, describe, expect, test } from 'vitest'
import { DenoBroker } from './index.ts'
import type { DenoRecord } from './index.ts'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'deno-broker-')))
afterAll(() => rmSync(root, { recursive: true }))
for (const folder of ['data', 'out', 'shown']) mkdirSync(join(root, folder))
writeFileSync(join(root, 'secret'), 'secret')
writeFileSync(join(root, 'data/file'), 'text')
symlinkSync('../secret', join(root, 'data/link'))
symlinkSync('../made', join(root, 'out/link'))
symlinkSync('loop', join(root, 'data/loop'))

const policy: Policy = {
  allow: {
    read: [`${root}/data`, '/shown'], write: [`${root}/out`], exec: ['/usr/bin'], connect: [8080],
    hosts: ['api.example.com:443', '*.example.org:80'],
  },
  mounts: { '/shown': { kind: 'host-folder', path: `${root}/shown` } },
  env: { MODE: 'test' },
}

const ask = async (permission: string, value: string | null, more: object = {}) => {
  const broker = await DenoBroker.start({ policy, cwd: root })
  try {
    return broker.answer({ v: 1, id: 1, pid: null, permission, value, ...more })
  } finally {
    await broker.close()
  }
}

describe('decisions', () => {
  test.each<{ permission: string; value: string | null; allowed: boolean; permit?: object | null }>([
    { permission: 'read', value: `${root}/data/file`, allowed: true },
    { permission: 'read', value: './data/file', allowed: true },
    { permission: 'read', value: 'data/../secret', allowed: false, permit: { read: [`${root}/secret`] } },
    { permission: 'read', value: `${root}/data/link`, allowed: false, permit: null },
    { permission: 'read', value: `${root}/data/loop`, allowed: false, permit: null },
    { permission: 'read', value: `${root}/database`, allowed: false },
    { permission: 'read', value: `${root}/shown/x`, allowed: true },
    { permission: 'read', value: '/shown/x', allowed: false },
    { permission: 'read', value: null, allowed: false },
    { permission: 'write', value: `${root}/out/new/file`, allowed: true },
    { permission: 'write', value: `${root}/out/link`, allowed: false },
    { permission: 'write', value: `${root}/data/file`, allowed: false, permit: { write: [`${root}/data/file`] } },
    { permission: 'write', value: `${root}/shown/x`, allowed: false },
    { permission: 'run', value: null, allowed: false },
    { permission: 'run', value: '/usr/bin/env', allowed: true },
    { permission: 'run', value: `${root}/data/file`, allowed: false },
    { permission: 'net', value: 'api.example.com:443', allowed: true },
    { permission: 'net', value: 'API.EXAMPLE.COM.:443', allowed: true },
    { permission: 'net', value: 'api.example.com', allowed: false },
    { permission: 'net', value: 'a.example.org:80', allowed: true },
    { permission: 'net', value: 'example.org:80', allowed: false, permit: { hosts: ['example.org:80'] } },
    { permission: 'net', value: '127.0.0.1:8080', allowed: true },
    { permission: 'net', value: '[::1]:8080', allowed: true },
    { permission: 'net', value: '127.0.0.1:22', allowed: false, permit: { connect: [22] } },
    { permission: 'net', value: '10.0.0.1:8080', allowed: false },
    { permission: 'import', value: 'api.example.com:443', allowed: true },
    { permission: 'import', value: 'localhost:8080', allowed: false },
    { permission: 'env', value: 'MODE', allowed: true },
    { permission: 'env', value: 'HOME', allowed: false },
    { permission: 'env', value: null, allowed: false },
    { permission: 'sys', value: 'cpus', allowed: true },
    { permission: 'sys', value: 'hostname', allowed: false },
    { permission: 'ffi', value: '/usr/lib/libc.so', allowed: false },
    { permission: 'teleport', value: 'x', allowed: false },
  ])('$permission $value: $allowed', async ({ permission, value, ...expected }) => {
    expect(await ask(permission, value)).toMatchObject(expected)
  })

  test('a version that is not known is refused', async () => {
    expect(await ask('read', `${root}/data/file`, { v: 2 })).toMatchObject({ allowed: false })
  })
})

test('a policy with modules is refused, and unknown options are', async () => {
  await expect(DenoBroker.start({ policy: { ...policy, modules: [{ module: '@lsmkit/smack' }] } }))
    .rejects.toMatchObject({ code: 'modules' })
  await expect(DenoBroker.start({ policy, cdw: '/' } as never)).rejects.toMatchObject({ code: 'unknown-option' })
})

test('lines are answered in order; anything else ends the connection', async () => {
  const records: DenoRecord[] = []
  const broker = await DenoBroker.start({ policy, cwd: root, onRecord: (record) => records.push(record) })
  const line = (id: number, value: string): string =>
    `${JSON.stringify({ v: 1, pid: 1, id, datetime: '2026-11-30T00:00:00Z', permission: 'read', value })}\n`
  const talk = async (text: string): Promise<string> => {
    const socket = createConnection(broker.path)
    let heard = ''
    socket.on('error', () => {}).on('data', (bytes) => (heard += String(bytes))).end(text)
    await new Promise((resolve) => socket.once('close', resolve))
    return heard
  }
  expect(await talk(line(1, `${root}/data/file`) + line(2, '/etc/passwd'))).toBe(
    '{"id":1,"result":"allow"}\n{"id":2,"result":"deny","reason":"not permitted by the policy"}\n')
  expect(records.map(({ allowed, sentence }) => [allowed, sentence])[1])
    .toEqual([false, '`/etc/passwd`: read refused, not beneath a place of `read`'])
  for (const bad of ['hello\n', '{}\n', '[1]\n', `${'x'.repeat(1 << 17)}`, '{"v":1,"id":1,"permission":3}\n']) {
    expect(await talk(bad + line(3, `${root}/data/file`))).toBe('')
  }
  await broker.close()
})

const deno = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/bin'].map((folder) => join(folder, 'deno'))
  .concat(process.env['DENO'] ?? []).find((path) => existsSync(path))

test.skipIf(deno === undefined)('Deno itself asks (DENO, or deno on PATH)', async () => {
  const records: DenoRecord[] = []
  const broker = await DenoBroker.start({ policy, onRecord: (record) => records.push(record) })
  writeFileSync(join(root, 'data/app.mts'), `
    const attempt = (name, act) => { try { console.log(name, act()) } catch (error) { console.log(name, error.name) } }
    attempt('read', () => Deno.readTextFileSync('file'))
    attempt('link', () => Deno.readTextFileSync('link'))
    attempt('passwd', () => Deno.readTextFileSync('/etc/passwd').length)
    attempt('write', () => Deno.writeTextFileSync('../out/made', 'x'))
    attempt('mode', () => Deno.env.get('MODE'))
    attempt('path', () => Deno.env.get('PATH'))
    attempt('listen', () => Deno.listen({ port: 22222 }))
    attempt('run', () => new Deno.Command('/usr/sbin/nologin').outputSync())
    Deno.chdir('.')
  `)
  const child = spawn(deno!, ['run', '--allow-all', 'app.mts'], {
    cwd: join(root, 'data'), stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, MODE: 'test', DENO_PERMISSION_BROKER_PATH: broker.path, DENO_NO_UPDATE_CHECK: '1' },
  })
  let out = ''
  child.stdout.on('data', (bytes) => (out += String(bytes)))
  await once(child, 'close')
  await broker.close()
  expect(out.trim().split('\n')).toEqual([
    'read text', 'link NotCapable', 'passwd NotCapable', 'write undefined', 'mode test', 'path NotCapable',
    'listen NotCapable', 'run NotCapable',
  ])
  expect(records.filter(({ allowed }) => !allowed).map(({ permission }) => permission))
    .toEqual(['read', 'read', 'env', 'net', 'run', 'run'])
})

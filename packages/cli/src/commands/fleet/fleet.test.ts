import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lsm } from '../../../test/test-io.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-fleet-'))
afterAll(() => rmSync(cwd, { recursive: true }))
const put = (name: string, value: unknown): void =>
  writeFileSync(join(cwd, name), typeof value === 'string' ? value : JSON.stringify(value))
const run = (...args: string[]) => lsm(args, { cwd })
const bundle = (...args: string[]) => run('fleet', 'bundle', ...args)

const ask = (path: string, answer: string) =>
  ({ policy: 'sandbox', ask: { kind: 'path', right: 'read', path }, answer })

beforeAll(async () => {
  mkdirSync(join(cwd, 'web/questions'), { recursive: true })
  put('web/bundle.json', { name: 'web', version: '1', epoch: 1 })
  put('web/sandbox.json', { version: 1, allow: { read: ['/site'] } })
  put('web/questions/basic.json', [ask('/site/a', 'allow'), ask('/etc/passwd', 'deny')])
  await bundle('keygen', 'alice')
  await bundle('keygen', 'bob')
  await bundle('build', 'web', '-o', 'web.lsmb')
})

test('a key pair is made once, and the secret one is for its owner alone', async () => {
  expect(statSync(join(cwd, 'alice.key')).mode & 0o777).toBe(0o600)
  expect(readFileSync(join(cwd, 'alice.pub'), 'utf8')).not.toContain('"d"')
  expect(await bundle('keygen', 'alice')).toMatchObject({ code: 3 })
})

test('a bundle is refused until enough keys have signed it', async () => {
  await bundle('build', 'web', '-o', 'signed.lsmb')
  const verify = () =>
    bundle('verify', 'signed.lsmb', '--key', 'alice.pub', '--key', 'bob.pub', '--needed', '2')
  expect(await verify()).toMatchObject({ code: 1, stdout: expect.stringContaining('0 of the 2 signatures') })
  expect(await bundle('sign', 'signed.lsmb', '--key', 'alice.key')).toMatchObject({ code: 0 })
  expect(await verify()).toMatchObject({ code: 1, stdout: expect.stringContaining('1 of the 2 signatures') })
  await bundle('sign', 'signed.lsmb', '--key', 'bob.key')
  expect(await verify()).toMatchObject({ code: 0, stdout: 'signed.lsmb: verified; 2 questions and 0 scenarios pass\n' })
})

test('a bundle whose questions have other answers is refused by name', async () => {
  mkdirSync(join(cwd, 'wrong/questions'), { recursive: true })
  put('wrong/bundle.json', { name: 'web', version: '2', epoch: 2 })
  put('wrong/sandbox.json', { version: 1, allow: { read: ['/'] } })
  put('wrong/questions/basic.json', [ask('/etc/passwd', 'deny')])
  await bundle('build', 'wrong', '-o', 'wrong.lsmb')
  await bundle('sign', 'wrong.lsmb', '--key', 'alice.key')
  const { code, stdout } = await bundle('verify', 'wrong.lsmb', '--key', 'alice.pub', '--json')
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({
    verified: false, code: 'question-failed', place: 'questions/basic.json[0]',
  })
})

test('inspect and diff', async () => {
  expect((await bundle('inspect', 'web.lsmb')).stdout).toContain('signed by  no key')
  expect((await bundle('inspect', 'web.lsmb')).stdout).toMatch(/sandbox\.json\s+sandbox\s+\d+ bytes/)
  put('web/sandbox.json', { version: 1, allow: { read: ['/site', '/srv'] } })
  await bundle('build', 'web', '-o', 'new.lsmb', '--epoch', '2', '--back', 'web.lsmb')
  expect(await bundle('diff', 'web.lsmb', 'web.lsmb')).toMatchObject({ code: 0, stdout: '' })
  const { code, stdout } = await bundle('diff', 'web.lsmb', 'new.lsmb')
  expect(code).toBe(1)
  expect(stdout).toContain('~ bundle: epoch: 1 became 2')
  expect(stdout).toContain('+ sandbox: programs: `/srv` may now be read')
})

test.each([
  [['build', 'nothing', '-o', 'x.lsmb'], 3], [['build', 'web'], 2], [['inspect', 'alice.pub'], 3],
  [['sign', 'web.lsmb', '--key', 'alice.pub'], 3], [['verify', 'web.lsmb'], 2],
  [['verify', 'alice.pub', '--key', 'alice.pub'], 3], [['verify', 'web.lsmb', '--key', 'alice.key'], 3],
])('%j ends with %i', async (args, code) => expect((await bundle(...args)).code).toBe(code))

test('lsm policy within: 0 proved, 1 wider, 3 neither', async () => {
  put('max.json', { version: 1, allow: { read: ['/site'] } })
  put('less.json', { version: 1, allow: {} })
  put('rules', 'Web Log rw\n')
  put('fewer', 'Web Log r\n')
  put('landlock.json', { read: ['/srv'] })
  put('below.json', { read: ['/srv/a'] })
  const within = (name: string, max: string, ...rest: string[]) =>
    run('policy', 'within', name, '--max', max, ...rest)
  expect(await within('less.json', 'max.json')).toMatchObject({ code: 0, stdout: 'less.json is within max.json\n' })
  expect(await within('fewer', 'rules')).toMatchObject({ code: 0 })
  const more = await within('rules', 'fewer')
  expect(more).toMatchObject({ code: 1, stdout: 'more: access: Web may now write and lock Log\n' })
  const unknown = await within('below.json', 'landlock.json')
  expect(unknown).toMatchObject({ code: 3, stdout: expect.stringContaining('not proved') })
  expect(await within('below.json', 'landlock.json', '--assume', 'no-links')).toMatchObject({ code: 0 })
  expect(await within('rules', 'max.json')).toMatchObject({ code: 3 })
})

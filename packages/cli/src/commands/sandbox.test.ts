/** `lsm sandbox`: a policy that is a file, the program's exit code, and refusals as sentences. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { lsm } from '../../test/test-io.ts'
import { spinProgram, trapProgram } from '../../test/wasm.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-sandbox-'))
afterAll(() => rmSync(cwd, { recursive: true }))
const file = (name: string, text: string | Uint8Array): string => {
  writeFileSync(join(cwd, name), text)
  return name
}
const policy = (name: string, value: object): string => file(name, JSON.stringify(value))
const programs = join(dirname(createRequire(import.meta.url).resolve('@lsmkit/wasi/package.json')), 'programs')
const cat = join(programs, 'cat.wasm')
mkdirSync(join(cwd, 'data/sub'), { recursive: true })
file('data/table', 'one\n')
const plain = policy('policy.json', {
  version: 1, allow: { read: ['/data'] }, limits: { time: '5 min' },
  mounts: { '/data': { kind: 'host-folder', path: './data' } },
})
const sandbox = (...args: readonly string[]) => lsm(['sandbox', '--policy', ...args], { cwd, stdin: 'typed' })

test('what is allowed, from where the policy lies', async () => {
  expect(await sandbox(plain, '--', cat, '/data/table')).toEqual({ code: 0, stdout: 'one\n', stderr: '' })
  expect(await sandbox(plain, cat)).toEqual({ code: 0, stdout: 'typed', stderr: '' })
  expect(await sandbox(plain, '--cwd', '/data', cat, 'table')).toMatchObject({ code: 0, stdout: 'one\n' })
})

test('what is not, as a sentence with the rule that would permit it', async () => {
  expect(await sandbox(plain, '--', cat, '/proc/version')).toEqual({
    code: 1, stdout: '',
    stderr: 'cat: /proc/version: Permission denied\n' +
      'lsm: `/proc/version`: read refused by landlock, not beneath /data ' +
      '({"read":["/proc/version"]} would permit it)\n',
  })
  const { stdout } = await sandbox(plain, '--json', cat, '/proc/version')
  expect(JSON.parse(stdout)).toMatchObject({ status: 1, denials: [{ by: 'landlock', path: '/proc/version' }] })
})

test.each<[what: string, program: string, code: number, ...options: string[]]>([
  ['a loop at its limit', file('spin.wasm', spinProgram()), 128 + 24, '--time', '200ms'],
  ['a trap', file('trap.wasm', trapProgram()), 128 + 4],
  ['nothing there', 'nowhere.wasm', 127],
  ['no program', file('text.wasm', 'echo'), 126],
  ['a path of the box that is not there', '/bin/nothing', 127],
])('%s', async (_what, program, code, ...options) => {
  expect((await sandbox(plain, ...options, program)).code).toBe(code)
})

test('the policy is told, and mistakes in it', async () => {
  expect(await sandbox(plain, '--explain')).toMatchObject({ code: 0, stdout: expect.stringContaining('read: /data') })
  expect(await sandbox(plain)).toMatchObject({ code: 2 })
  expect(await sandbox(policy('bad.json', { allow: { read: ['/data/*'] } }), cat)).toMatchObject({
    code: 3, stderr: expect.stringContaining('`/data/*` is a pattern'),
  })
  expect(await sandbox(file('broken.json', '{'), cat)).toMatchObject({ code: 3 })
  expect(await sandbox('nowhere.json', cat)).toMatchObject({ code: 3 })
})

test('modules of ours and of one\'s own', async () => {
  file('vault.mjs', `import { defineLsm } from '@lsmkit/core'
export default ({ name }) => defineLsm({
  name: 'vault', abi: '1.0',
  hooks: { file_open: (file) => (file.f_path.dentry.d_name.name === name ? -13 : 0) },
})
`)
  const own = policy('own.json', {
    modules: [{ module: '@lsmkit/yama' }, { module: './vault.mjs', options: { name: 'table' } }],
    mounts: { '/data': { kind: 'host-folder', path: './data' } },
  })
  expect(await sandbox(own, cat, '/data/table')).toMatchObject({
    code: 1, stderr: expect.stringContaining('`/data/table`: open refused by vault'),
  })
})

describe('options over the policy', () => {
  const open = policy('open.json', { version: 1, allow: { read: ['/data'], write: ['/out'] } })

  test('say what it leaves open: a folder, limits, a user, the environment, an input', async () => {
    const mount = ['--mount', './data:/data']
    expect(await sandbox(open, ...mount, cat, '/data/table')).toMatchObject({ code: 0, stdout: 'one\n' })
    expect(await sandbox(open, '--output', '2', ...mount, cat, '/data/table')).toMatchObject({ code: 128 + 25 })
    expect(await sandbox(open, '--time', '200ms', 'spin.wasm')).toMatchObject({ code: 128 + 24 })
    expect(await sandbox(open, '--stdin', 'data/table', cat)).toMatchObject({ code: 0, stdout: 'one\n' })
    const sh = join(programs, 'sh.wasm')
    const { stdout } = await sandbox(open, '--user', '7', '--env', 'X=y', sh, '-c', 'echo $X >/out/f; echo $X')
    expect(stdout).toBe('y\n')
  })

  test('allow less', async () => {
    const args = ['--mount', './data:/data', '--read', '/data/sub', cat, '/data/table']
    expect(await sandbox(open, ...args)).toMatchObject({
      code: 1, stderr: expect.stringContaining('`/data/table`: read refused by landlock'),
    })
  })

  test('add a module, which decides beside the policy', async () => {
    file('wall.mjs', `import { defineLsm } from '@lsmkit/core'
export default () => defineLsm({ name: 'wall', abi: '1.0', hooks: { file_open: () => -13 } })
`)
    const under = (name: string) =>
      sandbox(name, '--module', './wall.mjs', '--mount', './data:/data', cat, '/data/table')
    const refused = (by: string) => ({ code: 1, stderr: expect.stringContaining(`refused by ${by}`) as string })
    expect(await under(open)).toMatchObject(refused('wall'))
    expect(await under(policy('nothing.json', { version: 1 }))).toMatchObject(refused('landlock'))
  })

  test.each([
    [['--time', '6min'], 'the policy says `time`: 5 min'],
    [['--read', '/etc'], 'the policy does not let it read `/etc`'],
    [['--mount', './data:/data'], 'something is mounted on `/data` already'],
  ])('and nothing more: %s', async (options, message) => {
    expect(await sandbox(plain, ...options, cat)).toMatchObject({
      code: 2, stdout: '', stderr: expect.stringContaining(message),
    })
  })
})

test('a managed maximum: each thing beyond it is named, and the rest is filled from it', async () => {
  const max = policy('max.json', {
    allow: { read: ['/data'] }, limits: { time: '1 min' }, mounts: { '/data': { kind: 'host-folder', path: './data' } },
  })
  const small = policy('small.json', {
    allow: { read: ['/data/table'] }, mounts: { '/data': { kind: 'host-folder', path: './data' } },
  })
  expect(await sandbox(small, '--within', max, '--', cat, '/data/table')).toMatchObject({ code: 0, stdout: 'one\n' })
  expect((await sandbox(small, '--within', max, '--explain')).stdout).toContain('1 min')
  const { code, stderr } = await sandbox(plain, '--within', max, '--', cat, '/data/table')
  expect({ code, stderr }).toEqual({
    code: 3, stderr: expect.stringContaining('limits: time: `5 min` is more than `1 min`'),
  })
  const large = policy('large.json', {
    allow: { read: ['/'], connect: [443] }, mounts: { '/x': { kind: 'host-folder', path: '.' } },
  })
  const refused = await sandbox(large, '--within', max, '--explain')
  for (const place of ['allow: read: `/`', 'allow: connect: `443`', 'mounts: /x']) {
    expect(refused.stderr).toContain(place)
  }
})

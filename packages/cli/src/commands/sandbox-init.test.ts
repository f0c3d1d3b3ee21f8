/** `lsm sandbox init`: a policy out of options or answers, which `lsm sandbox` takes as it is. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkPolicy } from '@lsmkit/sandbox'
import { beforeEach, afterEach, expect, test } from 'vitest'
import { lsm } from '../../test/test-io.ts'

let cwd: string
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'lsm-init-'))
  mkdirSync(join(cwd, 'repo'))
})
afterEach(() => rmSync(cwd, { recursive: true }))
const init = (args: readonly string[], { stdin = '', isTerminal = false } = {}) =>
  lsm(['sandbox', 'init', ...args], { cwd, stdin, isTerminal })
const written = (name = 'policy.json'): unknown => checkPolicy(JSON.parse(readFileSync(join(cwd, name), 'utf8')))
const copy = (path: string) => ({ kind: 'host-folder', path, copyOnWrite: true })

test('--yes: the folder that you are in, as a copy', async () => {
  expect(await init(['--yes'])).toMatchObject({ code: 0, stdout: '' })
  expect(written()).toEqual({
    version: 1, allow: { read: ['/work'], write: ['/work'] }, mounts: { '/work': copy('./') },
    limits: { time: '1 min' },
  })
  const { code, stdout } = await lsm(['sandbox', '--policy', 'policy.json', '--explain'], { cwd })
  expect([code, stdout]).toEqual([0, expect.stringContaining('write: /work')])
})

test('options say all', async () => {
  await init([
    'sub.json', '--folder', './repo:/repo', '--folder', 'repo', '--use', 'write', '--read', '/etc', '--exec', '/bin',
    '--connect', '443', '--connect', 'unix', '--host', '*.example.org:443', '--time', '5s', '--memory', '64 MiB',
    '--files', '1 MiB',
  ])
  const folder = { kind: 'host-folder', path: './repo', writable: true }
  expect(written('sub.json')).toEqual({
    version: 1, allow: {
      read: ['/repo', '/work2', '/etc'], write: ['/repo', '/work2'], exec: ['/bin'], connect: [443, 'unix'],
      hosts: ['*.example.org:443'],
    },
    mounts: { '/repo': folder, '/work2': folder }, limits: { time: '5s', memory: '64 MiB', files: '1 MiB' },
  })
})

test.each<[typed: string, policy: object]>([
  ['\n\n\n\n\n', {
    version: 1, allow: { read: ['/work'], write: ['/work'] }, mounts: { '/work': copy('./') },
    limits: { time: '1 min', memory: '256 MiB' },
  }],
  ['repo:/r\nread\napi.example.org:443, b.example:80\n10s\n1 GiB\n', {
    version: 1, allow: { read: ['/r'], hosts: ['api.example.org:443', 'b.example:80'] },
    mounts: { '/r': { kind: 'host-folder', path: './repo' } }, limits: { time: '10s', memory: '1 GiB' },
  }],
  ['none\n', { version: 1, allow: {}, mounts: {}, limits: { time: '1 min', memory: '256 MiB' } }],
])('somebody at a terminal types %j', async (typed, policy) => {
  expect(await init([], { stdin: typed, isTerminal: true })).toMatchObject({ code: 0 })
  expect(written()).toEqual(policy)
})

test.each([
  [[], 'standard input is not a terminal'], [['--use', 'keep'], 'a folder cannot be used as `keep`'],
  [['--connect', 'https'], '`https` is not a port'], [['there.json', '--yes'], '`there.json` is there already'],
])('%s', async (args, says) => {
  writeFileSync(join(cwd, 'there.json'), '{}')
  const { code, stderr } = await init(args)
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(says) })
})

test('mistakes of a policy are those that the policy would have', async () => {
  expect(await init(['--host', 'example.org']))
    .toMatchObject({ code: 3, stderr: expect.stringContaining('example.org:443') })
  expect(await init(['there.json', '--yes', '--force'])).toMatchObject({ code: 0 })
})

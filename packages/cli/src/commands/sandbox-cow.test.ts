/** `lsm sandbox --cow`: changes are shown at the end, and applied where somebody says so. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { lsm } from '../../test/test-io.ts'
import type { Ran } from '../../test/test-io.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-cow-'))
afterAll(() => rmSync(cwd, { recursive: true }))
const programs = join(dirname(createRequire(import.meta.url).resolve('@lsmkit/wasi/package.json')), 'programs')
const sh = join(programs, 'sh.wasm')
const folder = { kind: 'host-folder', path: './repo' }
const policy = (place: object): void =>
  writeFileSync(join(cwd, 'policy.json'), JSON.stringify({
    allow: { read: ['/repo'], write: ['/repo'] }, mounts: { '/repo': place },
  }))
const repo = (name: string): string => readFileSync(join(cwd, 'repo', name), 'utf8')

beforeEach(() => {
  rmSync(join(cwd, 'repo'), { recursive: true, force: true })
  mkdirSync(join(cwd, 'repo/src'), { recursive: true })
  writeFileSync(join(cwd, 'repo/src/a'), 'one\n')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 15)
  policy(folder)
})

const WORK = 'echo two >/repo/src/a; echo new >/repo/new'
const run = (options: readonly string[], { stdin = '', isTerminal = false, work = WORK } = {}): Promise<Ran> =>
  lsm(['sandbox', '--policy', 'policy.json', ...options, '--', sh, '-c', work], { cwd, stdin, isTerminal })
const shown = 'lsm: 2 changes in folders of the host, which are as they were:\n' +
  '  added /repo/new\n  changed /repo/src/a\n'

test.each<[options: string[], code: number, stderr: string, a: string]>([
  [['--cow', '--yes'], 0, `${shown}lsm: 2 changes applied\n`, 'two\n'],
  [['--cow', '--no'], 0, shown, 'one\n'],
  [['--cow', '--apply', 'src/**'], 0, `${shown}lsm: 1 change applied\n`, 'two\n'],
  [['--cow', '--apply', 'new'], 0, `${shown}lsm: 1 change applied\n`, 'one\n'],
  [['--cow', '--quiet', '-y'], 0, 'lsm: 2 changes applied\n', 'two\n'],
  [['--cow'], 1, `${shown}lsm: nothing was applied: standard input is not a terminal ` +
    '(say --yes, --no, or --apply PATTERN)\n', 'one\n'],
])('%s', async (options, code, stderr, a) => {
  expect(await run(options)).toEqual({ code, stdout: '', stderr })
  expect(repo('src/a')).toBe(a)
})

test.each<[typed: string, a: string, says: string]>([
  ['y\n', 'two\n', 'lsm: 2 changes applied'], ['n\n', 'one\n', 'apply them?'], ['', 'one\n', 'apply them?'],
  ['d\nsrc/**\n', 'two\n', '-one\n+two\n'], ['\n\nyes\n', 'two\n', 'lsm: 2 changes applied'],
])('somebody at a terminal types %j', async (typed, a, says) => {
  policy({ ...folder, copyOnWrite: true })
  const { code, stderr } = await run([], { stdin: typed, isTerminal: true })
  expect(code).toBe(0)
  expect(stderr).toContain(says)
  expect(repo('src/a')).toBe(a)
})

test('a run that changes nothing asks nothing, and the status of a program that fails stays', async () => {
  expect(await run(['--cow'], { work: 'true' })).toEqual({ code: 0, stdout: '', stderr: '' })
  expect(await run(['--cow', '-y'], { work: `${WORK}; exit 7` })).toMatchObject({ code: 7 })
  expect(repo('new')).toBe('new\n')
})

test('what cannot be applied is told with its places', async () => {
  // programs do not see it
  execFileSync('mkfifo', [join(cwd, 'repo/pipe')])
  const { code, stderr } = await run(['--cow', '--yes'], { work: 'echo x >/repo/pipe; echo x >/repo/x' })
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(
    'lsm:   /repo/pipe: the host has made something there\n',
  ) })
  expect(() => repo('x')).toThrow('ENOENT')
})

test('as JSON', async () => {
  const { stdout } = await run(['--cow', '--json', '--apply', 'new'])
  expect(JSON.parse(stdout)).toMatchObject({
    status: 0, applied: ['/repo/new'], changes: [
      { kind: 'added', path: '/repo/new' },
      { kind: 'changed', path: '/repo/src/a', diff: expect.stringContaining('-one\n+two') },
    ],
  })
})

test.each([
  [['--cow', '--yes', '--no'], '`--yes` and `--no` contradict each other'],
  [['--yes'], '`--yes` answers for folders that are copied on write'],
])('%s', async (options, says) => {
  const { code, stderr } = await run(options)
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(says) })
})

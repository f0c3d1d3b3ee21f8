import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { lsm } from '../../../test/test-io.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-seccomp-'))
afterAll(() => rmSync(cwd, { recursive: true }))
const check = (...args: string[]) => lsm(['seccomp', 'check', ...args], { cwd })
writeFileSync(join(cwd, 'good.json'), JSON.stringify({
  defaultAction: 'SCMP_ACT_ERRNO', syscalls: [
    { names: ['execve', 'exit_group', 'openat', 'read'], action: 'SCMP_ACT_ALLOW' },
    { names: ['socket'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 1, op: 'SCMP_CMP_EQ' }] },
    { names: ['mount'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_ADMIN'] } },
  ],
}))
const empty = { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ names: [], action: 'SCMP_ACT_ALLOW' }] }
writeFileSync(join(cwd, 'empty.json'), JSON.stringify(empty))
writeFileSync(join(cwd, 'log'), 'execve("/x", [], []) = 0\nopenat(3, "a", 0) = 3\nmount("a", "b") = -1\n')

test('calls are asked about', async () => {
  expect(await check('good.json')).toEqual({ code: 0, stdout: 'nothing was found\n', stderr: '' })
  const { code, stdout } = await check('good.json', '--', 'openat', 'socket(1,1,0)', 'socket(2,1,0)', 'socket', 'mount')
  expect(code).toBe(1)
  expect(stdout.split('\n')).toEqual([
    'openat         allowed by syscalls[0]', 'socket(1,1,0)  allowed by syscalls[1]',
    'socket(2,1,0)  refused: SCMP_ACT_ERRNO with errno 1, by the default', 'socket         depends: argument 0 is 1',
    'mount          refused: SCMP_ACT_ERRNO with errno 1, by the default', '',
  ])
  expect(await check('good.json', '--cap', 'sys_admin', 'mount')).toMatchObject({ code: 0 })
})

test('a profile under which nothing starts', async () => {
  const { code, stdout } = await check('empty.json')
  expect(code).toBe(1)
  expect(stdout).toContain('no program can start')
  expect(stdout).toContain('syscalls[0]')
})

test('a recorded run is held against it', async () => {
  const { code, stdout } = await check('good.json', '--program-needs', 'log')
  expect(code).toBe(1)
  expect(stdout).toContain('3 calls of the run: 2 allowed, 1 refused, 0 by their arguments')
  const { stdout: json } = await check('good.json', '--program-needs', 'log', '--json')
  expect(JSON.parse(json).needs[2]).toMatchObject({ name: 'mount', verdict: 'refused', lines: [3] })
})

test('wrong usage', async () => {
  expect(await check('good.json', 'nothing')).toMatchObject({ code: 2 })
  expect(await check('good.json', 'socket(a)')).toMatchObject({ code: 2 })
  writeFileSync(join(cwd, 'none'), 'hello\n')
  expect(await check('good.json', '--program-needs', 'none')).toMatchObject({ code: 3 })
  expect(await check('nowhere.json')).toMatchObject({ code: 3 })
})

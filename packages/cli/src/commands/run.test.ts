import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AT_FDCWD, EACCES, ENOENT, EPERM, EROFS, SYS_faccessat2, SYS_setuid } from '@lsmkit/abi'
import { afterAll, describe, expect, test } from 'vitest'
import { lsm } from '../../test/test-io.ts'
import { callProgram, DATA, trapProgram } from '../../test/wasm.ts'

// The command loads its runner when it is first used: here, outside of a test's time.
await import('./run.ts')

const cwd = mkdtempSync(join(tmpdir(), 'lsm-run-'))
afterAll(() => rmSync(cwd, { recursive: true }))

const file = (name: string, bytes: Uint8Array | string): string => {
  writeFileSync(join(cwd, name), bytes)
  return name
}
const become = file('become-root.wasm', callProgram(SYS_setuid, [0]))
const change = file('change-user.wasm', callProgram(SYS_setuid, [1000]))
const broken = file('broken.wasm', Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 9))
/** Asks whether `path` may be read or written (R_OK and W_OK of access(2)). */
const access = (path: string, mode: 'read' | 'write' = 'read'): string =>
  file(`${mode}${path.replaceAll('/', '-')}.wasm`,
    callProgram(SYS_faccessat2, [AT_FDCWD, DATA, mode === 'read' ? 4 : 2], path))
const run = (...args: readonly string[]) => lsm(['run', ...args], { cwd })

describe('the exit code is the status of the program', () => {
  test.each([
    { args: [become], code: 0, why: 'root may become root' },
    { args: ['--uid', '1000', become], code: EPERM, why: 'others may not' },
    { args: ['--uid', '1000', '--caps', 'cap_setuid=p', become], code: 0, why: 'the capability outlives execve' },
    { args: ['--caps', 'cap_chown=p', change], code: EPERM, why: 'root holds no more' },
    { args: [access('/nowhere')], code: ENOENT, why: 'errno comes through' },
    { args: ['not-there.wasm'], code: 127, why: 'not found' },
    { args: ['.'], code: 126, why: 'a folder' },
    { args: [file('text.wasm', 'echo')], code: 126, why: 'no program' },
    { args: [broken], code: 126, why: 'a broken module' },
    { args: [file('trap.wasm', trapProgram())], code: 128 + 4, why: 'SIGILL' },
  ])('$code: $why', async ({ args, code }) => {
    expect(await run(...args)).toMatchObject({ code, stdout: '' })
  })
})

test('a folder of the host is there, and cannot be written', async () => {
  file('data.txt', 'text')
  expect((await run('--mount', '.:/data:ro', access('/data/data.txt'))).code).toBe(0)
  expect((await run('--mount', '.:/data', access('/data/data.txt', 'write'))).code).toBe(EROFS)
  expect((await run(access('/data/data.txt'))).code).toBe(ENOENT)
  expect((await run('--mount', 'nowhere:/data', become)).code).toBe(3)
})

test('--strace tells each call, and who refused', async () => {
  const { stderr } = await run('--uid', '1000', '--strace', '--lsm', 'capability', '--quiet', become)
  expect(stderr).toMatch(/^\[pid \d+\] execve\("\/usr\/bin\/become-root.wasm", .*\) = 0$/m)
  expect(stderr).toMatch(/^\[pid \d+\] setuid\(0\) = -1 EPERM <capable: capability>$/m)
})

test('--audit writes lines of JSON', async () => {
  await run('--uid', '1000', '--audit', 'audit.jsonl', become)
  const lines = readFileSync(join(cwd, 'audit.jsonl'), 'utf8').trim().split('\n')
  const denial = { kind: 'denial', hook: 'capable', lsm: 'capability', error: 'EPERM' }
  expect(lines.map((line) => JSON.parse(line) as object)).toContainEqual(expect.objectContaining(denial))
})

test('--audit - writes the text of the kernel on stderr', async () => {
  const { stderr } = await run('--uid', '1000', '--audit', '-', become)
  expect(stderr).toMatch(/^type=LSM_DENIED msg=audit\(.*lsm=capability hook=capable/m)
})

test('--json', async () => {
  const { code, stdout } = await run('--uid', '1000', '--lsm', 'capability', '--json', become)
  expect(code).toBe(EPERM)
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 1, lsms: ['capability'], status: EPERM, signal: 0, stdout: '',
    denials: [{ hook: 'capable', lsm: 'capability', error: 'EPERM', uid: 1000 }],
  })
})

test('options behind the program are its own', async () => {
  expect((await run(become, '--uid', '1000')).code).toBe(0)
})

test('a file that only root may read', async () => {
  expect((await run('--uid', '1000', access('/proc/1/mem'))).code).toBe(EACCES)
})

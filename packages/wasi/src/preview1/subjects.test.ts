/**
 * The subjects of `programs/test/subjects.c` on files in memory, on a folder of the host and by node:wasi, side by
 * side. The table has what is not `ok` and by whom; all else is, for all three.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { hostfs } from '@lsmkit/kernel/hostfs'
import { afterAll, expect, test } from 'vitest'
import { toolBytes } from '../../test/tools.ts'
import { compileProgram, runWasi } from '../index.ts'
import { collect } from '../testing/boot.ts'

type Where = 'tmpfs' | 'hostfs' | 'node:wasi'

const notOk: Readonly<Record<string, Partial<Record<Where, string>>>> = {
  appending: { 'node:wasi': 'stat.fs_flags is 33794, not 1' },
  dangling_symlinks: { 'node:wasi': 'open_as("l", 0, READ_RIGHTS, 0, &fd) is 44' },
  not_followed: { 'node:wasi': 'open_as("l", __WASI_OFLAGS_DIRECTORY, READ_RIGHTS, 0, &fd) is 0' },
  symlinks: { 'node:wasi': '__wasi_path_readlink(ROOT, "l", (uint8_t *)read, 3, &n) is 42, not 0' },
  times_by_descriptor: { 'node:wasi': 'after.atim == before.atim is 0, not 1' },
  // it never answers flags that exclude each other
  times_by_path: { 'node:wasi': 'not run' },
  // no call of Node takes a time to the nanosecond
  times_exact: { 'node:wasi': 'is_near(stat.atim, 1700000000 * NS + 123456789) is 0, not 1' },
  times_near: { 'node:wasi': 'is_near(stat.atim, 1700000000 * NS + 123456789) is 0, not 1' },
}

const base = mkdtempSync(join(tmpdir(), 'subjects-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))
const folder = (): string => mkdtempSync(join(base, 'd-'))
const program = compileProgram(toolBytes('test/subjects'))

const onOurs = (type: 'tmpfs' | ReturnType<typeof hostfs>, names: readonly string[]): string => {
  const kernel = bootKernel({ stack: createStack({ lsms: [capability()] }), mounts: [{ type, target: '/d' }] })
  const out = collect()
  runWasi(kernel, kernel.init, {
    program, argv: ['subjects', ...names], preopens: { '/d': '/d' }, stdout: out.sink,
  })
  return out.text()
}

const script = `
  import { readFileSync, mkdtempSync } from 'node:fs'
  import { WASI } from 'node:wasi'
  const [file, base, ...names] = process.argv.slice(1)
  const module = new WebAssembly.Module(readFileSync(file))
  for (const name of names) {
    const preopens = { '/d': mkdtempSync(base + '/n-') }
    const wasi = new WASI({ version: 'preview1', args: ['subjects', name], preopens })
    wasi.start(new WebAssembly.Instance(module, wasi.getImportObject()))
  }
`
const byNode = (names: readonly string[]): string =>
  execFileSync(process.execPath, [
    '--no-warnings', '--input-type=module', '--eval', script, '--',
    fileURLToPath(new URL('../../programs/test/subjects.wasm', import.meta.url)), base, ...names,
  ], { encoding: 'utf8', timeout: 400_000 })

const names = onOurs('tmpfs', []).trim().split('\n')
const expected = (where: Where) => {
  const answers = names.map((name) => [name, notOk[name]?.[where] ?? 'ok'] as const)
  return Object.fromEntries(answers.filter(([, answer]) => answer !== 'not run'))
}
const told = (lines: readonly string[]) =>
  Object.fromEntries(lines.join('').trim().split('\n').map((line) => {
    const [name, ...rest] = line.split(': ')
    return [name, rest.join(': ')]
  }))

test('the table names subjects that there are', () => {
  expect(names).toEqual(expect.arrayContaining(Object.keys(notOk)))
  expect(names).toHaveLength(36)
})

test('files in memory: 36 of 36', () => {
  expect(told(names.map((name) => onOurs('tmpfs', [name])))).toEqual(expected('tmpfs'))
})

test.skipIf(process.platform !== 'linux')('a folder of the host: 36 of 36', () => {
  const run = (name: string): string => onOurs(hostfs({ path: folder(), writable: true }), [name])
  expect(told(names.map(run))).toEqual(expected('hostfs'))
})

test.skipIf(!process.version.startsWith('v24.'))('node:wasi of Node 24: 28 of 36', () => {
  const run = names.filter((name) => notOk[name]?.['node:wasi'] !== 'not run')
  expect(told([byNode(run)])).toEqual(expected('node:wasi'))
})

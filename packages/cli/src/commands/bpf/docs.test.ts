/** docs/bpf.md: its sources are the committed ones, its commands run, and its header compiles where clang is. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SYS_setuid } from '@lsmkit/abi'
import { afterAll, expect, test } from 'vitest'
import { lsm } from '../../../test/test-io.ts'
import { callProgram } from '../../../test/wasm.ts'

const root = new URL('../../../../../', import.meta.url)
const page = readFileSync(new URL('docs/bpf.md', root), 'utf8')
const example = new URL('examples/bpf-object/', root)
const source = (name: string): string => readFileSync(new URL(name, example), 'utf8')
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, text]) => text!)

const cwd = mkdtempSync(join(tmpdir(), 'lsm-bpf-docs-'))
afterAll(() => rmSync(cwd, { recursive: true }))

test('the C and the test of the page are those of the example', () => {
  const body = (name: string): string => source(name).split('\n').slice(2).join('\n')
  expect(blocks('c')).toEqual([body('no-writes.c'), body('open-watch.c')])
  const [, ...lines] = source('src/open-watch.test.ts').split('\n')
  expect(blocks('ts')).toEqual([
    lines.join('\n').replace("new URL('../open-watch.o', import.meta.url)", "'open-watch.o'"),
  ])
})

test('the commands of the page end as they should', async () => {
  writeFileSync(join(cwd, 'program.wasm'), callProgram(SYS_setuid, [0]))
  for (const name of ['no-writes.o', 'open-watch.o']) copyFileSync(new URL(name, example), join(cwd, name))
  const commands = blocks('sh').flatMap((text) => [...text.matchAll(/^npx lsm (.*)$/gm)].map(([, line]) => line!))
  expect(commands.length).toBeGreaterThan(5)
  for (const line of commands) {
    const words = line.split(' ')
    const isRun = words[1] === 'run' || words[1] === 'trace'
    const args = isRun ? [...words.slice(0, 2), '--syscalls', '--uid', '0', ...words.slice(2)] : words
    expect({ line, ...(await lsm(args, { cwd })) }).toMatchObject({ line, code: 0 })
  }
})

test('the header compiles the sources of the page, alone and with a vmlinux.h', async ({ skip }) => {
  const clang = process.env.CLANG ?? 'clang-19'
  if (spawnSync(clang, ['--version']).error !== undefined) return skip()
  const folder = (await lsm(['bpf', 'header'])).stdout.trim()
  const types = (await lsm(['bpf', 'types', '--format', 'h'])).stdout
  const flags = ['-target', 'bpfel', '-mcpu=v3', '-g', '-O2', '-Wall', '-Werror', '-Wno-unused-const-variable']
  for (const [at, code] of blocks('c').entries()) {
    for (const before of ['', types]) {
      writeFileSync(join(cwd, `${at}.c`), before + code)
      const files = ['-I', folder, '-c', `${at}.c`, '-o', `${at}.o`]
      const built = spawnSync(clang, [...flags, ...files], { cwd, encoding: 'utf8' })
      expect(built.stderr).toBe('')
      expect((await lsm(['bpf', 'why', `${at}.o`], { cwd })).code).toBe(0)
    }
  }
})

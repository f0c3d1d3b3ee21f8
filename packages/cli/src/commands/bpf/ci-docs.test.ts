/** docs/bpf-in-ci.md: every command of it that judges for kernels runs, on objects where its builds put them. */
import { copyFileSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { kernelReleases } from '@lsmkit/bpf/kernels'
import { vmlinuxBytes } from '@lsmkit/bpf/vmlinux'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lsm } from '../../../test/test-io.ts'

const root = new URL('../../../../../', import.meta.url)
const page = readFileSync(new URL('docs/bpf-in-ci.md', root), 'utf8')
const commands = [...page.matchAll(/npx lsm (bpf verify .*--kernel .*)$/gm)].map(([, line]) => line!)

const cwd = mkdtempSync(join(tmpdir(), 'lsm-ci-docs-'))
afterAll(() => rmSync(cwd, { recursive: true }))

beforeAll(() => {
  const places = [
    'agent.o', 'agent.bpf.o', 'internal/watch/watch_x86_bpfel.o', 'target/bpfel-unknown-none/release/agent',
    'types/none',
  ]
  for (const place of places) {
    mkdirSync(join(cwd, dirname(place)), { recursive: true })
    copyFileSync(new URL('packages/bpf/objects/deflector.o', root), join(cwd, place))
  }
  for (const release of kernelReleases) writeFileSync(join(cwd, `types/${release}.btf`), vmlinuxBytes())
})

/** The words of a line as a shell gives them. */
const wordsOf = (line: string): string[] =>
  line.split(' ').flatMap((word) => (word.includes('*') ? globSync(word, { cwd }) : [word]))

test('there is one for each loader, and the first', () => {
  expect(commands).toHaveLength(4)
})

test.each(commands.map((line) => ({ line })))('$line', async ({ line }) => {
  const { code, stdout, stderr } = await lsm(wordsOf(line), { cwd })
  expect([code, stderr]).toEqual([0, ''])
  if (line.includes('junit=bpf.xml')) expect(readFileSync(join(cwd, 'bpf.xml'), 'utf8')).toMatch(/failures="0"/)
  else if (!line.includes('--reporter')) expect(stdout).toMatch(/\d+ accepted, 0 refused/)
})

/** The page that says what a policy became: no line of it is longer than a terminal is wide. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createSandbox, hostFolder, memory } from './index.ts'
import type { SandboxOptions } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'explain-'))
afterAll(() => void rmSync(folder, { recursive: true }))

const page = async (options: SandboxOptions): Promise<string> => {
  await using box = await createSandbox({ inline: true, ...options })
  return String(await box.explain())
}

test('folders say what becomes of changes, and limits stand one by one', async () => {
  const text = await page({
    allow: { read: ['/a'], write: ['/b'] }, limits: { time: '5 s', loops: false },
    mounts: {
      '/a': hostFolder(folder), '/b': hostFolder(folder, { copyOnWrite: true }),
      '/c': hostFolder(folder, { writable: true }), '/d': memory(),
    },
  })
  const lines = text.split('\n')
  for (const line of [
    'mounted read-only: all except /b', `  /a: ${folder}, read-only`, `  /b: ${folder}, copy-on-write`,
    `  /c: ${folder}`, '  /d: in memory', 'limits:', '  time: 5 s', '  loops: off', '  memory: 1 GiB',
  ]) expect(lines).toContain(line)
  expect(lines.filter((line) => line.length > 80)).toEqual([])
})

test('where nothing may be written, all is read-only', async () => {
  expect(await page({ allow: { read: ['/'] } })).toContain('mounted read-only: all\n')
})

test('a mount that is none shows both ways to write one', async () => {
  await expect(page({ allow: {}, mounts: { '/a': { folder } as never } }))
    .rejects.toMatchObject({ hint: `memory(), hostFolder('./data'), or { "kind": "host-folder", "path": "./data" }` })
})

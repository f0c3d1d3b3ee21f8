import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tour } from './tour.ts'

test('three hosts take good releases, refuse a bad one, go back, and report refusals', async () => {
  const path = mkdtempSync(join(tmpdir(), 'lsmkit-example-'))
  const lines: string[] = []
  for await (const line of tour(path)) lines.push(line)
  const all = (text: string): string => ['web-1', 'web-2', 'web-3'].map((host) => `${host} has ${text}`).join(', ')
  expect(lines.slice(0, 6)).toEqual([
    `release 1: ${all('1')}`,
    `release 2: ${all('1 (question-failed)')}`,
    expect.stringContaining('keys stay here'),
    `release 3: ${all('3')}`,
    `and back:  ${all('1')}`,
    'a box of your own that reads /cache: wider',
  ])
  expect(lines.slice(6).sort()).toEqual(
    [1, 2, 3].map((i) => `web-${i}: deny by landlock: /secrets/key-${i}`))
  rmSync(path, { recursive: true, force: true })
})

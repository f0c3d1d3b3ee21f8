import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hashTree, isStamped, writeStamp } from './stamp.mjs'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lsmkit-stamp-'))
  mkdirSync(join(folder, 'src'))
  writeFileSync(join(folder, 'src/a.ts'), 'a')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test.each([
  { change: 'a file that grows', make: () => writeFileSync(join(folder, 'src/a.ts'), 'aa') },
  { change: 'a file written again later', make: () => utimesSync(join(folder, 'src/a.ts'), 1, 1) },
  { change: 'a new file', make: () => writeFileSync(join(folder, 'src/b.ts'), '') },
  { change: 'a file that goes', make: () => rmSync(join(folder, 'src/a.ts')) },
])('$change changes the hash of the tree', ({ make }) => {
  const before = hashTree([folder])
  expect(hashTree([folder])).toBe(before)
  make()
  expect(hashTree([folder])).not.toBe(before)
})

test.each(['dist', 'node_modules'])('%s is not part of the tree', (name) => {
  const before = hashTree([folder])
  mkdirSync(join(folder, name))
  writeFileSync(join(folder, name, 'x.js'), '')
  expect(hashTree([folder])).toBe(before)
})

test('a step is stamped only with what it was made from', () => {
  const file = join(folder, 'state/step')
  expect(isStamped(file, 'one')).toBe(false)
  writeStamp(file, 'one')
  expect(isStamped(file, 'one')).toBe(true)
  expect(isStamped(file, 'two')).toBe(false)
})

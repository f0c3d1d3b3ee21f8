/** Files of the host by name: what is there, what is not, and what cannot be asked. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { isFile, isFolder, statIfAny } from './host-file.ts'
import type { Io } from './io.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-host-file-'))
afterAll(() => rmSync(cwd, { recursive: true }))
writeFileSync(join(cwd, 'file'), '')
mkdirSync(join(cwd, 'folder'))
const io = { cwd } as Io

test.each([
  ['file', true, false], ['folder', false, true], ['none', false, false], ['file/below', false, false],
  ['none/below', false, false], ['folder/none', false, false],
])('%s', (name, itIsFile, itIsFolder) => {
  expect([isFile(io, name), isFolder(io, name)]).toEqual([itIsFile, itIsFolder])
  expect(statIfAny(io, name) !== null).toBe(itIsFile || itIsFolder)
})

test('a name that no file can have', () => {
  expect(() => statIfAny(io, 'a\0b')).toThrow(expect.objectContaining({ kind: 'badInput' }))
})

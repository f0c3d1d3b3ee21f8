/** Files that commands write: whole, all of them or none, and nothing is left beside them. */
import {
  chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Io } from './io.ts'
import { makeFolder, writeFile, writeFiles } from './output-files.ts'

let cwd = ''
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'lsm-output-'))
})
afterEach(() => rmSync(cwd, { recursive: true }))
const io = (): Io => ({ cwd } as Io)
const read = (name: string): string => readFileSync(join(cwd, name), 'utf8')

test('all files, new ones and those that are there', () => {
  writeFileSync(join(cwd, 'old'), 'long text that was there')
  chmodSync(join(cwd, 'old'), 0o640)
  writeFiles(io(), [{ name: 'old', contents: 'a' }, { name: 'new', contents: Uint8Array.of(98), mode: 0o600 }])
  expect([read('old'), read('new')]).toEqual(['a', 'b'])
  expect(readdirSync(cwd).sort()).toEqual(['new', 'old'])
  if (process.platform !== 'win32') {
    expect(['old', 'new'].map((name) => statSync(join(cwd, name)).mode & 0o777)).toEqual([0o640, 0o600])
  }
})

test.each([
  { last: 'no/such', says: '`no/such` cannot be written: ENOENT', when: true },
  { last: 'folder', says: '`folder` cannot be written: EISDIR', when: true },
  { last: '/dev/full', says: '`/dev/full` cannot be written: ENOSPC', when: process.platform === 'linux' },
])('none where $last cannot be written', ({ last, says, when }) => {
  if (!when) return
  mkdirSync(join(cwd, 'folder'))
  writeFileSync(join(cwd, 'old'), 'before')
  const write = (): void => writeFiles(io(), [
    { name: 'old', contents: 'after' }, { name: 'new', contents: 'x' }, { name: last, contents: 'y' },
  ])
  expect(write).toThrow(says)
  expect(read('old')).toBe('before')
  expect(readdirSync(cwd).sort()).toEqual(['folder', 'old'])
})

test.skipIf(process.platform === 'win32')('a link stays one, and its file is written', () => {
  writeFileSync(join(cwd, 'file'), 'before')
  symlinkSync('file', join(cwd, 'link'))
  writeFile(io(), 'link', 'after')
  expect(read('file')).toBe('after')
  expect(lstatSync(join(cwd, 'link')).isSymbolicLink()).toBe(true)
})

test('folders above a folder; where none can be made it ends', () => {
  makeFolder(io(), 'a/b/c')
  makeFolder(io(), 'a/b/c')
  expect(statSync(join(cwd, 'a/b/c')).isDirectory()).toBe(true)
  writeFileSync(join(cwd, 'file'), '')
  expect(() => makeFolder(io(), 'file/b')).toThrow('cannot be made')
  if (process.platform === 'linux') expect(() => makeFolder(io(), '/proc/no/such')).toThrow('cannot be made: ENOENT')
})

/** What one run of the command leaves to the next, and what is not taken from anybody. */
import {
  chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keptCode } from './kept-code.ts'

let home = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'lsm-kept-'))
  vi.stubEnv('XDG_CACHE_HOME', home)
  vi.stubEnv('LOCALAPPDATA', home)
  vi.stubEnv('NODE_DISABLE_COMPILE_CACHE', undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(home, { recursive: true, force: true })
})

const code = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes)
const bytesOf = (id: string, word: string, name: string): number[] | null => {
  const bytes = keptCode(id, word).read(name)
  return bytes === undefined ? null : [...bytes]
}
const version = (id: string): string => join(home, 'lsmkit', `${id}-${process.version}-${process.arch}`)

test('each command of each version has its own', () => {
  keptCode('one', 'run').write([['a.js', code(1, 2, 10, 3)], ['b.js', code()]])
  expect(bytesOf('one', 'run', 'a.js')).toEqual([1, 2, 10, 3])
  expect(bytesOf('one', 'run', 'b.js')).toEqual([])
  expect(bytesOf('one', 'run', 'c.js')).toBe(null)
  expect(bytesOf('one', 'shell', 'a.js')).toBe(null)
  expect(bytesOf('two', 'run', 'a.js')).toBe(null)
})

test('what one run did not need is kept for the next', () => {
  keptCode('one', 'run').write([['a.js', code(1)], ['b.js', code(2)]])
  keptCode('one', 'run').write([['b.js', code(3)]])
  expect([bytesOf('one', 'run', 'a.js'), bytesOf('one', 'run', 'b.js')]).toEqual([[1], [3]])
})

test('a word that is no command names no file', () => {
  keptCode('one', '../../x').write([['a.js', code(1)]])
  keptCode('one', undefined).write([['a.js', code(2)]])
  expect(readdirSync(version('one'))).toEqual(['help'])
})

test('damage is noticed, wherever it is', () => {
  keptCode('one', 'run').write([['a.js', code(1, 2, 3, 4)]])
  const file = join(version('one'), 'run')
  const good = readFileSync(file)
  for (let at = 0; at < good.length; at++) {
    const bad = Buffer.from(good)
    bad[at]! ^= 1
    writeFileSync(file, bad)
    expect(bytesOf('one', 'run', 'a.js')).toBe(null)
    writeFileSync(file, good.subarray(0, at))
    expect(bytesOf('one', 'run', 'a.js')).toBe(null)
  }
})

test.skipIf(process.getuid === undefined)('a file or folder that others may write is nobody’s', () => {
  keptCode('one', 'run').write([['a.js', code(1)]])
  const file = join(version('one'), 'run')
  chmodSync(file, 0o666)
  expect(bytesOf('one', 'run', 'a.js')).toBe(null)
  chmodSync(version('one'), 0o777)
  keptCode('one', 'shell').write([['a.js', code(1)]])
  expect(existsSync(join(version('one'), 'shell'))).toBe(false)
})

test('old versions make room', () => {
  for (const [i, id] of ['a', 'b', 'c', 'd'].entries()) {
    mkdirSync(version(id), { recursive: true })
    utimesSync(version(id), i, i)
  }
  keptCode('e', 'run').write([['a.js', code(1)]])
  expect(readdirSync(join(home, 'lsmkit')).map((name) => name[0]).sort()).toEqual(['b', 'c', 'd', 'e'])
})

test('a home that is not a folder, and a user who wants none of it', () => {
  vi.stubEnv('NODE_DISABLE_COMPILE_CACHE', '1')
  keptCode('one', 'run').write([['a.js', code(1)]])
  expect(readdirSync(home)).toEqual([])
  vi.stubEnv('NODE_DISABLE_COMPILE_CACHE', undefined)
  writeFileSync(join(home, 'file'), '')
  vi.stubEnv('XDG_CACHE_HOME', join(home, 'file'))
  keptCode('one', 'run').write([['a.js', code(1)]])
  expect(bytesOf('one', 'run', 'a.js')).toBe(null)
})

/** What one run of the command leaves to the next, where it lies, and what is not taken from anybody. */
import {
  chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Scratch } from '@lsmkit/wasi/kept-files'
import { keptCode } from './kept-code.ts'
import type { RunTraits } from './kept-code.ts'

let home = ''
/** A command that lies in no node_modules. */
let program = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'lsm-kept-'))
  program = join(home, 'dist')
  mkdirSync(program)
  vi.stubEnv('XDG_CACHE_HOME', home)
  vi.stubEnv('LOCALAPPDATA', home)
  vi.stubEnv('NODE_DISABLE_COMPILE_CACHE', undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(home, { recursive: true, force: true })
})

type Pieces = readonly (readonly [name: string, code: Uint8Array])[]
const code = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes)
const never = (): number => 1
const always = (): number => 0

const traits = (more: Partial<RunTraits> = {}): RunTraits =>
  ({ parts: ['command.js'], status: 0, worked: 10, wasRejected: false, bytecode: () => 1000, ...more })

/** Whether the run has written anything. */
const add = (
  id: string, word: string | undefined, pieces: Pieces, run: Partial<RunTraits> = {}, random = never, at = program,
): boolean => {
  let isMade = false
  keptCode(id, word, at, new Scratch(), random).add(traits(run), () => {
    isMade = true
    return pieces
  })
  return isMade
}
const bytesOf = (id: string, word: string, name: string, at = program): number[] | null => {
  const bytes = keptCode(id, word, at).read(name)
  return bytes === undefined ? null : [...bytes]
}
const version = (id: string): string => join(home, 'lsmkit', `${id}-${process.version}-${process.arch}`)

test('each command of each version has its own', () => {
  add('one', 'run', [['a.js', code(1, 2, 10, 3)], ['b.js', code()]])
  expect(bytesOf('one', 'run', 'a.js')).toEqual([1, 2, 10, 3])
  expect(bytesOf('one', 'run', 'b.js')).toEqual([])
  expect(bytesOf('one', 'run', 'c.js')).toBe(null)
  expect(bytesOf('one', 'shell', 'a.js')).toBe(null)
  expect(bytesOf('two', 'run', 'a.js')).toBe(null)
})

describe('a later run adds what it had to compile', () => {
  const cases: readonly [why: string, run: Partial<RunTraits>, random: () => number, isAdded: boolean][] = [
    ['the same run again', {}, never, false],
    ['it ended otherwise: a first run that failed leaves little', { status: 127 }, never, true],
    ['it loaded a part that none before it did', { parts: ['command.js', 'hostfs.js'] }, never, true],
    ['V8 has other options now', { wasRejected: true }, never, true],
    ['more bytecode, in a short run that does not look', { bytecode: () => 2000 }, never, false],
    ['more bytecode, in one of the short runs that look', { bytecode: () => 2000 }, always, true],
    ['more bytecode, in a long run', { bytecode: () => 2000, worked: 5000 }, never, true],
    ['hardly more bytecode', { bytecode: () => 1010 }, always, false],
  ]
  test.each(cases)('%s', (_, run, random, isAdded) => {
    add('one', 'run', [['a.js', code(1)], ['b.js', code(2)]])
    expect(add('one', 'run', [['b.js', code(3)]], run, random)).toBe(isAdded)
    expect([bytesOf('one', 'run', 'a.js'), bytesOf('one', 'run', 'b.js')]).toEqual([[1], [isAdded ? 3 : 2]])
    // and the next that does the same finds all
    expect(add('one', 'run', [], { ...run, wasRejected: false }, random)).toBe(false)
  })

  test('not for ever: after a number of runs the file stays', () => {
    const added = Array.from({ length: 100 }, (__, status) => add('one', 'run', [['a.js', code(1)]], { status }))
    expect(added.filter(Boolean).length).toBe(24)
    expect(added[99]).toBe(false)
  })

  test('not without end: code that is too large stays out', () => {
    add('one', 'run', [['a.js', code(1)]])
    add('one', 'run', [['a.js', new Uint8Array(17 * 2 ** 20)]], { status: 1 })
    expect(bytesOf('one', 'run', 'a.js')).toEqual([1])
  })
})

test('a word that is no command names no file', () => {
  add('one', '../../x', [['a.js', code(1)]])
  add('one', undefined, [['a.js', code(2)]], { status: 1 })
  expect(readdirSync(version('one'))).toEqual(['help'])
})

test('damage is noticed, wherever it is', () => {
  add('one', 'run', [['a.js', code(1, 2, 3, 4)]])
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

test.skipIf(process.getuid === undefined)('a file or folder that others may write is not taken', () => {
  add('one', 'run', [['a.js', code(1)]])
  const file = join(version('one'), 'run')
  chmodSync(file, 0o666)
  expect(bytesOf('one', 'run', 'a.js')).toBe(null)
  chmodSync(version('one'), 0o777)
  add('one', 'shell', [['a.js', code(1)]])
  expect(existsSync(join(version('one'), 'shell'))).toBe(false)
})

test('old versions make room', () => {
  for (const [i, id] of ['a', 'b', 'c', 'd'].entries()) {
    mkdirSync(version(id), { recursive: true })
    utimesSync(version(id), i, i)
  }
  add('e', 'run', [['a.js', code(1)]])
  expect(readdirSync(join(home, 'lsmkit')).map((name) => name[0]).sort()).toEqual(['b', 'c', 'd', 'e'])
})

test('a home that is not a folder, and a user who wants none of it', () => {
  vi.stubEnv('NODE_DISABLE_COMPILE_CACHE', '1')
  add('one', 'run', [['a.js', code(1)]])
  expect(readdirSync(home)).toEqual(['dist'])
  vi.stubEnv('NODE_DISABLE_COMPILE_CACHE', undefined)
  writeFileSync(join(home, 'file'), '')
  vi.stubEnv('XDG_CACHE_HOME', join(home, 'file'))
  add('one', 'run', [['a.js', code(1)]])
  expect(bytesOf('one', 'run', 'a.js')).toBe(null)
})

describe('of a package in node_modules', () => {
  let installed = ''
  beforeEach(() => {
    installed = join(home, 'project/node_modules/@lsmkit/cli/dist')
    mkdirSync(installed, { recursive: true })
  })

  test('code lies beside the packages: a fresh home and one that cannot be written find it', () => {
    add('one', 'run', [['a.js', code(1)]], {}, never, installed)
    const beside = join(home, 'project/node_modules/.cache/lsmkit')
    expect(readdirSync(beside)).toEqual([`one-${process.version}-${process.arch}`])
    for (const path of ['/dev/null', join(home, 'fresh')]) {
      vi.stubEnv('XDG_CACHE_HOME', path)
      expect(bytesOf('one', 'run', 'a.js', installed)).toEqual([1])
    }
  })

  test('packages that cannot be written leave it to the home', () => {
    writeFileSync(join(home, 'project/node_modules/.cache'), 'a file')
    add('one', 'run', [['a.js', code(1)]], {}, never, installed)
    expect(existsSync(join(version('one'), 'run'))).toBe(true)
    expect(bytesOf('one', 'run', 'a.js', installed)).toEqual([1])
  })
})

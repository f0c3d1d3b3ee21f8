import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { defineLsm } from './define-lsm.ts'
import { abiMismatch, firstCores, isAbiText, major, minor, moduleAbi, profile } from './module-abi.ts'
import { linux612 } from './dispatch/profile.ts'
import type { ModuleAbi } from './module-abi.ts'

test('it is that of the hook table in use', () => {
  expect(moduleAbi).toBe(`${major}.${minor}`)
  expect(profile).toBe(linux612.name)
})

test.each([
  { abi: `${major}.0`, mismatch: null },
  { abi: `${major}.${minor}`, mismatch: null },
  { abi: `${major}.${minor + 1}`, mismatch: 'core-older' },
  { abi: `${major + 1}.0`, mismatch: 'core-older' },
  { abi: `${major - 1}.0`, mismatch: 'module-older' },
  { abi: `${major - 1}.${minor + 9}`, mismatch: 'module-older' },
])('a module for $abi: $mismatch', ({ abi, mismatch }) => {
  expect(abiMismatch(abi)).toBe(mismatch)
})

test.each([
  { abi: '1.2', core: '1.2', mismatch: null },
  { abi: '1.2', core: '1.10', mismatch: null },
  { abi: '1.10', core: '1.9', mismatch: 'core-older' },
  { abi: '1.9', core: '2.0', mismatch: 'module-older' },
])('a module for $abi on a core of $core: $mismatch', ({ abi, core, mismatch }) => {
  expect(abiMismatch(abi, core)).toBe(mismatch)
})

test('each ABI has its first core: this one, and those of the releases', () => {
  const { releases } = JSON.parse(readFileSync(new URL('../module-abi.json', import.meta.url), 'utf8')) as {
    releases: readonly { core: string; abi: string }[]
  }
  expect(Object.keys(firstCores)).toContain(moduleAbi)
  const first = Object.fromEntries([...releases].reverse().map(({ core, abi }) => [abi, core]))
  expect(firstCores).toMatchObject(first)
})

describe.each([
  1, 1.0, '', '1', '1.', '.0', '1.0.0', 'v1.0', '1.0 ', '01.0', '1.00', '-1.0', '1.0-next', '1e3.0', '9999999.0', null,
])('%j is no version', (abi) => {
  test('as text', () => expect(isAbiText(abi)).toBe(false))

  test('for defineLsm', () => {
    const define = () => defineLsm({ name: 'own', abi: abi as ModuleAbi, hooks: {} })
    expect(define).toThrow(expect.objectContaining({ code: 'bad-option', hint: `as text: '${moduleAbi}'` }))
  })
})

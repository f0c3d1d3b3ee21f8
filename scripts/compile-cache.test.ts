/** The compile cache of tests does not grow without end. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { boundCache } from './compile-cache.mjs'

const folder = mkdtempSync(join(tmpdir(), 'lsmkit-cache-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Ten files of 100 bytes in the folder of a Node, `0` written first. */
const fill = (): string => {
  const inner = join(folder, 'v24')
  mkdirSync(inner, { recursive: true })
  for (let at = 0; at < 10; at++) {
    const path = join(inner, String(at))
    writeFileSync(path, 'x'.repeat(100))
    utimesSync(path, 1000 + at, 1000 + at)
  }
  return inner
}

test('a cache that is small enough stays whole', () => {
  const inner = fill()
  boundCache(folder, 1000)
  expect(readdirSync(inner)).toHaveLength(10)
})

test('of one that is too large, the newest half of the room is left', () => {
  const inner = fill()
  boundCache(folder, 999)
  expect(readdirSync(inner).toSorted()).toEqual(['6', '7', '8', '9'])
})

test('no cache is small enough', () => {
  rmSync(folder, { recursive: true, force: true })
  expect(() => boundCache(folder, 0)).not.toThrow()
})

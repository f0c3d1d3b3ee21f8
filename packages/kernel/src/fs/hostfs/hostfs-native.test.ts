/** The suites of folders of the host, races included, once more by native calls. */
import { describe, expect, test } from 'vitest'
import { nativeCalls } from './native.ts'
import { nodeCalls } from './node-calls.ts'
import { inWay } from './suite-way.ts'

const isThere = ((): boolean => {
  try {
    nativeCalls()
    return true
  } catch {
    return false
  }
})()

/** A module of its own: files of a project share modules, and one that has run already would define no tests here. */
const suiteOf = (file: string): Promise<unknown> => import(/* @vite-ignore */ `${file}?native`)

describe.skipIf(!isThere)('by native calls', async () => {
  test('are not those of Node', () => expect(nativeCalls()).not.toBe(nodeCalls))
  if (!isThere) return
  await inWay({ native: true, rounds: 2000 }, async () => {
    for (const file of ['./hostfs.test.ts', './hostfs-race.test.ts']) await suiteOf(file)
  })
})

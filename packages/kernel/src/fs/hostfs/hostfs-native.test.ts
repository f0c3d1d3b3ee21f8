/** The suites of folders of the host, races included, once more by native calls. */
import { describe, expect, test, vi } from 'vitest'
import type * as Hostfs from '../../hostfs.ts'
import { nativeCalls } from './native.ts'
import { nodeCalls } from './node-calls.ts'

vi.mock('../../hostfs.ts', async (original) => {
  const own = await original<typeof Hostfs>()
  return { ...own, hostfs: (options: Hostfs.HostfsOptions) => own.hostfs({ native: true, ...options }) }
})

vi.mock('./race-rounds.ts', () => ({ ROUNDS: 2000 }))

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
  await suiteOf('./hostfs.test.ts')
  await suiteOf('./hostfs-race.test.ts')
})

/** The suites of folders of the host, races included, once more by native calls. */
import { describe, vi } from 'vitest'
import type * as Hostfs from '../../hostfs.ts'
import { nativeCalls } from './native.ts'

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

describe.skipIf(!isThere)('by native calls', async () => {
  if (!isThere) return
  await import('./hostfs.test.ts')
  await import('./hostfs-race.test.ts')
})

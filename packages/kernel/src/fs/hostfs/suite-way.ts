/** The calls by which a suite of folders of the host works, and how often it tries a race: as it is loaded. */
import { hostfs } from './hostfs.ts'
import type { HostfsOptions } from './hostfs.ts'

interface Way {
  readonly native: boolean
  readonly rounds: number
}

let way: Way = { native: false, rounds: 20_000 }

/** Suites that `load` loads work in this way; those that are loaded already keep theirs. */
export const inWay = async (own: Way, load: () => Promise<void>): Promise<void> => {
  const before = way
  way = own
  try {
    await load()
  } finally {
    way = before
  }
}

/** For a suite, once, where it begins. */
export const suiteWay = () => {
  const { native, rounds } = way
  return { rounds, hostfs: (options: HostfsOptions) => hostfs({ ...native && { native }, ...options }) }
}

/** A step while no overlay of a box is mounted, which leaves each name of the policy with a place. */
import type { KeptDevices } from '../kept-devices.ts'
import type { NamedPlaces } from '../names/named-places.ts'
import type { Ids } from '../subject.ts'
import { growTree } from '../tree.ts'
import type { Naming } from '../tree.ts'
import type { CowFolders } from './cow-folders.ts'

export interface Mounted {
  readonly cow: CowFolders
  readonly places: NamedPlaces
  readonly naming: Naming
  /** Of the policy's user. */
  readonly ids: Ids
  readonly kept: KeptDevices
}

/**
 * Runs `step` while no overlay is mounted. Names of the policy that lay there are looked up anew: those that `settle`
 * does not give a place mean what they say. `settle` gets the path where each one lay.
 */
export const betweenMounts = (
  { cow, places, naming, ids, kept }: Mounted, step: () => void,
  settle: (lay: ReadonlyMap<string, string>) => void = () => {},
): void => {
  const lay = new Map([...places.descriptors.keys()].filter((name) => cow.has(places.pathOf(name)))
    .map((name) => [name, places.realOf(name)]))
  for (const name of lay.keys()) places.forget(name)
  try {
    cow.between(step)
  } finally {
    settle(lay)
    growTree(places, naming, ids)
    kept.refresh()
  }
}

/** Where the store of a check is, as it is handed to the programs. */
import { folder, nats } from '../../packages/fleet/src/index.ts'
import type { Store } from '../../packages/fleet/src/index.ts'

export type Place = { readonly folder: string } | { readonly servers: readonly string[] }

/** `seed` is of a user on NATS. */
export const openPlace = (place: Place, seed: string | undefined, patience = 30_000): Store => 'folder' in place
  ? folder(place.folder, { poll: 200 })
  : nats({ servers: place.servers, patience, poll: 2000, ...(seed === undefined ? {} : { nkeySeed: seed }) })

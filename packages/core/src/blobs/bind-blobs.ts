/** Makes accessors read their slots, and gives the allocators that fill them. */
import { publishReader, recordOf } from '../blob.ts'
import type { BlobRecord } from '../blob.ts'
import type { BlobKind } from '../hooks/hook-types.ts'
import type { Secured, Security } from '../objects/secured.ts'
import { homesOf, spaceOf } from './place-blobs.ts'
import type { BlobPlace, BlobSpace } from './place-blobs.ts'
import { READERS } from '../generated/blob-readers.ts'
import { ALONE, MovedSecurity, movedReader, SecuritySlots, setSlot, SLOT_COUNT, unused } from './security.ts'
import type { Initialiser } from './security.ts'

/** Allocation of one kind of object's state (dispatch's BlobPool). */
export interface Pool {
  alloc(object: Secured): void
  free(object: Secured): void
}

/** Binds the accessors to their slots and gives the allocators, by kind of object that somebody keeps state on. */
export const bindBlobs = (places: readonly BlobPlace[]): Partial<Record<BlobKind, Pool>> => {
  for (const { kind, accessor, slot } of places) bind(recordOf(accessor), spaceOf(kind), slot)
  const pools: Partial<Record<BlobKind, Pool>> = {}
  for (const kind of new Set(places.map((place) => place.kind))) {
    const create = creator(places, spaceOf(kind))
    const own = initialisers(places.filter((place) => place.kind === kind))
    pools[kind] = kind === 'backing_file' ? backingFilePool(own, create) : { alloc: create(own), free }
  }
  return pools
}

const bind = (record: BlobRecord, space: BlobSpace, slot: number): void => {
  if (record.home < 0) {
    record.home = slot
    homesOf(space)[slot]!++
    publishReader(record, READERS[space][slot]!())
  } else if (record.home !== slot && !record.moved) {
    record.moved = true
    publishReader(record, movedReader(record.number, READERS[space][record.home]!()))
  }
}

/** By slot, ALONE among them; `unused` where the kind has none. */
const initialisers = (places: readonly BlobPlace[]): Initialiser[] => {
  const inits = Array<Initialiser>(SLOT_COUNT + 1).fill(unused)
  for (const { accessor, slot } of places) inits[slot] = recordOf(accessor).init
  return inits
}

type Create = (inits: readonly Initialiser[]) => (object: Secured) => void

/** How fresh state is put on an object of these kinds: moved when one of their blobs is not at home in this stack. */
const creator = (places: readonly BlobPlace[], space: BlobSpace): Create => {
  const own = places.filter((place) => spaceOf(place.kind) === space)
  if (own[0]!.slot === ALONE) return createAlone
  const slots = new Map(own.map(({ accessor, slot }) => [recordOf(accessor).number, slot]))
  const atHome = own.every(({ accessor, slot }) => recordOf(accessor).home === slot)
  return atHome ? createAtHome : (inits) => (object) => {
    object.security = new MovedSecurity(slots, object as never, inits)
  }
}

const createAlone: Create = (inits) => {
  const init = inits[ALONE]!
  return (object) => {
    object.security = init(object as never) as Security
  }
}

/** Eight variables, not an array: V8 sees which initialisers they are and inlines them. */
const createAtHome: Create = (inits) => {
  const [i0 = unused, i1 = unused, i2 = unused, i3 = unused, i4 = unused, i5 = unused, i6 = unused, i7 = unused] = inits
  return (object) => {
    object.security = new SecuritySlots(object as never, i0, i1, i2, i3, i4, i5, i6, i7)
  }
}

const free = (object: Secured): void => {
  object.security = null
}

/** The file's own state, if any, is on the object already: these slots are filled and emptied beside it. */
const backingFilePool = (inits: readonly Initialiser[], create: Create): Pool => {
  const bare = create([])
  const fills = inits.flatMap((init, slot) => (init === unused ? [] : [{ init, slot }]))
  return {
    alloc: (object) => {
      if (object.security === null) bare(object)
      for (const { slot, init } of fills) setSlot(object.security!, slot, init(object as never))
    },
    free: (object) => {
      if (object.security !== null) for (const { slot } of fills) setSlot(object.security, slot, null)
    },
  }
}

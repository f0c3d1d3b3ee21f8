/**
 * State on objects: `defineBlob` gives an accessor, a stack gives it a slot and makes the state with the object.
 *
 * An accessor is a constant of some module and reads its slot through a key whose prototype is replaced when the slot
 * is known (the mechanism of dispatch): V8 folds the read to one load, as if `object.security.s3` stood there.
 */
import { ComposeError, DefineError } from './errors.ts'
import type { BlobKind } from './hooks/hook-types.ts'
import type { Secured } from './objects/secured.ts'
import { MovedSecurity, movedReader, readers, SecuritySlots, setSlot, SLOT_COUNT, unused } from './security.ts'
import type { Initialiser } from './security.ts'

export interface BlobOptions {
  /** Bytes the kernel's counterpart would take: the layout in `explain()` and the order table count them. */
  readonly size?: number
}

/** Reads one LSM's state on an object: `tracer(child).allowed`. Only objects that a stack has allocated have any. */
export interface BlobAccessor<O extends Secured = never, S = unknown> {
  (object: O): S
  readonly size: number
}

/** What is known of an accessor beside the function itself. */
interface BlobRecord {
  readonly number: number
  readonly init: Initialiser
  readonly key: BlobKey
  /** The slot it has wherever it can have it; -1 before the first stack. */
  home: number
  moved: boolean
}

interface BlobKey {
  read(object: Secured): unknown
}

/** One blob of one LSM, as a stack is to lay it out. */
export interface BlobClaim {
  readonly lsm: string
  readonly kind: BlobKind
  readonly accessor: BlobAccessor
}

/** Allocation of one kind of object's state (dispatch's BlobPool). */
export interface Pool {
  alloc(object: Secured): void
  free(object: Secured): void
}

/** Where each blob of a stack landed: for `explain()`. */
export interface BlobPlace extends BlobClaim {
  readonly slot: number
}

const records = new WeakMap<BlobAccessor, BlobRecord>()
let count = 0

/** Reads the property through a site that is warm (64 times, below): V8 then keeps the prototype in its fast form. */
const touch = (key: BlobKey): unknown => key.read
const answer = (read: (object: Secured) => unknown): BlobKey => {
  const proto = Object.assign(Object.create(null) as object, { read })
  touch(Object.create(proto) as BlobKey)
  return proto
}
for (let i = 0; i < 64; i++) answer(() => null)
const unbound = answer(() => {
  throw new ComposeError('blob-unbound', 'this state belongs to an LSM that is enabled in no stack', {
    hint: 'put the accessor into `blobs` of the LSM that reads it',
  })
})
const publish = (key: BlobKey, read: (object: Secured) => unknown): void => {
  Object.setPrototypeOf(key, answer(read))
  touch(key)
}

/** `init` makes the state of a fresh object. Throws DefineError when `size` is no positive number of bytes. */
export const defineBlob = <O extends Secured, S>(
  init: (object: O) => S,
  { size = 8 }: BlobOptions = {},
): BlobAccessor<O, S> => {
  if (typeof init !== 'function') throw new DefineError('bad-blob', 'the first argument of `defineBlob` is no function')
  if (!Number.isSafeInteger(size) || size <= 0) {
    throw new DefineError('bad-blob', `size \`${size}\` of a blob is not a positive whole number of bytes`)
  }
  const key = Object.create(unbound) as BlobKey
  touch(key)
  const accessor = Object.assign((object: O) => key.read(object) as S, { size })
  records.set(accessor, { number: count++, init, key, home: -1, moved: false })
  return accessor
}

export const isBlob = (value: unknown): value is BlobAccessor =>
  typeof value === 'function' && records.has(value as BlobAccessor)

/** backing_file state lies beside file state, on the same object: the two kinds share their slots. */
const spaceOf = (kind: BlobKind): BlobKind => (kind === 'backing_file' ? 'file' : kind)

/** How many accessors call each slot their home, by kind: a new one settles where fewest are. */
const homes = new Map<BlobKind, number[]>()
const homesOf = (space: BlobKind): number[] => {
  let counts = homes.get(space)
  if (!counts) homes.set(space, (counts = Array<number>(SLOT_COUNT).fill(0)))
  return counts
}

/**
 * Gives each claim a slot, distinct within its kind. An accessor keeps the slot of earlier stacks; where two have the
 * same, the later one of the list is moved, for objects of this stack only.
 */
export const placeBlobs = (claims: readonly BlobClaim[]): BlobPlace[] => {
  refuseShared(claims)
  const taken = new Map<BlobKind, Set<number>>()
  const settled = new Map<BlobClaim, number>()
  const settle = (claim: BlobClaim, slot: number): void => {
    taken.get(spaceOf(claim.kind))!.add(slot)
    settled.set(claim, slot)
  }
  for (const claim of claims) {
    const space = spaceOf(claim.kind)
    if (!taken.has(space)) taken.set(space, new Set())
    const { home } = records.get(claim.accessor)!
    if (home >= 0 && !taken.get(space)!.has(home)) settle(claim, home)
  }
  for (const claim of claims) {
    if (settled.has(claim)) continue
    const space = spaceOf(claim.kind)
    const slot = freeSlot(taken.get(space)!, homesOf(space))
    if (slot < 0) throw tooMany(space, claims)
    settle(claim, slot)
  }
  return claims.map((claim) => ({ ...claim, slot: settled.get(claim)! }))
}

const freeSlot = (taken: ReadonlySet<number>, counts: readonly number[]): number => {
  let best = -1
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    if (!taken.has(slot) && (best < 0 || counts[slot]! < counts[best]!)) best = slot
  }
  return best
}

const tooMany = (space: BlobKind, claims: readonly BlobClaim[]): ComposeError => {
  const owners = claims.filter((claim) => spaceOf(claim.kind) === space).map((claim) => claim.lsm)
  return new ComposeError('too-many-blobs', `more than ${SLOT_COUNT} LSMs keep state on \`${space}\` objects`, {
    place: 'lsms',
    hint: `${owners.join(', ')}: leave one out`,
  })
}

const refuseShared = (claims: readonly BlobClaim[]): void => {
  const owners = new Map<BlobAccessor, BlobClaim>()
  for (const claim of claims) {
    const other = owners.get(claim.accessor)
    if (other) {
      throw new ComposeError(
        'blob-shared',
        `\`${claim.lsm}\` (${claim.kind}) and \`${other.lsm}\` (${other.kind}) use one and the same blob`,
        { place: 'lsms', hint: 'call `defineBlob` once for each kind of object, inside the factory' },
      )
    }
    owners.set(claim.accessor, claim)
  }
}

/** Binds the accessors to their slots and gives the allocators, by kind of object that somebody keeps state on. */
export const bindBlobs = (places: readonly BlobPlace[]): Partial<Record<BlobKind, Pool>> => {
  for (const { kind, accessor, slot } of places) bind(records.get(accessor)!, spaceOf(kind), slot)
  const pools: Partial<Record<BlobKind, Pool>> = {}
  for (const kind of new Set(places.map((place) => place.kind))) {
    const create = creator(places, spaceOf(kind))
    const own = initialisers(places.filter((place) => place.kind === kind))
    pools[kind] = kind === 'backing_file' ? backingFilePool(own, create) : { alloc: create(own), free }
  }
  return pools
}

const bind = (record: BlobRecord, space: BlobKind, slot: number): void => {
  if (record.home < 0) {
    record.home = slot
    homesOf(space)[slot]!++
    publish(record.key, readers[slot]!())
  } else if (record.home !== slot && !record.moved) {
    record.moved = true
    publish(record.key, movedReader(record.number, record.home))
  }
}

/** By slot; `unused` where the kind has none. */
const initialisers = (places: readonly BlobPlace[]): Initialiser[] => {
  const inits = Array<Initialiser>(SLOT_COUNT).fill(unused)
  for (const { accessor, slot } of places) inits[slot] = records.get(accessor)!.init
  return inits
}

type Create = (inits: readonly Initialiser[]) => (object: Secured) => void

/** How fresh state is put on an object of these kinds: moved when one of their blobs is not at home in this stack. */
const creator = (places: readonly BlobPlace[], space: BlobKind): Create => {
  const own = places.filter((place) => spaceOf(place.kind) === space)
  const slots = new Map(own.map(({ accessor, slot }) => [records.get(accessor)!.number, slot]))
  const atHome = own.every(({ accessor, slot }) => records.get(accessor)!.home === slot)
  return atHome ? createAtHome : (inits) => (object) => {
    object.security = new MovedSecurity(slots, object as never, inits)
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

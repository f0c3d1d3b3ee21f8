/** Which of the eight slots each blob of a stack has, or that it needs none. */
import { recordOf } from '../blob.ts'
import type { BlobAccessor } from '../blob.ts'
import { ComposeError } from '../errors.ts'
import type { BlobKind } from '../hooks/hook-types.ts'
import { ALONE, SLOT_COUNT } from './security.ts'

/** One blob of one LSM, as a stack is to lay it out. */
export interface BlobClaim {
  readonly lsm: string
  readonly kind: BlobKind
  readonly accessor: BlobAccessor
}

/** Where each blob of a stack landed: for `explain()`. */
export interface BlobPlace extends BlobClaim {
  readonly slot: number
}

/** The spaces that have their own slots. */
export const BLOB_SPACES = [
  'cred', 'file', 'ib', 'inode', 'sock', 'superblock', 'ipc', 'key', 'msg_msg', 'perf_event', 'task', 'tun_dev', 'bdev',
] as const satisfies readonly BlobKind[]
export type BlobSpace = (typeof BLOB_SPACES)[number]

/** backing_file state lies beside file state, on the same object: the two kinds share their slots. */
export const spaceOf = (kind: BlobKind): BlobSpace => (kind === 'backing_file' ? 'file' : kind)

/** How many accessors call each slot their home, by kind: a new one settles where fewest are. */
const homes = new Map<BlobSpace, number[]>()
export const homesOf = (space: BlobSpace): number[] => {
  let counts = homes.get(space)
  if (!counts) homes.set(space, (counts = Array<number>(SLOT_COUNT + 1).fill(0)))
  return counts
}

/**
 * Gives each claim a slot, distinct within its kind, or ALONE. An accessor keeps the place of earlier stacks; where it
 * cannot, because two have the same slot or it is no longer alone, it is moved, for objects of this stack only.
 */
export const placeBlobs = (claims: readonly BlobClaim[]): BlobPlace[] => {
  refuseShared(claims)
  const taken = new Map<BlobSpace, Set<number>>()
  const settled = new Map<BlobClaim, number>()
  const settle = (claim: BlobClaim, slot: number): void => {
    taken.get(spaceOf(claim.kind))!.add(slot)
    settled.set(claim, slot)
  }
  for (const claim of claims) {
    const space = spaceOf(claim.kind)
    if (!taken.has(space)) taken.set(space, new Set())
    const { home } = recordOf(claim.accessor)
    const hasSlot = home >= 0 && home !== ALONE
    if (hasSlot ? !taken.get(space)!.has(home) : isAlone(claim, claims)) settle(claim, hasSlot ? home : ALONE)
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

/** Backing files are never: their state comes and goes beside that of the file. */
const isAlone = ({ kind }: BlobClaim, claims: readonly BlobClaim[]): boolean =>
  kind !== 'backing_file' && claims.filter((claim) => spaceOf(claim.kind) === spaceOf(kind)).length === 1

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

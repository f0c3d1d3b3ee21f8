/** The rollout of a store: one at a time, in bucket `rollout`. */
import { FleetError } from '../fleet-error.ts'
import type { Store } from '../store/store.ts'
import { advance } from './machine.ts'
import type { RolloutEvent } from './machine.ts'
import { isOver, parseRollout, rolloutBytes } from './state.ts'
import type { Rollout } from './state.ts'

const KEY = 'current'

export interface RolloutEntry {
  readonly revision: number
  readonly state: Rollout
}

const isConflict = (error: unknown): boolean =>
  error instanceof FleetError && (error.code === 'conflict' || error.code === 'stale')

export const readEntry = async (store: Store, least = 0): Promise<RolloutEntry | null> => {
  const entry = await store.get('rollout', KEY, { least })
  return entry === null ? null : { revision: entry.revision, state: parseRollout(entry.value) }
}

/** The new revision; null where another controller was first. */
export const swapState = async (store: Store, state: Rollout, revision: number): Promise<number | null> => {
  try {
    return await store.swap('rollout', KEY, rolloutBytes(state), revision)
  } catch (error) {
    if (isConflict(error)) return null
    throw error
  }
}

/** Puts a new rollout in the place of one that is over, which is kept by its id. Throws FleetError `rollout`. */
export const putFirst = async (store: Store, state: Rollout): Promise<void> => {
  const before = await readEntry(store)
  if (before !== null && !isOver(before.state)) {
    throw new FleetError('rollout', `the rollout of ${before.state.title} is not over`, {
      place: before.state.id, hint: 'lsm fleet rollout status, or back',
    })
  }
  if (before !== null) await store.put('rollout', `past.${before.state.id}`, rolloutBytes(before.state))
  if (await swapState(store, state, before?.revision ?? 0) === null) {
    throw new FleetError('rollout', 'another rollout was started at the same time')
  }
}

const MOST_TRIES = 50

/** Rejects with FleetError `rollout` where there is none. */
export const changeRollout = async (store: Store, event: RolloutEvent): Promise<Rollout> => {
  for (let i = 0; i < MOST_TRIES; i += 1) {
    const entry = await readEntry(store)
    if (entry === null) throw new FleetError('rollout', 'the store has no rollout', { place: store.name })
    const { state } = advance(entry.state, event)
    if (state === entry.state || await swapState(store, state, entry.revision) !== null) return state
  }
  throw new FleetError('conflict', `the rollout was changed by others ${MOST_TRIES} times`, { place: store.name })
}

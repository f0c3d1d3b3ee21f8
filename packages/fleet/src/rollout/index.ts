/** Rollouts: one bundle to many hosts, ring by ring, which stop by themselves. */
import type { Store } from '../store/store.ts'
import { changeRollout, readEntry } from './record.ts'
import type { Rollout } from './state.ts'

export { runRollout, stepRollout } from './controller.ts'
export type { ControllerOptions } from './controller.ts'
export { rolloutDenials } from './denials.ts'
export type { DenialOptions, RolloutDenial } from './denials.ts'
export { judge } from './gate.ts'
export type { GateFigures } from './gate.ts'
export { startRollout } from './start.ts'
export type { RingOptions, StartOptions } from './start.ts'
export { isOver } from './state.ts'
export type { Gate, HostStanding, Ring, Rollout, RolloutHost, RolloutNote, Step, Tally } from './state.ts'

const BY_HAND = 'by hand'

/** The rollout of the store, also one that is over; null where there was never one. */
export const readRollout = async (store: Store): Promise<Rollout | null> => (await readEntry(store))?.state ?? null

/** It begins no further step until `resumeRollout`. Rejects with FleetError `rollout` where there is none. */
export const pauseRollout = (store: Store, reason = BY_HAND): Promise<Rollout> =>
  changeRollout(store, { kind: 'pause', at: Date.now(), reason })

export const resumeRollout = (store: Store): Promise<Rollout> =>
  changeRollout(store, { kind: 'resume', at: Date.now() })

/** Brings every host that was begun back to what it had, also after `done`. Controllers write it. */
export const rollBack = (store: Store, reason = BY_HAND): Promise<Rollout> =>
  changeRollout(store, { kind: 'back', at: Date.now(), reason })

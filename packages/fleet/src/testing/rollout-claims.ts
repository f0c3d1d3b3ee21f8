/** What the gate of a rollout states of its errors, each as rollouts that are simulated and counted. */
import type { Rollout } from '../rollout/state.ts'
import { seededRandom, simulateRollout } from './rollout-simulation.ts'
import type { Simulation } from './rollout-simulation.ts'

export interface Claim {
  readonly name: string
  readonly simulation: Simulation
  /** Does this rollout end as it should not? */
  readonly isWrong: (state: Rollout) => boolean
  /** The probability of a wrong end that the gate states; 0 where it is far below what can be counted. */
  readonly most: number
}

const rings = [20, 40, 60]
const BEFORE = 0.002
const isDone = ({ step }: Rollout): boolean => step === 'done'
const isStoppedInCanary = ({ step, ring }: Rollout): boolean => step === 'rolled-back' && ring === 0
const isStopped = ({ stopped }: Rollout): boolean => stopped !== null
const hasPassed = (state: Rollout): boolean => state.notes.some(({ text }) => text === 'enforce begins')

export const claims: readonly Claim[] = [
  { name: 'a revision that refuses as much as the one before is done',
    simulation: { rings, before: BEFORE, after: BEFORE }, isWrong: (state) => !isDone(state), most: 0.01 },
  { name: 'one that refuses `ratio` times as much is not stopped: alpha',
    simulation: { rings, before: BEFORE, after: 2 * BEFORE }, isWrong: isStopped, most: 0.01 },
  { name: 'one that refuses exactly the limit is not stopped by that gate: alpha',
    simulation: { rings, before: BEFORE, after: ({ limit }) => limit },
    isWrong: (state) => isStopped(state) && !hasPassed(state), most: 0.01 },
  { name: 'one that refuses `bad` times the limit does not pass a gate: beta',
    simulation: { rings, before: BEFORE, after: ({ limit, gate }) => limit * gate.bad }, isWrong: hasPassed,
    most: 0.05 },
  { name: 'one that refuses a tenth of all is stopped in the canary',
    simulation: { rings, before: BEFORE, after: 0.1 }, isWrong: (state) => !isStoppedInCanary(state), most: 0 },
  { name: 'the same where 5 % of hosts hide it',
    simulation: { rings, before: BEFORE, after: 0.1, hiding: 0.05 }, isWrong: (state) => !isStoppedInCanary(state),
    most: 0 },
  { name: 'the same where 5 % of hosts are silent',
    simulation: { rings, before: BEFORE, after: 0.1, silent: 0.05 }, isWrong: (state) => !isStoppedInCanary(state),
    most: 0 },
  { name: 'a good one is done where 5 % of hosts report refusals alone',
    simulation: { rings, before: BEFORE, after: BEFORE, accusing: 0.05 }, isWrong: (state) => !isDone(state),
    most: 0.01 },
  { name: 'a good one is done where 5 % of hosts are silent',
    simulation: { rings, before: BEFORE, after: BEFORE, silent: 0.05 }, isWrong: (state) => !isDone(state),
    most: 0.01 },
  { name: 'a bad one does not pass where 5 % of hosts hide it: beta',
    simulation: { rings, before: BEFORE, after: ({ limit, gate }) => limit * gate.bad, hiding: 0.05 },
    isWrong: hasPassed, most: 0.05 },
]

/** How many of so many rollouts end as they should not. */
export const wrongEnds = ({ simulation, isWrong }: Claim, rollouts: number, seed: number): number => {
  let wrong = 0
  for (let i = 0; i < rollouts; i += 1) {
    if (isWrong(simulateRollout(simulation, seededRandom(seed + i)))) wrong += 1
  }
  return wrong
}

/** Within the claim, as far as so few can show: three standard deviations above it at most. */
export const mostWrong = ({ most }: Claim, rollouts: number): number =>
  Math.floor(rollouts * most + 3 * Math.sqrt(rollouts * most * (1 - most)))

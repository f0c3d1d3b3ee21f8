/** The state of a rollout: one value of bucket `rollout`, which controllers change by `swap` alone. */
import {
  aNumber, aString, checkOptions, listOf, oneOf, optionsOf, orNull, required, wholeNumber,
} from '@lsmkit/core/option-rules'
import type { OptionRule, OptionRules } from '@lsmkit/core/option-rules'
import { aDigest } from '../agent/records.ts'
import { FleetError, reasonOf } from '../fleet-error.ts'

/** The gate of every step: how much has to be seen, and how often it may be wrong. */
export interface Gate {
  /** A rollout of a revision that refuses less than the limit is stopped by its rates with at most this probability. */
  readonly alpha: number
  /** A revision that refuses `bad` times the limit or more passes a gate with at most this probability. */
  readonly beta: number
  /** The limit is this times the upper bound of the rate of the revision before. */
  readonly ratio: number
  /** The limit is never below this, in refusals of 1000 decisions. */
  readonly tolerated: number
  readonly bad: number
  /** Decisions that a gate has to see; 0 goes by reports of hosts and by time alone. */
  readonly leastDecisions: number
  /** Milliseconds that a step lasts at least. */
  readonly soak: number
  /** Milliseconds without a report after which a host counts as failed. */
  readonly silence: number
  /** Milliseconds after which a step that is undecided pauses the rollout. */
  readonly patience: number
  /** The share of hosts of a ring that may fail or be silent. */
  readonly failures: number
  /** The share of hosts whose counts may be wrong in any way. */
  readonly liars: number
}

export const steps = [
  'draft', 'permissive', 'enforce', 'ring', 'done', 'rolling-back', 'rolled-back',
] as const
/** `draft` counts the revision before; `permissive` and `enforce` are of the first ring, which is the canary. */
export type Step = (typeof steps)[number]

/** Decisions, and how many of them were refused. */
export type Tally = readonly [decisions: number, denies: number]
export type HostStanding = 'pending' | 'has' | 'failed' | 'silent'

export interface RolloutHost {
  readonly host: string
  /** Digest of the bundle before; null where there was none. */
  readonly before: string | null
  readonly standing: HostStanding
  /** The code of the error in its report. */
  readonly error: string | null
  /** Of the last report: the start of its agent, the revision, and `elapsed` when it came. */
  readonly boot: string | null
  readonly revision: number
  readonly heard: number
  /** `elapsed` when the host last had its wish. */
  readonly had: number
  /** Counts of the last report: of the bundle before, and of the new one in this step. */
  readonly lastWas: Tally
  readonly lastNow: Tally
  /** Sums over the rollout, and over this step. */
  readonly was: Tally
  readonly now: Tally
}

export interface Ring {
  readonly name: string
  readonly hosts: readonly RolloutHost[]
}

/** A step that was begun, or why it was left. */
export interface RolloutNote {
  readonly at: number
  readonly text: string
}

export interface Rollout {
  readonly format: 1
  readonly id: string
  /** Digest of the file of the new bundle, and its name and version. */
  readonly bundle: string
  readonly title: string
  readonly gate: Gate
  readonly step: Step
  /** Index of the highest ring that was begun. */
  readonly ring: number
  /** Why it is paused; null while it goes on. */
  readonly paused: string | null
  /** Why it was rolled back. */
  readonly stopped: string | null
  /** The time of the last look, by the clock that is ahead. */
  readonly at: number
  /** Milliseconds that controllers have watched; a gap between two looks counts as a minute at most. */
  readonly elapsed: number
  /** `elapsed` when the step began. */
  readonly since: number
  /** The limit of this step, in refusals of one decision; it is fixed when the step begins. */
  readonly limit: number
  readonly rings: readonly Ring[]
  readonly notes: readonly RolloutNote[]
}

const aShare: OptionRule = {
  is: (value) => typeof value === 'number' && value >= 0 && value < 0.5, what: 'a share of at least 0 and below 0.5',
}
const aProbability: OptionRule = {
  is: (value) => typeof value === 'number' && value >= 1e-9 && value <= 0.5, what: 'a number from 1e-9 to 0.5',
}
const aFactor: OptionRule = {
  is: (value) => typeof value === 'number' && value > 1 && value <= 1000, what: 'a number above 1, at most 1000',
}
const aRate: OptionRule = {
  is: (value) => typeof value === 'number' && value >= 0.001 && value <= 1000, what: 'a number from 0.001 to 1000',
}
const DAYS_MS = 30 * 86_400_000

export const gateRules: OptionRules<Gate> = {
  alpha: aProbability, beta: aProbability, ratio: aFactor, tolerated: aRate, bad: aFactor,
  leastDecisions: wholeNumber(0), soak: wholeNumber(0, DAYS_MS), silence: wholeNumber(1, DAYS_MS),
  patience: wholeNumber(1, DAYS_MS), failures: aShare, liars: aShare,
}

/** Of a state, which has every setting. */
const wholeGateRules = Object.fromEntries(
  Object.entries(gateRules).map(([name, rule]) => [name, required(rule)])) as OptionRules<Gate>

const defaultGate: Gate = {
  alpha: 0.01, beta: 0.05, ratio: 2, tolerated: 1, bad: 3, leastDecisions: 1000, soak: 600_000, silence: 120_000,
  patience: 86_400_000, failures: 0.1, liars: 0.05,
}

/** The defaults in place of settings that are not given. */
export const gateOf = (given: Partial<Gate>): Gate => ({
  ...defaultGate, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
})

const aTally: OptionRule = {
  is: (value) => Array.isArray(value) && value.length === 2 && value.every((n) => typeof n === 'number' && n >= 0),
  what: 'two numbers',
}
const hostRules: OptionRules<RolloutHost> = {
  host: required(aString), before: required(orNull(aDigest)),
  standing: required(oneOf('pending', 'has', 'failed', 'silent')), error: required(orNull(aString)),
  boot: required(orNull(aString)), revision: required(wholeNumber(0)), heard: required(aNumber(0)),
  had: required(aNumber(0)),
  lastWas: required(aTally), lastNow: required(aTally), was: required(aTally), now: required(aTally),
}
const rolloutRules: OptionRules<Rollout> = {
  format: required(oneOf(1)), id: required(aString), bundle: required(aDigest), title: required(aString),
  gate: required(optionsOf(wholeGateRules)), step: required(oneOf(...steps)), ring: required(wholeNumber(0)),
  paused: required(orNull(aString)), stopped: required(orNull(aString)), at: required(wholeNumber(0)),
  elapsed: required(aNumber(0)), since: required(aNumber(0)), limit: required(aNumber(0)),
  rings: required(listOf(optionsOf<Ring>({ name: required(aString), hosts: required(listOf(optionsOf(hostRules))) }))),
  notes: required(listOf(optionsOf<RolloutNote>({ at: required(wholeNumber(0)), text: required(aString) }))),
}

export const rolloutBytes = (state: Rollout): Uint8Array => new TextEncoder().encode(JSON.stringify(state))

/** Throws FleetError `damaged`. */
export const parseRollout = (bytes: Uint8Array): Rollout => {
  try {
    const given: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    checkOptions(given, rolloutRules, 'rollout')
    const state = given as Rollout
    if (state.ring < state.rings.length) return state
    throw new FleetError('damaged', 'it has no ring of that number')
  } catch (error) {
    throw new FleetError('damaged', reasonOf(error), { place: 'rollout', cause: error })
  }
}

/** A rollout that nothing moves any more, but a call to go back after `done`. */
export const isOver = ({ step }: Rollout): boolean => step === 'done' || step === 'rolled-back'

/** A host of a draft. */
export const freshHost = (host: string, before: string | null): RolloutHost => ({
  host, before, standing: 'pending', error: null, boot: null, revision: 0, heard: 0, had: 0,
  lastWas: [0, 0], lastNow: [0, 0], was: [0, 0], now: [0, 0],
})

/** Hosts of the rings that were begun. */
export const reached = ({ step, ring, rings }: Rollout): readonly RolloutHost[] =>
  step === 'draft' ? [] : rings.slice(0, ring + 1).flatMap(({ hosts }) => hosts)

/** The values of buckets `want` and `have`: what controllers ask of a host, and what the host says of itself. */
import {
  aBoolean, aString, checkOptions, listOf, oneOf, optionsOf, orNull, required, wholeNumber,
} from '@lsmkit/core/option-rules'
import type { OptionRule, OptionRules } from '@lsmkit/core/option-rules'
import { plainOptions } from '@lsmkit/core/plain-options'
import { FleetError, reasonOf } from '../fleet-error.ts'
import type { Store } from '../store/store.ts'
import type { BundleCounts } from './counts.ts'

/** `enforce`: the bundle's policies hold. `permissive`: they are asked, and those that hold stay. */
export const modes = ['enforce', 'permissive'] as const
export type Mode = (typeof modes)[number]

export interface Want {
  readonly format: 1
  /** The digest of the file, as `putLarge` gives it. */
  readonly bundle: string
  readonly mode: Mode
  /** The step of a rollout that asked for it. */
  readonly by?: string
}

/** A bundle that a host has. */
export interface Held {
  readonly bundle: string
  /** Of its manifest. */
  readonly id: string
  readonly name: string
  readonly version: string
  readonly epoch: number
}

export interface HaveError {
  readonly code: string
  readonly message: string
  readonly place: string | null
  /** The bundle that was not applied. */
  readonly bundle: string | null
}

/** Decisions that are on their way to the store. */
export interface HaveDecisions {
  /** Records that the store does not have yet. */
  readonly waiting: number
  /** Records that were lost since the agent was started. */
  readonly lost: number
  /** The spool is full. */
  readonly full: boolean
  /** Why the disk or the store has not taken the last ones; null where they have. */
  readonly error: string | null
}

export interface Have {
  readonly format: 1
  readonly host: string
  readonly groups: readonly string[]
  /** Another one after each start of the agent. */
  readonly boot: string
  /** Milliseconds since 1970, by the clock of the host: a host that is silent has an old one. */
  readonly time: number
  readonly lsmkit: string
  /** The bundle whose policies hold; null where none does. */
  readonly enforced: Held | null
  /** The bundle whose policies are only asked. */
  readonly permissive: Held | null
  /** `enforced` is expired. */
  readonly expired: boolean
  /** The revision of `want` that the rest of this is about; 0 before the first. */
  readonly want: number
  /** Why that revision was not applied; null where it was. */
  readonly error: HaveError | null
  /** The sums of `agent.report` by bundle, since the agent was started. */
  readonly counts: readonly BundleCounts[]
  /** Not there where the host sends no decisions. */
  readonly decisions?: HaveDecisions
}

export const aDigest: OptionRule = {
  is: (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value), what: 'a digest',
}
const wantRules: OptionRules<Want> = {
  format: required(oneOf(1)), bundle: required(aDigest), mode: required(oneOf(...modes)),
  by: aString,
}
const heldRules: OptionRules<Held> = {
  bundle: required(aDigest), id: required(aDigest), name: required(aString), version: required(aString),
  epoch: required(wholeNumber(1)),
}
const errorRules: OptionRules<HaveError> = {
  code: required(aString), message: required(aString), place: required(orNull(aString)),
  bundle: required(orNull(aDigest)),
}
const countRules: OptionRules<BundleCounts> = {
  bundle: required(aDigest), decisions: required(wholeNumber(0)), denies: required(wholeNumber(0)),
  wouldDenies: required(wholeNumber(0)),
}
const decisionsRules: OptionRules<HaveDecisions> = {
  waiting: required(wholeNumber(0)), lost: required(wholeNumber(0)), full: required(aBoolean),
  error: required(orNull(aString)),
}
const haveRules: OptionRules<Have> = {
  format: required(oneOf(1)), host: required(aString), groups: required(listOf(aString)), boot: required(aString),
  time: required(wholeNumber(0)), lsmkit: required(aString), enforced: required(orNull(optionsOf(heldRules))),
  permissive: required(orNull(optionsOf(heldRules))), expired: required(aBoolean), want: required(wholeNumber(0)),
  error: required(orNull(optionsOf(errorRules))), counts: required(listOf(optionsOf(countRules))),
  decisions: optionsOf(decisionsRules),
}

const parsed = <T extends object>(bytes: Uint8Array, rules: OptionRules<T>, place: string): T => {
  try {
    const given: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    checkOptions(given, rules, place)
    return plainOptions(given as T, { takes: rules }, place)
  } catch (error) {
    throw new FleetError('damaged', reasonOf(error), { place, cause: error })
  }
}

/** Throws FleetError `damaged`. */
export const parseWant = (bytes: Uint8Array, host: string): Want => parsed(bytes, wantRules, `want ${host}`)

/** Throws FleetError `damaged`, also for a record that names another host than its key. */
export const parseHave = (bytes: Uint8Array, host: string): Have => {
  const have = parsed(bytes, haveRules, `have ${host}`)
  if (have.host === host) return have
  throw new FleetError('damaged', `the record says that it is of \`${have.host}\``, { place: `have ${host}` })
}

export const recordBytes = (record: Want | Have): Uint8Array => new TextEncoder().encode(JSON.stringify(record))

/** Asks a host for a bundle that is in the store. The revision of `want`, which the host names when it has done it. */
export const writeWant = async (store: Store, host: string, want: Omit<Want, 'format'>): Promise<number> =>
  store.put('want', host, wantBytes(want))

/** Throws OptionError. */
export const wantBytes = (want: Omit<Want, 'format'>): Uint8Array => {
  const record: Want = { ...want, format: 1 }
  checkOptions(record, wantRules, 'writeWant')
  return recordBytes(record)
}

/** Null for a host that has never reported. */
export const readHave = async (store: Store, host: string): Promise<Have | null> => {
  const entry = await store.get('have', host)
  return entry === null ? null : parseHave(entry.value, host)
}

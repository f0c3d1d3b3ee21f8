/** A kind of policy: it is compiled, asked, compared, and proved to lie within another. */
import type { PolicyChange } from '@lsmkit/core'
import type { PolicyKindName } from '../bundle/part-kinds.ts'
import { FleetError, reasonOf } from '../fleet-error.ts'

/** Parts of one kind, by their paths. */
export type PartFiles = ReadonlyMap<string, Uint8Array>

export interface Answer {
  readonly allowed: boolean
  /** Why, where the engine says it. */
  readonly why: string | null
}

/** A thing that a policy allows and its maximum does not, or of which that is not known. */
export interface Excess {
  readonly kind: PolicyKindName
  /** Where in the policy: `allow: read`. */
  readonly place: string
  readonly text: string
}

export interface Proof {
  /** Proved to be more than the maximum allows. */
  readonly wider: readonly Excess[]
  /** Neither proved nor disproved. */
  readonly unproved: readonly Excess[]
}

/** Assumptions of whoever asks for a proof. `no-links`: no symbolic link is below the folders of the maximum. */
export const assumptions = ['no-links'] as const
export type Assumption = (typeof assumptions)[number]

/**
 * A policy of one kind. All functions throw FleetError `bad-policy` for what they cannot read. Agents of one process
 * share it, so nothing that it gives away may be changed.
 */
export interface CompiledPolicy {
  readonly kind: PolicyKindName
  /** Asks a question of a file of questions. */
  readonly answer: (ask: unknown, place: string) => Answer
}

export interface PolicyKind<T extends CompiledPolicy> {
  readonly compile: (files: PartFiles) => T
  /** In words, from the first to the second. */
  readonly changes: (before: T, after: T) => Iterable<PolicyChange>
  readonly within: (policy: T, max: T, assume: ReadonlySet<Assumption>) => Proof
}

/** Plain data that nobody can change any more: agents of one process share it. */
export const frozen = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null) return value
  for (const inner of Object.values(value)) frozen(inner)
  return Object.freeze(value)
}

const decoder = new TextDecoder('utf-8', { fatal: true })

export const textOf = (bytes: Uint8Array, place: string): string => {
  try {
    return decoder.decode(bytes)
  } catch (error) {
    throw new FleetError('bad-policy', 'the text is not UTF-8', { place, cause: error })
  }
}

/** As the engine says it: a text, or a file and a line of CIL. */
const placeOf = (error: unknown, place: string): string => {
  const inner = (error as { place?: unknown } | null)?.place
  if (typeof inner === 'string') return `${place}: ${inner}`
  const { file, line } = (inner ?? {}) as { file?: unknown, line?: unknown }
  return typeof file === 'string' ? `${file}:${String(line)}` : place
}

export const badPolicy = (error: unknown, place: string): FleetError => {
  if (error instanceof FleetError) return error
  return new FleetError('bad-policy', reasonOf(error), { place: placeOf(error, place), cause: error })
}

/** Runs an engine: each error becomes `bad-policy` with the place. */
export const reading = <T>(place: string, work: () => T): T => {
  try {
    return work()
  } catch (error) {
    throw badPolicy(error, place)
  }
}

export const jsonOf = (bytes: Uint8Array, place: string): unknown => {
  const text = textOf(bytes, place)
  return reading(place, () => JSON.parse(text) as unknown)
}

/** Changes that allow more, as things beyond the maximum. A change that the engine cannot judge is not proved. */
export const proofOf = (
  kind: PolicyKindName, changes: Iterable<PolicyChange>, isHarmless: (change: PolicyChange) => boolean = () => false,
): Proof => {
  const all = [...changes]
  const excess = ({ subject, words }: PolicyChange): Excess => ({ kind, place: subject, text: words })
  return {
    wider: all.filter(({ effect }) => effect === 'more').map(excess),
    unproved: all.filter((change) => change.effect === 'other' && !isHarmless(change)).map(excess),
  }
}

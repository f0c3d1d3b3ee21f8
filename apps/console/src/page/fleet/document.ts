/** A rollout as `lsm fleet rollout status --denials --json` prints it, as far as the view reads it. */

export const standings = ['has', 'pending', 'failed', 'silent'] as const
export type Standing = (typeof standings)[number]

export interface FleetHost {
  readonly host: string
  /** Digest of the bundle before; null where there was none. */
  readonly before: string | null
  readonly standing: Standing
  readonly error: string | null
  /** Decisions, and how many of them were refused: of the bundle before, and of the new one in this step. */
  readonly was: readonly [number, number]
  readonly now: readonly [number, number]
}

export interface FleetRing {
  readonly name: string
  readonly hosts: readonly FleetHost[]
}

export interface FleetGate {
  readonly decisions: number
  readonly denies: number
  readonly perThousand: number
  readonly limit: number
  /** Shares of what is needed. */
  readonly against: number
  readonly for: number
  readonly answer: string
  readonly reason: string
}

/** As `RolloutDenial` of `@lsmkit/fleet`, which needs types of Node; build/record-fleet.ts holds one to the other. */
export interface FleetDenial {
  readonly verdict: string
  readonly module: string
  readonly operation: string | null
  readonly target: string | null
  readonly error: string | null
  readonly reason: string | null
  readonly count: number
  readonly hosts: number
  readonly examples: readonly string[]
  readonly last: number
  readonly program: string | null
  readonly texts: readonly string[]
}

export interface FleetRollout {
  readonly title: string
  readonly id: string
  readonly bundle: string
  readonly step: string
  /** Index of the highest ring that was begun. */
  readonly ring: number
  readonly paused: string | null
  readonly stopped: string | null
  readonly at: number
  readonly elapsed: number
  readonly since: number
  readonly rings: readonly FleetRing[]
  readonly notes: readonly { readonly at: number, readonly text: string }[]
}

export interface FleetDocument {
  readonly rollout: FleetRollout
  readonly gate: FleetGate | null
  readonly denials: readonly FleetDenial[] | null
}

type Is = (value: unknown) => boolean

const text: Is = (value) => typeof value === 'string'
const number: Is = (value) => typeof value === 'number' && Number.isFinite(value)
const orNull = (is: Is): Is => (value) => value === null || is(value)
const list = (is: Is): Is => (value) => Array.isArray(value) && value.every(is)
const record = (fields: Readonly<Record<string, Is>>): Is => (value) =>
  typeof value === 'object' && value !== null
  && Object.entries(fields).every(([name, is]) => is((value as Record<string, unknown>)[name]))
const tally: Is = (value) => Array.isArray(value) && value.length === 2 && value.every(number)

const host = record({
  host: text, before: orNull(text), standing: (value) => standings.includes(value as Standing), error: orNull(text),
  was: tally, now: tally,
})
const rollout = record({
  title: text, id: text, bundle: text, step: text, ring: number, paused: orNull(text), stopped: orNull(text),
  at: number, elapsed: number, since: number, rings: list(record({ name: text, hosts: list(host) })),
  notes: list(record({ at: number, text })),
})
const gate = record({
  decisions: number, denies: number, perThousand: number, limit: number, against: number, for: number, answer: text,
  reason: text,
})
const denial = record({
  verdict: text, module: text, operation: orNull(text), target: orNull(text), error: orNull(text), reason: orNull(text),
  count: number, hosts: number, examples: list(text), last: number, program: orNull(text), texts: list(text),
})
const isDocument = record({ rollout, gate: orNull(gate), denials: orNull(list(denial)) })

/** Throws an Error in words for the reader. */
export const parseFleet = (json: string): FleetDocument => {
  let given: unknown
  try {
    given = JSON.parse(json)
  } catch {
    throw new Error('It is not JSON.')
  }
  if (isDocument(given)) return given as FleetDocument
  throw new Error('It is not the output of `lsm fleet rollout status --json`.')
}

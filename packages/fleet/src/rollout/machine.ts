/**
 * The state machine of a rollout, a pure function: draft → permissive → enforce → ring 1…n → done, and from each of
 * them rolling-back → rolled-back. INVARIANT: a ring is begun only when the gate of the step before has passed, and no
 * host gets the new bundle once the rollout goes back.
 */
import { hasBaseline, judge, limitNow } from './gate.ts'
import { withReports } from './reports.ts'
import type { SeenHost } from './reports.ts'
import { isOver, steps } from './state.ts'
import type { Rollout, Step } from './state.ts'
import { newWants, wantsOf } from './wants.ts'
import type { HostWant } from './wants.ts'

export type RolloutEvent =
  /** A controller has looked at the hosts. Times are milliseconds since 1970, by its clock. */
  | { readonly kind: 'look', readonly at: number, readonly hosts: readonly SeenHost[] }
  | { readonly kind: 'pause' | 'back', readonly at: number, readonly reason: string }
  | { readonly kind: 'resume', readonly at: number }

export interface Advanced {
  readonly state: Rollout
  /** Wishes that are new in this state. */
  readonly writes: readonly HostWant[]
}

/** A gap between two looks counts as this at most, so that a clock that jumps passes no gate. */
const MOST_GAP_MS = 60_000
const MOST_NOTES = 100
const MOST_TEXT = 500

const noted = (state: Rollout, text: string): Rollout => ({
  ...state, notes: [...state.notes, { at: state.at, text: text.slice(0, MOST_TEXT) }].slice(-MOST_NOTES),
})

/** Of several clocks the first one counts, unless it is so far ahead that it is wrong. */
const MOST_AHEAD_MS = 3_600_000

const later = (state: Rollout, at: number): Rollout => ({
  ...state, at: state.at - at > MOST_AHEAD_MS ? at : Math.max(state.at, at),
  elapsed: state.elapsed + Math.min(Math.max(at - state.at, 0), MOST_GAP_MS),
})

/** Begins a step: the limit is fixed, and the new revision is counted anew. */
const begin = (state: Rollout, step: Step, ring: number): Rollout => noted({
  ...state, step, ring, since: state.elapsed, limit: limitNow(state),
  rings: state.rings.map(({ name, hosts }) => ({
    name, hosts: hosts.map((host) => ({ ...host, standing: 'pending', now: [0, 0] })),
  })),
}, `${step === 'ring' ? `ring ${state.rings[ring]!.name}` : step} begins`)

const goBack = (state: Rollout, reason: string): Rollout => {
  const next: Rollout = { ...state, paused: null, stopped: reason.slice(0, MOST_TEXT) }
  return noted({ ...next, step: state.step === 'draft' ? 'rolled-back' : 'rolling-back' }, `rolled back: ${reason}`)
}

/** The step behind one that has passed. */
const passed = (state: Rollout): Rollout => {
  if (state.step === 'draft') return begin(state, 'permissive', 0)
  if (state.step === 'permissive') return begin(state, 'enforce', 0)
  if (state.ring + 1 < state.rings.length) return begin(state, 'ring', state.ring + 1)
  return noted({ ...state, step: 'done' }, 'done')
}

const withoutAnswer = (state: Rollout, reason: string): Rollout => {
  const { elapsed, since, gate } = state
  if (elapsed - since <= gate.patience) return state
  return noted({ ...state, paused: `undecided: ${reason}` }, `paused: undecided: ${reason}`)
}

const gated = (state: Rollout): Rollout => {
  if (state.step === 'draft') {
    return hasBaseline(state) ? passed(state) : withoutAnswer(state, 'the revision before has too few decisions')
  }
  const { answer, reason } = judge(state)
  if (answer === 'stop') return goBack(state, reason)
  return answer === 'pass' ? passed(state) : withoutAnswer(state, reason)
}

const isBack = (state: Rollout, hosts: readonly SeenHost[]): boolean => {
  const by = new Map(hosts.map((one) => [one.host, one.by]))
  return wantsOf(state).every((want) => by.get(want.host) === want.by)
}

const looked = (before: Rollout, at: number, hosts: readonly SeenHost[]): Rollout => {
  if (isOver(before)) return before
  const state = withReports(later(before, at), hosts)
  if (state.step === 'rolling-back') {
    if (!isBack(state, hosts)) return state
    return noted({ ...state, step: 'rolled-back' }, 'each host that had a bundle is asked for it')
  }
  return state.paused === null ? gated(state) : state
}

const nextOf = (state: Rollout, event: RolloutEvent): Rollout => {
  if (event.kind === 'look') return looked(state, event.at, event.hosts)
  const isGoingBack = steps.indexOf(state.step) >= steps.indexOf('rolling-back')
  if (isGoingBack) return state
  const now = later(state, event.at)
  if (event.kind === 'back') return goBack(now, event.reason)
  if (state.step === 'done') return state
  if (event.kind === 'pause') {
    return noted({ ...now, paused: event.reason.slice(0, MOST_TEXT) }, `paused: ${event.reason}`)
  }
  if (state.paused === null) return state
  return noted({ ...now, paused: null, since: now.elapsed }, 'resumed')
}

export const advance = (state: Rollout, event: RolloutEvent): Advanced => {
  const next = nextOf(state, event)
  return { state: next, writes: newWants(state, next) }
}

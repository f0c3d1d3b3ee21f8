/** The rules of a rollout, over random histories of looks, clocks, reports and calls. */
import * as fc from 'fast-check'
import { advance } from '../rollout/machine.ts'
import type { RolloutEvent } from '../rollout/machine.ts'
import type { SeenHost, SeenReport } from '../rollout/reports.ts'
import { isOver, parseRollout, reached, rolloutBytes, steps } from '../rollout/state.ts'
import type { Rollout, Step } from '../rollout/state.ts'
import { wantsOf } from '../rollout/wants.ts'
import type { HostWant } from '../rollout/wants.ts'
import { draftOf, NEW, OLD } from './rollout-simulation.ts'

/** How a host answers a look. */
type Answer = 'well' | 'old' | 'silent' | 'fails' | 'refuses' | 'random'
type Call =
  | { readonly kind: 'look', readonly passed: number, readonly answers: readonly Answer[], readonly noise: number }
  | { readonly kind: 'pause' | 'resume' | 'back', readonly passed: number }

const passed = fc.constantFrom(0, 1000, 30_000, 60_000, 60_000, 200_000, -1e9, 1e13)
const answer = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Answer>('well') },
  { weight: 4, arbitrary: fc.constantFrom<Answer>('old', 'silent', 'fails', 'refuses', 'random') },
)
/** Mostly all hosts answer alike, or hardly any rollout would get on. */
const answers = fc.oneof(
  { weight: 3, arbitrary: fc.constant<readonly Answer[]>(['well']) },
  { weight: 2, arbitrary: fc.array(answer, { minLength: 1, maxLength: 6 }) },
)
const look = fc.record({ kind: fc.constant('look' as const), passed, answers, noise: fc.nat(1e6) })
const call = fc.oneof(
  { weight: 12, arbitrary: look },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('pause' as const, 'resume' as const, 'resume' as const,
    'back' as const), passed }) },
)
const history = fc.record({
  rings: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
  leastDecisions: fc.constantFrom(0, 0, 100, 3000),
  patience: fc.constantFrom(150_000, 86_400_000),
  calls: fc.array(call, { maxLength: 40 }),
})

/** The store as a history knows it: what was last written for each host. */
class Hosts {
  readonly #wants = new Map<string, HostWant & { readonly revision: number }>()
  readonly #all: readonly string[]
  #looks = 0

  constructor(all: readonly string[]) {
    this.#all = all
  }

  write(want: HostWant): void {
    this.#looks += 1
    this.#wants.set(want.host, { ...want, revision: this.#looks + 1 })
  }

  look(answersOf: readonly Answer[], noise: number): SeenHost[] {
    this.#looks += 1
    return this.#all.flatMap((host, i) => {
      const how = answersOf[i % answersOf.length]!
      if (how === 'silent') return []
      const want = this.#wants.get(host)
      return [{ host, want: want?.revision ?? 1, by: want?.by ?? null, report: this.#report(how, want, noise + i) }]
    })
  }

  #report(how: Answer, want: (HostWant & { readonly revision: number }) | undefined, noise: number): SeenReport {
    const isWell = how === 'well' || how === 'refuses'
    const asked = want?.bundle ?? OLD
    const random = how === 'random'
    const denies = how === 'refuses' ? this.#looks * 500 : random ? noise * 7 : 0
    const counts = [OLD, NEW].map((bundle) =>
      ({ bundle, decisions: random ? noise : this.#looks * 1000, denies, wouldDenies: denies }))
    return {
      revision: this.#looks, boot: random ? `boot-${noise % 3}` : 'boot',
      want: isWell ? want?.revision ?? 1 : noise % 5,
      error: how === 'fails' ? ['bad-policy', 'unreachable'][noise % 2]! : null,
      enforced: isWell && want?.mode !== 'permissive' ? asked : OLD,
      permissive: isWell && want?.mode === 'permissive' ? asked : random ? NEW : null, counts,
    }
  }
}

const rule = (holds: boolean, words: string): void => {
  if (!holds) throw new Error(words)
}

const orderOf = ({ step, ring }: Rollout): number => steps.indexOf(step) * 100 + ring
const next: Readonly<Record<Step, readonly Step[]>> = {
  draft: ['permissive', 'rolled-back'], permissive: ['enforce', 'rolling-back'],
  enforce: ['ring', 'done', 'rolling-back'], ring: ['ring', 'done', 'rolling-back'], done: ['rolling-back'],
  'rolling-back': ['rolled-back'], 'rolled-back': [],
}

const checkStep = (before: Rollout, after: Rollout, event: RolloutEvent, writes: readonly HostWant[]): void => {
  const isOther = orderOf(before) !== orderOf(after)
  rule(!isOther || next[before.step].includes(after.step), `${before.step} became ${after.step}`)
  rule(after.ring === before.ring || (after.step === 'ring' && after.ring === before.ring + 1), 'a ring was left out')
  rule(!isOther || before.paused === null || event.kind === 'back', 'a rollout that is paused went on')
  rule(!isOver(before) || !isOther || event.kind === 'back', 'a rollout that is over went on')
  rule(writes.length === 0 || isOther, 'something was written without a step')
  rule(after.elapsed >= before.elapsed && after.elapsed - before.elapsed <= 60_000, 'a clock has jumped')
  const isBegun = isOther && (after.step === 'enforce' || after.step === 'ring' || after.step === 'done')
  if (isBegun) rule(after.elapsed - before.since >= after.gate.soak, 'a step was too short')
}

const checkWrites = (after: Rollout, writes: readonly HostWant[]): void => {
  const may = new Map(reached(after).map((host) => [host.host, host]))
  const isBack = after.step === 'rolling-back' || after.step === 'rolled-back'
  const canary = new Set(after.rings[0]!.hosts.map(({ host }) => host))
  for (const { host, bundle, mode } of [...writes, ...wantsOf(after)]) {
    rule(may.has(host), 'a host was written whose ring was not begun')
    rule(bundle === (isBack ? may.get(host)!.before : after.bundle), 'a host gets a bundle of the other way')
    rule((mode === 'permissive') === (after.step === 'permissive' && canary.has(host)), 'a host gets the other mode')
  }
}

const play = ({ rings, leastDecisions, patience, calls }: {
  rings: readonly number[], leastDecisions: number, patience: number, calls: readonly Call[],
}): Rollout => {
  const names = rings.map((size, ring) => Array.from({ length: size }, (_, i) => `r${ring}-${i}`))
  const hosts = new Hosts(names.flat())
  let state = draftOf(names, { soak: 60_000, leastDecisions, patience })
  let at = 0
  const take = (event: RolloutEvent): void => {
    const { state: after, writes } = advance(state, event)
    checkStep(state, after, event, writes)
    checkWrites(after, writes)
    state = after
    for (const want of writes) hosts.write(want)
  }
  for (const one of calls) {
    at = Math.max(0, at + one.passed)
    if (one.kind === 'look') take({ kind: 'look', at, hosts: hosts.look(one.answers, one.noise) })
    else if (one.kind === 'resume') take({ kind: 'resume', at })
    else take({ kind: one.kind, at, reason: 'x' })
  }
  rule(JSON.stringify(parseRollout(rolloutBytes(state))) === JSON.stringify(state), 'a state is not read as written')
  // hosts that do as they are asked end every history
  take({ kind: 'resume', at })
  for (let i = 0; i < 200 && !isOver(state) && state.paused === null; i += 1) {
    take({ kind: 'look', at: (at += 60_000), hosts: hosts.look(['well'], 0) })
  }
  rule(isOver(state) || state.paused !== null, `a rollout has no end: ${state.step}`)
  return state
}

/** Throws for a history that breaks a rule. The ends that the histories have had. */
export const checkHistories = (runs: number, seed?: number): ReadonlyMap<string, number> => {
  const ends = new Map<string, number>()
  fc.assert(fc.property(history, (one) => {
    const { step, paused } = play(one)
    const end = paused === null ? step : 'paused'
    ends.set(end, (ends.get(end) ?? 0) + 1)
  }), { numRuns: runs, ...(seed === undefined ? {} : { seed }) })
  return ends
}

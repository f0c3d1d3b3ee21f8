/** Rollouts over simulated hosts, which do at once what they are asked for and report Poisson numbers of refusals. */
import { advance } from '../rollout/machine.ts'
import type { SeenHost } from '../rollout/reports.ts'
import { freshHost, gateOf, isOver } from '../rollout/state.ts'
import type { Gate, Rollout } from '../rollout/state.ts'

export const OLD = 'a'.repeat(64)
export const NEW = 'b'.repeat(64)

export interface Simulation {
  /** Hosts of each ring. */
  readonly rings: readonly number[]
  /** Refusals of one decision, before and after; the latter may go by the state when the canary begins. */
  readonly before: number
  readonly after: number | ((state: Rollout) => number)
  /** The share of each ring that hides all refusals, reports nothing else than refusals, or is silent. */
  readonly hiding?: number
  readonly accusing?: number
  readonly silent?: number
  readonly gate?: Partial<Gate>
}

/** Numbers from 0 to 1 (mulberry32). */
export const seededRandom = (seed: number): (() => number) => {
  let at = seed >>> 0
  return () => {
    at = (at + 0x6d2b79f5) >>> 0
    let t = Math.imul(at ^ (at >>> 15), at | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Knuth's method, in parts whose means are small enough for it. */
const poisson = (mean: number, random: () => number): number => {
  let count = 0
  for (let left = mean; left > 0; left -= 20) {
    const least = Math.exp(-Math.min(left, 20))
    for (let product = random(); product > least; product *= random()) count += 1
  }
  return count
}

const LOOK_MS = 30_000
/** Decisions of a host between two looks. */
const DECISIONS = 100
const MOST_LOOKS = 2000

export class SimulatedHost {
  readonly #host: string
  readonly #kind: 'honest' | 'hiding' | 'accusing' | 'silent'
  #want = 1
  #by: string | null = null
  #mode: 'enforce' | 'permissive' = 'enforce'
  #enforced = OLD
  #revision = 1
  readonly #counts = new Map([OLD, NEW].map((bundle) => [bundle, { bundle, decisions: 0, denies: 0, wouldDenies: 0 }]))

  constructor(host: string, kind: 'honest' | 'hiding' | 'accusing' | 'silent') {
    this.#host = host
    this.#kind = kind
  }

  ask({ bundle, mode, by }: { bundle: string, mode: 'enforce' | 'permissive', by: string }): void {
    this.#want += 1
    this.#by = by
    this.#mode = mode
    if (mode === 'enforce') this.#enforced = bundle
  }

  #count(bundle: string, field: 'denies' | 'wouldDenies', rate: number, random: () => number): void {
    const counts = this.#counts.get(bundle)!
    const isHiding = this.#kind === 'hiding'
    const decisions = isHiding ? DECISIONS * 1000 : DECISIONS
    const honest = Math.min(poisson(DECISIONS * rate, random), DECISIONS)
    counts.decisions += decisions
    counts[field] += isHiding ? 0 : this.#kind === 'accusing' ? decisions : honest
  }

  live(before: number, after: number, random: () => number): void {
    if (this.#kind === 'silent' && this.#by !== null) return
    this.#revision += 1
    this.#count(this.#enforced, 'denies', this.#enforced === NEW ? after : before, random)
    if (this.#mode === 'permissive') this.#count(NEW, 'wouldDenies', after, random)
  }

  seen(): SeenHost {
    const isDeaf = this.#kind === 'silent' && this.#by !== null
    return {
      host: this.#host, want: this.#want, by: this.#by,
      report: {
        revision: this.#revision, boot: 'one', want: isDeaf ? 1 : this.#want, error: null,
        enforced: isDeaf ? OLD : this.#enforced, permissive: this.#mode === 'permissive' && !isDeaf ? NEW : null,
        counts: [...this.#counts.values()].map((counts) => ({ ...counts })),
      },
    }
  }
}

export const draftOf = (rings: readonly (readonly string[])[], gate: Partial<Gate>): Rollout => ({
  format: 1, id: 'r', bundle: NEW, title: 'web 2', gate: gateOf(gate), step: 'draft', ring: 0,
  paused: null, stopped: null, at: 0, elapsed: 0, since: 0, limit: 0, notes: [],
  rings: rings.map((hosts, i) => ({
    name: `ring-${i}`, hosts: hosts.map((host) => freshHost(host, OLD)),
  })),
})

const hostsOf = (rings: readonly number[], { hiding = 0, accusing = 0, silent = 0 }: Simulation) =>
  rings.map((size, ring) => Array.from({ length: size }, (_, i): [string, SimulatedHost] => {
    const kinds = [['hiding', hiding], ['accusing', accusing], ['silent', silent]] as const
    let from = 0
    const kind = kinds.find(([, share]) => i < (from += Math.floor(share * size)))?.[0] ?? 'honest'
    const host = `r${ring}-${i}`
    return [host, new SimulatedHost(host, kind)]
  }))

/** The end of one rollout; it may be paused. */
export const simulateRollout = (simulation: Simulation, random: () => number): Rollout => {
  const { rings, before, after, gate } = simulation
  const named = hostsOf(rings, simulation)
  const hosts = new Map(named.flat())
  let state = draftOf(named.map((ring) => ring.map(([host]) => host)), { soak: 300_000, ...gate })
  let rate = typeof after === 'number' ? after : 0
  for (let look = 1; look <= MOST_LOOKS && !isOver(state) && state.paused === null; look += 1) {
    for (const host of hosts.values()) host.live(before, rate, random)
    const next = advance(state, { kind: 'look', at: look * LOOK_MS, hosts: [...hosts.values()].map((h) => h.seen()) })
    if (state.step === 'draft' && next.state.step !== 'draft' && typeof after !== 'number') rate = after(next.state)
    state = next.state
    for (const want of next.writes) hosts.get(want.host)!.ask(want)
  }
  return state
}

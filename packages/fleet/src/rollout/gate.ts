/** The figures of a gate, and its answer: stop, wait or pass. */
import { evidenceAgainst, evidenceFor, lowerRate, trustedDecisions, upperRate } from './rates.ts'
import type { HostRate } from './rates.ts'
import { reached } from './state.ts'
import type { Gate, HostStanding, Ring, Rollout, RolloutHost, Tally } from './state.ts'

export interface GateFigures {
  readonly hosts: Readonly<Record<HostStanding, number>>
  readonly decisions: number
  readonly denies: number
  /** Refusals of 1000 decisions; the limit of most hosts, likewise. */
  readonly perThousand: number
  readonly limit: number
  /** Evidence as a share of what is needed: 1 stops the rollout, or lets it pass. */
  readonly against: number
  readonly for: number
  readonly answer: 'stop' | 'wait' | 'pass'
  /** The cause of a stop, or what it waits for. */
  readonly reason: string
}

/** The permissive step, the enforcing one, and each further ring. */
const gatesOf = ({ rings }: Rollout): number => rings.length + 1

/** One half is for the bound of the rate before, and one for the test; all gates together have `alpha`. */
const errorOf = (state: Rollout): number => state.gate.alpha / gatesOf(state) / 2

const allHosts = ({ rings }: Rollout): readonly RolloutHost[] => rings.flatMap(({ hosts }) => hosts)

/** The limit for a step that begins now. */
export const limitNow = (state: Rollout): number => {
  const { gate } = state
  const upper = upperRate(allHosts(state).map(({ was }) => was), gate.liars, errorOf(state))
  return Math.min(Math.max(gate.tolerated / 1000, gate.ratio * upper), 1)
}

/** A host that has always refused clearly more than others may go on with that. */
const limitOf = ({ was }: RolloutHost, state: Rollout): number =>
  Math.min(Math.max(state.limit, state.gate.ratio * lowerRate(was, errorOf(state))), 1)

const countedRates = (state: Rollout): readonly HostRate[] => reached(state)
  .filter(({ now: [decisions] }) => decisions > 0)
  .map((host) => ({ tally: host.now, limit: limitOf(host, state) }))

const sum = (tallies: readonly Tally[]): Tally =>
  tallies.reduce<Tally>(([n, d], [decisions, denies]) => [n + decisions, d + denies], [0, 0])

const isLost = ({ standing }: RolloutHost): boolean => standing === 'failed' || standing === 'silent'

/** The first ring of which too many hosts have failed, in words; null where there is no such ring. */
const failedRing = ({ rings, ring, gate }: Rollout): string | null => {
  const bad = rings.slice(0, ring + 1).find(({ hosts }) => hosts.filter(isLost).length > gate.failures * hosts.length)
  return bad === undefined ? null : wordsOfRing(bad)
}

const wordsOfRing = ({ name, hosts }: Ring): string => {
  const lost = hosts.filter(isLost)
  const first = lost[0]!
  const why = first.standing === 'silent' ? 'is silent' : `reports ${first.error ?? 'another bundle'}`
  return `${lost.length} of ${hosts.length} hosts of ring \`${name}\` failed: ${first.host} ${why}`
}

const waitsFor = (state: Rollout, decisions: number, evidence: number, pending: number): string | null => {
  const { gate, elapsed, since } = state
  if (pending > 0) return `${pending} hosts have not answered`
  if (decisions < gate.leastDecisions) return `${decisions} of ${gate.leastDecisions} decisions were seen`
  if (gate.leastDecisions > 0 && evidence < 1) return 'the rates are not clear yet'
  if (elapsed - since < gate.soak) return `${Math.round((elapsed - since) / 1000)} of ${gate.soak / 1000} s have passed`
  return null
}

/** Of a step between `draft` and `done`. */
export const judge = (state: Rollout): GateFigures => {
  const { gate } = state
  const hosts = { pending: 0, has: 0, failed: 0, silent: 0 }
  for (const { standing } of reached(state)) hosts[standing] += 1
  const rates = countedRates(state)
  const [decisions, denies] = sum(rates.map(({ tally }) => tally))
  const against = rates.length === 0 ? 0 : evidenceAgainst(rates, gate.liars) / Math.log(1 / errorOf(state))
  const evidence = evidenceFor(rates, gate.bad, gate.liars) / Math.log(1 / gate.beta)
  const perThousand = decisions === 0 ? 0 : 1000 * denies / decisions
  const failed = failedRing(state)
  const figures = { hosts, decisions, denies, perThousand, limit: 1000 * state.limit, against, for: evidence }
  if (failed !== null) return { ...figures, answer: 'stop', reason: failed }
  if (against >= 1) return { ...figures, answer: 'stop', reason: tooMany(state, figures, gate) }
  const trusted = trustedDecisions(rates.map(({ tally }) => tally), gate.liars)
  const waits = waitsFor(state, trusted, evidence, hosts.pending)
  return { ...figures, answer: waits === null ? 'pass' : 'wait', reason: waits ?? 'all is as it should be' }
}

type Rates = Pick<GateFigures, 'perThousand' | 'limit'>

const tooMany = ({ step }: Rollout, { perThousand, limit }: Rates, gate: Gate): string =>
  `it ${step === 'permissive' ? 'would refuse' : 'refuses'} ${perThousand.toFixed(2)} of 1000 decisions, and the limit `
  + `is ${limit.toFixed(2)} (error ${gate.alpha})`

/** Has the revision before been counted enough? */
export const hasBaseline = (state: Rollout): boolean => {
  const hosts = allHosts(state)
  return hosts.every(({ before }) => before === null)
    || trustedDecisions(hosts.map(({ was }) => was), state.gate.liars) >= state.gate.leastDecisions
}

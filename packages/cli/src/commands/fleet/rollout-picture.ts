/** A rollout as lines of at most 80 columns: rings with their hosts, the gate, and what was refused. */
import { isOver, judge } from '@lsmkit/fleet'
import type { Gate, Ring, Rollout, RolloutDenial } from '@lsmkit/fleet'
import { tableWithin } from '../../output.ts'

const standings = ['has', 'pending', 'failed', 'silent'] as const
const BAR = 24
const marks: Readonly<Record<(typeof standings)[number], string>> = { has: '#', pending: '.', failed: 'x', silent: '?' }

const countsOf = ({ hosts }: Ring): readonly (readonly [standing: (typeof standings)[number], count: number])[] =>
  standings.map((standing) => [standing, hosts.filter((host) => host.standing === standing).length] as const)

export const isBegun = ({ step, ring }: Rollout, i: number): boolean => step !== 'draft' && i <= ring

const standingWords = (ring: Ring): string =>
  countsOf(ring).filter(([, count]) => count > 0).map(([standing, count]) => `${count} ${standing}`).join(', ')

export const ringWords = (state: Rollout, ring: Ring, i: number): string =>
  isBegun(state, i) ? standingWords(ring) : `${ring.hosts.length} hosts, not begun`

/** A character a host, or its share; a standing that some host has is never left out. */
const barOf = (state: Rollout, ring: Ring, i: number): string => {
  if (!isBegun(state, i)) return `[${' '.repeat(Math.min(ring.hosts.length, BAR))}]`
  const all = ring.hosts.length
  const width = Math.min(all, BAR)
  const others = countsOf(ring).filter(([standing, count]) => standing !== 'has' && count > 0)
    .map(([standing, count]) => marks[standing].repeat(Math.max(1, Math.round((count / all) * width)))).join('')
  return `[${marks.has.repeat(Math.max(0, width - others.length))}${others.slice(0, width)}]`
}

/** A step that has a gate, and is not on its way back. */
export const hasGate = (state: Rollout): boolean =>
  state.step !== 'draft' && state.step !== 'rolling-back' && !isOver(state)

const percent = (share: number): string => `${Math.round(100 * Math.min(Math.max(share, 0), 1))} %`

const gateLines = (state: Rollout): [string, string][] => {
  if (!hasGate(state)) return []
  const { decisions, denies, perThousand, limit, against, for: evidence, reason } = judge(state)
  return [
    ['rates', `${denies} of ${decisions} decisions refused, ${perThousand.toFixed(2)} of 1000`],
    ['limit', `${limit.toFixed(2)} of 1000`],
    ['evidence', `${percent(against)} of what stops it, ${percent(evidence)} of what lets it pass`],
    ['waits for', reason],
  ]
}

export const stepWords = ({ step, ring, rings }: Rollout): string =>
  step === 'ring' ? `ring ${rings[ring]!.name}` : step

const seconds = (ms: number): string => (ms < 600_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`)

export interface PictureOptions {
  /** Bars of the rings, and times: for a terminal. */
  readonly isLive: boolean
  readonly denials: readonly RolloutDenial[] | null
}

const soaks = ({ elapsed, since }: Rollout, { soak }: Gate): string =>
  `for ${seconds(elapsed - since)}, at least ${seconds(soak)}`

const MOST_TARGET = 60

/** The end of a path says more than its beginning. */
const shortened = (text: string | null): string | null =>
  text === null || text.length <= MOST_TARGET ? text : `…${text.slice(1 - MOST_TARGET)}`

const denialWords = ({ module, operation, target, error, count, hosts }: RolloutDenial): string =>
  [`${count} on ${hosts} host${hosts === 1 ? '' : 's'}:`, module, operation, shortened(target), error]
    .filter(Boolean).join(' ')

const MOST_DENIALS = 5

const denialLines = (denials: readonly RolloutDenial[] | null): [string, string][] =>
  (denials ?? []).slice(0, MOST_DENIALS).flatMap((one): [string, string][] => [
    [one.verdict === 'deny' ? 'refused' : 'would refuse', denialWords(one)],
    ...(one.reason === null ? [] : [['', `why: ${one.reason}`] as [string, string]]),
  ])

export const rolloutLines = (state: Rollout, { isLive, denials }: PictureOptions): readonly string[] => tableWithin([
  ['rollout', `${state.title}, ${state.id}`],
  ['step', isLive && hasGate(state) ? `${stepWords(state)} ${soaks(state, state.gate)}` : stepWords(state)],
  ...(state.paused === null ? [] : [['paused', state.paused]]),
  ...(state.stopped === null ? [] : [['stopped', state.stopped]]),
  ...state.rings.map((ring, i) => [
    `ring ${ring.name}`, `${isLive ? `${barOf(state, ring, i)} ` : ''}${ringWords(state, ring, i)}`,
  ]),
  ...gateLines(state),
  ...denialLines(denials),
])

/** A line for each change that a reader of a log wants to see. */
export const changeWords = (state: Rollout): string => [
  stepWords(state), ...(state.paused === null ? [] : [`paused: ${state.paused}`]),
  ...(state.stopped === null ? [] : [`stopped: ${state.stopped}`]),
  ...state.rings.map((ring, i) => `${ring.name}: ${ringWords(state, ring, i)}`),
].join('; ')

import { expect, test } from 'vitest'
import { draftOf, NEW, OLD } from '../testing/rollout-simulation.ts'
import { advance } from './machine.ts'
import type { SeenReport } from './reports.ts'
import { rolloutBytes } from './state.ts'
import type { HostStanding, Rollout } from './state.ts'

const counts = (decisions: number, denies: number) => [OLD, NEW].map((bundle) =>
  ({ bundle, decisions, denies, wouldDenies: denies }))
const well: SeenReport = {
  revision: 2, boot: 'one', want: 5, error: null, enforced: OLD, permissive: NEW, counts: counts(1000, 0),
}
const look = (state: Rollout, at: number, report: Partial<SeenReport> | null, by = 'r/permissive'): Rollout =>
  advance(state, {
    kind: 'look', at, hosts: [{ host: 'a', want: 5, by, report: report === null ? null : { ...well, ...report } }],
  }).state

/** In its permissive step, at 0 s; reports have revision 1. */
const begun = (): Rollout => look(draftOf([['a']], { leastDecisions: 0, failures: 0.49 }), 0, { revision: 1 }, 'other')
const standing = ({ rings }: Rollout): HostStanding => rings[0]!.hosts[0]!.standing

test.each<[why: string, at: number, report: Partial<SeenReport> | null, by: string, standing: HostStanding]>([
  ['has the bundle', 1000, {}, 'r/permissive', 'has'],
  ['was not asked yet', 1000, {}, 'other', 'pending'],
  ['has not read its wish', 1000, { want: 4, permissive: null }, 'r/permissive', 'pending'],
  ['enforces it in place of asking it', 1000, { enforced: NEW, permissive: null }, 'r/permissive', 'pending'],
  ['refuses it', 1000, { error: 'needs' }, 'r/permissive', 'failed'],
  ['has refused an older wish', 1000, { want: 4, error: 'needs' }, 'r/permissive', 'pending'],
  ['has no store', 1000, { error: 'unreachable', permissive: null }, 'r/permissive', 'pending'],
])('a host that %s', (_why, at, report, by, expected) => {
  expect(standing(look(begun(), at, report, by))).toBe(expected)
})

/** Looks every 30 s, each with a new report. */
const looks = (
  state: Rollout, from: number, reports: readonly (Partial<SeenReport> | null)[],
): readonly HostStanding[] => {
  const seen: HostStanding[] = []
  let now = state
  reports.forEach((report, i) => {
    now = look(now, (from + i) * 30_000, report === null ? null : { revision: from + i + 2, ...report })
    seen.push(standing(now))
  })
  return seen
}

test.each<[why: string, reports: readonly (Partial<SeenReport> | null)[], last: HostStanding]>([
  ['reports nothing', [null, null, null, null, null], 'silent'],
  ['repeats an old report', Array.from({ length: 6 }, () => ({ revision: 2 })), 'silent'],
  ['never does it', Array.from({ length: 5 }, () => ({ want: 4, permissive: null })), 'failed'],
  ['had it, and is started again', [...Array.from({ length: 6 }, () => ({})), { boot: 'two', want: 0 }], 'has'],
  ['had it, and loses the store', [...Array.from({ length: 6 }, () => ({})), { error: 'unreachable' }], 'has'],
  ['had it, and has another one for a moment', [...Array.from({ length: 6 }, () => ({})), { permissive: null }],
    'pending'],
])('after some time, a host that %s', (_why, reports, last) => {
  expect(looks(begun(), 1, reports).at(-1)).toBe(last)
})

const tallies = ({ rings }: Rollout) => [rings[0]!.hosts[0]!.was, rings[0]!.hosts[0]!.now]

test('counts of the new bundle begin with the report that the host has it, and survive a restart of the agent', () => {
  const first = look(begun(), 1000, { revision: 2, counts: counts(500, 90) })
  expect(tallies(first)[1]).toEqual([0, 0])
  const second = look(first, 2000, { revision: 3, counts: counts(1500, 91) })
  expect(tallies(second)[1]).toEqual([1000, 1])
  expect(tallies(look(second, 3000, { revision: 3, counts: counts(9999, 99) }))).toEqual(tallies(second))
  const third = look(second, 3000, { revision: 4, boot: 'two', counts: counts(10, 2) })
  expect(tallies(third)[1]).toEqual([1010, 3])
  expect(tallies(look(third, 4000, { revision: 5, boot: 'two', counts: counts(5, 0) }))[1]).toEqual([1010, 3])
})

test('a host that lies does not make the state grow', () => {
  let state = begun()
  for (let i = 2; i < 20; i += 1) {
    state = look(state, i, {
      revision: i, boot: `${i}`.padEnd(5000, 'x'), error: 'y'.repeat(60_000), want: 4,
      counts: counts(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    })
  }
  expect(JSON.stringify(state.rings[0]!.hosts[0]).length).toBeLessThan(410)
  expect(rolloutBytes(state).length).toBeLessThan(3000)
})

/**
 * The rollout that the Fleet view shows until it gets another: `node scripts/run.mjs source
 * apps/console/build/record-fleet.ts`. The machine and the gate are those of the fleet; its hosts are simulated.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RolloutDenial } from '../../../packages/fleet/src/rollout/denials.ts'
import { judge } from '../../../packages/fleet/src/rollout/gate.ts'
import { advance } from '../../../packages/fleet/src/rollout/machine.ts'
import { isOver, steps } from '../../../packages/fleet/src/rollout/state.ts'
import type { Rollout } from '../../../packages/fleet/src/rollout/state.ts'
import { draftOf, SimulatedHost, seededRandom } from '../../../packages/fleet/src/testing/rollout-simulation.ts'
import type { FleetDocument } from '../src/page/fleet/document.ts'

const START = Date.parse('2026-12-01T09:00:00Z')
const LOOK_MS = 30_000
/** Looks between two moments, beside those at which a step begins or ends. */
const EVERY = 6
const RINGS = [['canary', 'web', 6], ['databases', 'db', 12], ['all', 'app', 18]] as const
const [BEFORE, AFTER_ON_DB] = [0.0005, 0.008]

const names = RINGS.map(([, host, count]) => Array.from({ length: count }, (_, i) => `${host}-${i + 1}`))
const hosts = new Map(names.flat().map((name) =>
  [name, new SimulatedHost(name, name === 'app-3' ? 'silent' : 'honest')]))
const random = seededRandom(35)

const refusal = (state: Rollout, share: number, more: Partial<RolloutDenial>): RolloutDenial => {
  const refused = state.rings[1]!.hosts.filter(({ now: [, denies] }) => denies > 0)
  const count = Math.round(share * refused.reduce((sum, { now: [, denies] }) => sum + denies, 0))
  return {
    verdict: 'deny', module: 'selinux', operation: 'file_open', target: null, error: 'EACCES', reason: null, count,
    hosts: refused.length, examples: refused.slice(0, 3).map(({ host }) => host), last: START + state.at, program: null,
    texts: [], ...more,
  }
}

const denialsOf = (state: Rollout): readonly RolloutDenial[] => [
  refusal(state, 0.8, {
    target: '/srv/db/wal/000000010000', program: 'backup',
    reason: 'no rule allows backup_t db_wal_t file { open }',
    texts: ['avc:  denied  { open } for  pid=812 comm="backup" path="/srv/db/wal/000000010000" '
      + 'scontext=system_u:system_r:backup_t:s0 tcontext=system_u:object_r:db_wal_t:s0 tclass=file permissive=0'],
  }),
  refusal(state, 0.2, {
    module: 'landlock', operation: 'socket_connect', target: '10.0.0.9:5432', program: 'replica',
    reason: 'the ruleset has no connect_tcp for port 5432',
  }),
].filter(({ count }) => count > 0)

const documentOf = (state: Rollout): FleetDocument => {
  const hasGate = !['draft', 'rolling-back'].includes(state.step) && !isOver(state)
  const { title, id, bundle, step, ring, paused, stopped, elapsed, since } = state
  const { hosts: _hosts, ...gate } = judge(state)
  return {
    rollout: {
      title, id, bundle, step, ring, paused, stopped, at: START + state.at, elapsed, since,
      rings: state.rings.map((one) => ({
        name: one.name,
        hosts: one.hosts.map(({ host, before, standing, error, was, now }) =>
          ({ host, before: before?.slice(0, 12) ?? null, standing, error, was, now })),
      })),
      notes: state.notes.map(({ at, text }) => ({ at: START + at, text })),
    },
    gate: hasGate ? gate : null, denials: state.ring > 0 ? denialsOf(state) : [],
  }
}

const drafted = draftOf(names, { soak: 300_000 })
let state: Rollout = {
  ...drafted, id: '3f6d1c1e-0000-4000-8000-000000000035', title: 'web 2026-12-01.2',
  rings: drafted.rings.map((ring, i) => ({ ...ring, name: RINGS[i]![0] })),
}
const moments: FleetDocument[] = []
for (let look = 1; look < 400 && !isOver(state); look += 1) {
  for (const [name, host] of hosts) host.live(BEFORE, name.startsWith('db-') ? AFTER_ON_DB : BEFORE, random)
  const next = advance(state, { kind: 'look', at: look * LOOK_MS, hosts: [...hosts.values()].map((one) => one.seen()) })
  const isStep = next.state.step !== state.step || next.state.ring !== state.ring
  // the last moment of a step has its figures, and the first one its wishes
  if (isStep && steps.indexOf(state.step) > 0) moments.push(documentOf(state))
  state = next.state
  for (const want of next.writes) hosts.get(want.host)!.ask(want)
  if (isStep || look % EVERY === 0) moments.push(documentOf(state))
}
writeFileSync(join(import.meta.dirname, '../src/page/fleet/recorded.json'), `${JSON.stringify(moments)}\n`)
console.log(moments.map(({ rollout: { step, ring, stopped } }) => `${step} ${ring} ${stopped ?? ''}`).join('\n'))

/** Hosts by ring and revision, and the hosts that a reader wants to see by name. */
import { oneOf, set } from '../link-state.ts'
import { standings } from './document.ts'
import type { FleetHost, FleetRing, FleetRollout } from './document.ts'

/** How a host stands to the new revision. */
type Revision = 'new' | 'asked' | 'before' | 'failed' | 'silent'
const revisions: Readonly<Record<Revision, string>> = {
  new: 'has the new one', asked: 'asks the new one too', before: 'has the one before', failed: 'failed',
  silent: 'silent',
}
const names = Object.keys(revisions) as Revision[]

const isBack = ({ step }: FleetRollout): boolean => step === 'rolling-back' || step === 'rolled-back'

const revisionOf = ({ standing }: FleetHost, ring: number, rollout: FleetRollout): Revision => {
  if (rollout.step === 'draft' || ring > rollout.ring) return 'before'
  if (standing === 'failed' || standing === 'silent') return standing
  if (standing === 'pending' || isBack(rollout)) return 'before'
  return rollout.step === 'permissive' ? 'asked' : 'new'
}

const countsOf = (ring: FleetRing, at: number, rollout: FleetRollout): Readonly<Record<Revision, number>> => {
  const counts = { new: 0, asked: 0, before: 0, failed: 0, silent: 0 }
  for (const host of ring.hosts) counts[revisionOf(host, at, rollout)] += 1
  return counts
}

const Bar = ({ counts, all }: { readonly counts: Readonly<Record<Revision, number>>, readonly all: number }) => (
  <span class="fleet-bar" aria-hidden="true">
    {names.map((name) => (counts[name] === 0 ? null : (
      <span key={name} class={`revision-${name}`} style={{ width: `${(100 * counts[name]) / all}%` }} />
    )))}
  </span>
)

const RingRow = ({ ring, at, rollout }: {
  readonly ring: FleetRing, readonly at: number, readonly rollout: FleetRollout,
}) => {
  const counts = countsOf(ring, at, rollout)
  return (
    <tr>
      <th scope="row">
        {ring.name} <Bar counts={counts} all={ring.hosts.length} />
      </th>
      {names.map((name) => (
        <td key={name} class={`number ${counts[name] === 0 ? 'muted' : `revision-text-${name}`}`}>{counts[name]}</td>
      ))}
    </tr>
  )
}

/** Rows that a page draws well. */
const MOST_ROWS = 300

const rate = ([decisions, denies]: readonly [number, number]): string =>
  decisions === 0 ? '–' : `${((1000 * denies) / decisions).toFixed(2)}`

const HostRow = ({ host, ring, words }: {
  readonly host: FleetHost, readonly ring: string, readonly words: string,
}) => (
  <tr>
    <th scope="row">{host.host}</th>
    <td>{ring}</td>
    <td class={host.standing === 'failed' || host.standing === 'silent' ? 'refused' : ''}>
      {words}{host.error === null ? '' : `: ${host.error}`}
    </td>
    <td class="number">{rate(host.was)}</td>
    <td class="number">{rate(host.now)}</td>
  </tr>
)

export const FleetHosts = ({ rollout }: { readonly rollout: FleetRollout }) => {
  const shown = oneOf('hosts', ['all', ...standings], 'all')
  const rows = rollout.rings.flatMap((ring, at) => ring.hosts
    .filter(({ standing }) => shown === 'all' || standing === shown)
    .map((host) => ({ host, ring: ring.name, words: revisions[revisionOf(host, at, rollout)] })))
  return (
    <section aria-label="Hosts" class="fleet-hosts">
      <h3>
        Hosts{' '}
        <label>
          <span class="label">that are</span>{' '}
          <select value={shown} onChange={({ currentTarget: { value } }) => set({ hosts: value })}>
            {['all', ...standings].map((one) => <option key={one} value={one}>{one}</option>)}
          </select>
        </label>
      </h3>
      <div class="fleet-scroll" tabIndex={0} role="region" aria-label="List of hosts">
        <table>
          <thead>
            <tr>
              <th scope="col">host</th>
              <th scope="col">ring</th>
              <th scope="col">revision</th>
              <th scope="col" class="number" title="refusals of 1000 decisions under the revision before">‰ before</th>
              <th scope="col" class="number" title="refusals of 1000 decisions under the new revision">‰ new</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, MOST_ROWS).map((row) => <HostRow key={row.host.host} {...row} />)}
          </tbody>
        </table>
        {rows.length === 0 ? <p class="muted">No host is {shown}.</p> : null}
        {rows.length > MOST_ROWS ? <p class="muted">and {rows.length - MOST_ROWS} more</p> : null}
      </div>
    </section>
  )
}

export const FleetRings = ({ rollout }: { readonly rollout: FleetRollout }) => (
  <section class="fleet-rings" aria-label="Rings">
    <h3>Hosts by ring and revision</h3>
    <div class="fleet-scroll" tabIndex={0} role="region" aria-label="Rings by revision">
      <table>
        <thead>
          <tr>
            <th scope="col">ring</th>
            {names.map((name) => <th key={name} scope="col" class="number">{revisions[name]}</th>)}
          </tr>
        </thead>
        <tbody>
          {rollout.rings.map((ring, at) => <RingRow key={ring.name} ring={ring} at={at} rollout={rollout} />)}
        </tbody>
      </table>
    </div>
  </section>
)

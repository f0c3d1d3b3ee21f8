/** What the bundle refused, alike refusals together, and the Why of the one that is chosen. */
import { HookWord } from '../hook-name.tsx'
import { numberSetting, set } from '../link-state.ts'
import type { FleetDenial } from './document.ts'

const Row = ({ denial, at, isChosen }: {
  readonly denial: FleetDenial, readonly at: number, readonly isChosen: boolean,
}) => (
  <tr class={isChosen ? 'chosen' : ''}>
    <td class="number">{denial.count.toLocaleString('en')}</td>
    <td class="number">{denial.hosts}</td>
    <td class={denial.verdict === 'deny' ? 'refused' : 'waived'}>{denial.verdict}</td>
    <th scope="row">
      <button
        type="button"
        class="link"
        aria-pressed={isChosen}
        onClick={() => set({ denial: isChosen ? '' : String(at) })}
      >
        {denial.module} {denial.operation ?? ''}
      </button>
    </th>
    <td class="fleet-target">{denial.target ?? '–'}</td>
  </tr>
)

const FleetWhy = ({ denial }: { readonly denial: FleetDenial }) => (
  <section class="fleet-why" aria-label="Why">
    <h3>Why</h3>
    <p>
      {denial.reason ?? 'The module gave no reason.'} <span class="muted">{denial.error ?? ''}</span>
    </p>
    <dl>
      <dt>module</dt>
      <dd>{denial.module}</dd>
      <dt>hook or call</dt>
      <dd>{denial.operation === null ? '–' : <HookWord hook={denial.operation} />}</dd>
      <dt>program</dt>
      <dd>{denial.program ?? '–'}</dd>
      <dt>hosts</dt>
      <dd>
        {denial.examples.join(', ')}
        {denial.hosts > denial.examples.length ? ` and ${denial.hosts - denial.examples.length} more` : ''}
      </dd>
      <dt>last</dt>
      <dd>{new Date(denial.last).toISOString().replace('T', ' ').slice(0, 19)}</dd>
    </dl>
    {denial.texts.length === 0 ? null : (
      <>
        <h4>Records</h4>
        {denial.texts.map((text, i) => <pre key={i} tabIndex={0} class="fleet-record">{text}</pre>)}
      </>
    )}
  </section>
)

export const FleetDenials = ({ denials }: { readonly denials: readonly FleetDenial[] | null }) => {
  const chosen = numberSetting('denial')
  const denial = chosen === null ? undefined : denials?.[chosen]
  return (
    <section class="fleet-denials" aria-label="Denials">
      <h3>Denials of the new revision</h3>
      {denials === null ? <p class="muted">They are not in this status: ask for it with --denials.</p> : null}
      {denials?.length === 0 ? <p class="muted">There are no denials.</p> : null}
      {denials === null || denials.length === 0 ? null : (
        <div class="fleet-scroll" tabIndex={0} role="region" aria-label="List of denials">
          <table>
            <thead>
              <tr>
                <th scope="col" class="number">count</th>
                <th scope="col" class="number">hosts</th>
                <th scope="col">verdict</th>
                <th scope="col">refused by</th>
                <th scope="col">what</th>
              </tr>
            </thead>
            <tbody>
              {denials.map((one, at) => <Row key={at} denial={one} at={at} isChosen={at === chosen} />)}
            </tbody>
          </table>
        </div>
      )}
      {denial === undefined ? null : <FleetWhy denial={denial} />}
    </section>
  )
}

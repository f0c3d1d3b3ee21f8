/** The figures of the gate: the rate beside its limit, and how much evidence there is for each answer. */
import type { FleetGate, FleetRollout } from './document.ts'

const percent = (share: number): number => Math.round(100 * Math.min(Math.max(share, 0), 1))

const Evidence = ({ name, share, kind }: { readonly name: string, readonly share: number, readonly kind: string }) => (
  <div class="fleet-evidence">
    <span>{name}</span>
    <span class={`fleet-bar ${kind}`} aria-hidden="true">
      <span style={{ width: `${percent(share)}%` }} />
    </span>
    <span class="number">{percent(share)} %</span>
  </div>
)

const seconds = (ms: number): string => (ms < 600_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`)

const noGate = ({ stopped }: FleetRollout): string =>
  stopped === null ? 'This step has no gate.' : `It has stopped the rollout: ${stopped}.`

export const FleetGatePart = ({ gate, rollout }: {
  readonly gate: FleetGate | null, readonly rollout: FleetRollout,
}) => (
  <section class="fleet-gate" aria-label="Gate">
    <h3>Gate</h3>
    {gate === null ? <p class="muted">{noGate(rollout)}</p> : (
      <>
        <p>
          <strong class={gate.perThousand > gate.limit ? 'refused' : 'allowed'}>
            {gate.perThousand.toFixed(2)}
          </strong>{' '}
          of 1000 decisions refused; the limit is <strong>{gate.limit.toFixed(2)}</strong>.{' '}
          <span class="muted">
            {gate.denies.toLocaleString('en')} of {gate.decisions.toLocaleString('en')} in{' '}
            {seconds(rollout.elapsed - rollout.since)}
          </span>
        </p>
        <Evidence name="to stop it" share={gate.against} kind="against" />
        <Evidence name="to let it pass" share={gate.for} kind="for" />
        <p>
          {gate.answer === 'wait' ? 'It waits: ' : gate.answer === 'stop' ? 'It stops: ' : 'It passes: '}
          {gate.reason}
        </p>
      </>
    )}
  </section>
)

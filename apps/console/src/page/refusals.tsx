/** The last refusals, a line each, under whatever runs; choosing one leads to why. */
import { useMemo } from 'preact/hooks'
import { Matches, anything } from '../decisions/filter.ts'
import { HookWord } from './hook-name.tsx'
import { verdictText } from './decision-text.ts'
import { show } from './link-state.ts'
import { arrived, forgotten, store } from './session.ts'

const SHOWN = 40
/** Live's own filters, so that a refusal is among what it shows. */
const allOfLive = { verdict: '', hook: '', module: '', text: '' }

export const Refusals = () => {
  const matches = useMemo(
    () => new Matches(store, { ...anything, verdict: 'refused', terminal: false }),
    [forgotten.value],
  )
  void arrived.value
  matches.update()
  const numbers = Array.from({ length: Math.min(SHOWN, matches.length) }, (_, i) => matches.at(i))
  return (
    <section class="refusals" aria-label="Refusals">
      <h2>
        Refused{' '}
        <span class="muted">
          {matches.length.toLocaleString('en')} of {store.total.toLocaleString('en')} decisions
        </span>
      </h2>
      {numbers.length === 0 ? (
        <p class="muted">Nothing yet.</p>
      ) : (
        <ul>
          {numbers.map((number) => {
            const [hook, lsm, object] = (['hook', 'lsm', 'object'] as const).map((kind) => store.text(kind, number))
            return (
              <li key={number}>
                <button
                  type="button"
                  title={verdictText(number).more}
                  onClick={() => show('live', { ...allOfLive, pick: `${hook} ${lsm} ${object}` })}
                >
                  <span class="refused">{verdictText(number).text}</span> <strong>{lsm}</strong>{' '}
                  <HookWord hook={hook!} />
                  <span class="call">{store.callText(number)}</span>
                </button>
              </li>
            )
          })}
        </ul>
      )}
    </section>
  )
}

/** What each hook costs on this stack, measured on a machine like it. */
import { useEffect, useState } from 'preact/hooks'
import type { HookCost } from '../kernel/protocol.ts'
import { HookLink } from './hook-name.tsx'
import { kernel, report, running, showError } from './session.ts'

export const Costs = () => {
  const [costs, setCosts] = useState<readonly HookCost[] | null>(null)
  const [isBusy, setBusy] = useState(false)
  useEffect(() => setCosts(null), [report.value])
  const measure = async (): Promise<void> => {
    setBusy(true)
    try {
      setCosts(await kernel().call('costs'))
    } catch (error) {
      showError(error)
    }
    setBusy(false)
  }
  const most = Math.max(...(costs ?? []).map(({ nanoseconds }) => nanoseconds), 1)
  return (
    <section class="panel" aria-label="Costs">
      <header class="panel-head">
        <h2>Costs</h2>
        <button
          type="button"
          disabled={isBusy || report.value === null || running.value !== null}
          onClick={() => void measure()}
        >
          {isBusy ? 'Measuring…' : costs === null ? 'Measure now' : 'Measure again'}
        </button>
      </header>
      {costs === null ? (
        <p class="muted">
          How long it takes to ask each hook on this stack, attached programs included.
          {running.value === null ? '' : ' Stop what runs first.'}
        </p>
      ) : (
        <div class="costs-scroll" tabIndex={0} role="region" aria-label="Table of costs">
          <table class="costs">
            <thead>
              <tr>
                <th scope="col">hook</th>
                <th scope="col" class="number">
                  ns a call
                </th>
                <th scope="col">beside the dearest</th>
              </tr>
            </thead>
            <tbody>
              {costs.map(({ hook, calls, nanoseconds }) => (
                <tr key={hook} title={`The median of 5 passes, ${calls.toLocaleString('en')} calls together`}>
                  <th scope="row">
                    <HookLink hook={hook} />
                  </th>
                  <td class="number">{nanoseconds.toFixed(nanoseconds < 10 ? 1 : 0)} ns</td>
                  <td class="bar-cell">
                    <span class="bar" style={{ width: `${(100 * nanoseconds) / most}%` }} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

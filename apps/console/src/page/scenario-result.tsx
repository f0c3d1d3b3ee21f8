/** What came of a scenario, step by step, with the lines of the file. */
import type { ScenarioReport } from '../kernel/protocol.ts'
import { HookLink } from './hook-name.tsx'

export const ScenarioResult = ({ result }: { readonly result: ScenarioReport | null }) => {
  if (result === null)
    return (
      <section class="result">
        <p class="empty">Run it to see what each step came to.</p>
      </section>
    )
  if (!result.ok) {
    return (
      <section class="result" aria-live="polite">
        <p class="refused">
          Line {result.line}: {result.message}
        </p>
        {result.hint === null ? null : <p class="muted">{result.hint}</p>}
      </section>
    )
  }
  const odd = result.steps.filter(({ differences }) => differences.length > 0).length
  return (
    <section class="result" aria-live="polite">
      <h2>{result.title}</h2>
      <p class="muted">
        {result.lsms.join(' → ')} · {result.steps.length} steps,{' '}
        {odd === 0 ? (
          <span class="allowed">as expected</span>
        ) : (
          <span class="refused">{odd} otherwise than expected</span>
        )}
      </p>
      <ol>
        {result.steps.map(({ line, as, call, result: came, by, audit, differences }, i) => (
          <li key={i} class={differences.length > 0 ? 'differs' : ''}>
            <span class="muted">
              line {line}, {as}
            </span>{' '}
            <code>{call}</code> <span class={came === 'ok' ? 'allowed' : 'refused'}>{came}</span>
            {by === null ? null : (
              <span>
                {' '}
                by {by.lsm} <HookLink hook={by.hook} />
              </span>
            )}
            {differences.map((text) => (
              <p key={text} class="refused">
                {text}
              </p>
            ))}
            {audit.length === 0 ? null : (
              <details>
                <summary>
                  {audit.length} record{audit.length === 1 ? '' : 's'}
                </summary>
                <ul class="lines wrap">
                  {audit.map((text, at) => (
                    <li key={at}>
                      <code>{text}</code>
                    </li>
                  ))}
                </ul>
              </details>
            )}
          </li>
        ))}
      </ol>
    </section>
  )
}

/** What came of a module that was run: its lines with their output, its denials, and the Why of one of them. */
import { HookLinks, HookWord } from './hook-name.tsx'
import { verdictText } from './decision-text.ts'
import { set, setting } from './link-state.ts'
import { denialsOf, fault, isTrying, trial } from './own-module.ts'
import type { LineResult } from './own-module.ts'
import { arrived, store } from './session.ts'
import { WhyPane } from './why-pane.tsx'

export const TrialResult = () => {
  void arrived.value
  if (fault.value !== null) {
    const { line, message, hint } = fault.value
    return (
      <section class="trial" aria-label="Result" aria-live="polite">
        <p class="refused">
          Line {line}: {message}
        </p>
        {hint === null ? null : <p>{hint}</p>}
      </section>
    )
  }
  if (trial.value === null)
    return <p class="empty">{isTrying.value ? 'A kernel boots with your module…' : 'Press Run to meet your module.'}</p>
  const { made, lines } = trial.value
  const denials = lines.flatMap((line) => denialsOf(line, made.name))
  const wanted = Number(setting('which', '0'))
  const chosen = denials[Number.isInteger(wanted) ? wanted : 0] ?? denials[0]
  return (
    <>
      <section class="trial" aria-label="Result" aria-live="polite">
        <h2>
          <code>{made.name}</code> refused {denials.length === 0 ? 'nothing' : times(denials.length)}
        </h2>
        <p class="muted">
          It is on {made.hooks.length === 0 ? 'no hook, so nobody asks it' : <HookLinks hooks={made.hooks} />}.
        </p>
        <ol>
          {lines.map((one, i) => (
            <Line key={i} result={one} name={made.name} denials={denials} chosen={chosen} />
          ))}
        </ol>
      </section>
      {chosen === undefined ? null : <WhyPane number={chosen} />}
    </>
  )
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`)

interface LineProps {
  readonly result: LineResult
  readonly name: string
  /** Of all lines, in their order. */
  readonly denials: readonly number[]
  readonly chosen: number | undefined
}

const Line = ({ result, name, denials, chosen }: LineProps) => (
  <li>
    <code class="trial-line">{/^[#$]/.test(result.line) ? result.line : `$ ${result.line}`}</code>
    {result.output === '' ? null : <pre>{result.output}</pre>}
    {denialsOf(result, name).map((number) => (
      <button
        key={number}
        type="button"
        class="denial"
        aria-pressed={number === chosen}
        onClick={() => set({ which: String(denials.indexOf(number)) })}
      >
        <span class="refused">{verdictText(number).text}</span> <strong>{name}</strong>{' '}
        <HookWord hook={store.text('hook', number)} /> <span class="muted">{store.text('reason', number)}</span>
      </button>
    ))}
  </li>
)

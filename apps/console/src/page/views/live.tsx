/** Live: every decision as it is made, filtered, with its rate; choosing one tells why. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { verdictNames } from '../../decisions/batch.ts'
import { Matches } from '../../decisions/filter.ts'
import type { Filter } from '../../decisions/filter.ts'
import { PickSearch } from '../../decisions/pick-search.ts'
import type { RateOf } from '../../decisions/rate.ts'
import { DecisionList } from '../decision-list.tsx'
import { DecisionCounts } from '../decision-rows.tsx'
import { pickOf, timeText } from '../decision-text.ts'
import { link, numberSetting, oneOf, set, setting } from '../link-state.ts'
import { RatePlot } from '../rate-plot.tsx'
import { replay } from '../replay.ts'
import { arrived, forgotten, rates, status, store } from '../session.ts'
import { WhyPane } from '../why-pane.tsx'

const ranges = { '': 'any time', '10': 'last 10 s', '60': 'last minute', '300': 'last 5 minutes' } as const

/** Refusals, unless another verdict is chosen. */
const verdictOf = (): Filter['verdict'] => {
  const chosen = oneOf('verdict', ['refused', 'any', ...verdictNames], 'refused')
  return chosen === 'any' ? '' : chosen
}

const filterOf = (): Filter => {
  const span = numberSetting('last')
  return {
    verdict: verdictOf(),
    hook: setting('hook'),
    lsm: setting('module'),
    pid: null,
    terminal: setting('terminal') === 'yes',
    text: setting('text'),
    from: span === null ? numberSetting('from') : Date.now() - span * 1000,
    to: numberSetting('to'),
  }
}

export const Live = () => {
  const { settings } = link.value
  const { verdict = '', hook = '', module = '', text = '', last = '', from = '', to = '', terminal = '' } = settings
  const matches = useMemo(
    () => new Matches(store, filterOf()),
    [verdict, hook, module, text, last, from, to, terminal, forgotten.value],
  )
  const [chosen, setChosen] = useState<number | null>(null)
  void arrived.value
  matches.update()
  const now = useNow()
  const by = oneOf<RateOf>('by', ['hook', 'lsm'], 'hook')
  useEffect(() => setChosen(null), [forgotten.value])
  const wanted = setting('pick')
  const search = useRef(new PickSearch())
  useEffect(() => {
    if (wanted === '' || chosen !== null) return
    const found = search.current.find(matches, (number) => pickOf(number), wanted)
    if (found !== null) setChosen(found)
  }, [wanted, arrived.value, matches])
  useEffect(() => void replay(), [status.value])
  const choose = (number: number | null): void => {
    setChosen(number)
    set({ pick: number === null ? '' : pickOf(number) })
  }
  return (
    <div class={chosen === null ? 'view live' : 'view live with-why'}>
      <div class="live-main">
        <Filters />
        <div class="rates">
          <div class="rates-head">
            <span class="muted">decisions a second by</span>
            <select aria-label="Rate by" value={by} onChange={(event) => set({ by: event.currentTarget.value })}>
              <option value="hook">hook</option>
              <option value="lsm">refusing module</option>
            </select>
            <DecisionCounts shown={matches.length} />
          </div>
          <RatePlot
            series={rates.series(by, now)}
            onRange={(begin, end) => set({ last: '', from: String(Math.round(begin)), to: String(Math.round(end)) })}
          />
        </div>
        <DecisionList matches={matches} chosen={chosen} onChoose={choose} />
        {matches.length === 0 ? (
          <p class="empty">
            {store.total === 0
              ? 'Nothing was asked yet. Run something: each system call that asks a hook appears here.'
              : verdictOf() === 'refused'
                ? 'Nothing that matches was refused. Verdict “any” shows what was allowed, too.'
                : 'No decision matches the filters.'}
          </p>
        ) : null}
      </div>
      {chosen === null || !store.has(chosen) ? null : <WhyPane number={chosen} onClose={() => choose(null)} />}
    </div>
  )
}

/** Seconds pass even when nothing happens. */
const useNow = (): number => {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return now
}

const Choice = ({
  name,
  label,
  options,
}: {
  readonly name: string
  readonly label: string
  readonly options: readonly (readonly [value: string, text: string])[]
}) => (
  <label class={`${name}-choice`}>
    <span class="label">{label}</span>
    <select value={setting(name)} onChange={(event) => set({ [name]: event.currentTarget.value })}>
      {options.map(([value, title]) => (
        <option key={value} value={value}>
          {title}
        </option>
      ))}
    </select>
  </label>
)

const Filters = () => {
  const typed = useRef(0)
  const [from, to] = [numberSetting('from'), numberSetting('to')]
  const named = (kind: 'hook' | 'lsm', chosen: string) => [
    ['', 'any'] as const,
    ...[...new Set([...store.texts[kind], chosen])]
      .filter((name) => name !== '')
      .sort()
      .map((name) => [name, name] as const),
  ]
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <label class="grow">
        <span class="label">Search</span>
        <input
          id="search"
          type="search"
          value={setting('text')}
          placeholder="path, task, call, label"
          onInput={({ currentTarget: { value } }) => {
            clearTimeout(typed.current)
            typed.current = window.setTimeout(() => set({ text: value }), 120)
          }}
        />
      </label>
      <Choice
        name="verdict"
        label="Verdict"
        options={[
          ['', 'refused'],
          ['any', 'any'],
          ['allow', 'allowed'],
          ['would-deny', 'waived'],
          ['fault', 'fault'],
        ]}
      />
      <Choice name="hook" label="Hook" options={named('hook', setting('hook'))} />
      <Choice name="module" label="Module" options={named('lsm', setting('module'))} />
      <label class="check" title="A shell as it starts, and whoever reads keys or writes text at the terminal">
        <input
          type="checkbox"
          checked={setting('terminal') === 'yes'}
          onChange={(event) => set({ terminal: event.currentTarget.checked ? 'yes' : '' })}
        />
        <span>the terminal’s own</span>
      </label>
      {from !== null && to !== null ? (
        <button type="button" onClick={() => set({ from: '', to: '' })}>
          {timeText(from)} – {timeText(to)} ✕
        </button>
      ) : (
        <Choice name="last" label="Time" options={Object.entries(ranges)} />
      )}
    </form>
  )
}

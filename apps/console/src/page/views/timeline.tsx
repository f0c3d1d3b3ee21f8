/** Timeline: who ran when, a lane a process, with the refusals as marks; a range of it filters the decisions. */
import { useEffect, useMemo, useState } from 'preact/hooks'
import { anything, Matches } from '../../decisions/filter.ts'
import { DecisionList } from '../decision-list.tsx'
import { link, numberSetting, oneOf, set } from '../link-state.ts'
import { arrived, forgotten, lanes, store } from '../session.ts'
import type { Controls } from '../timeline/keys.ts'
import { LanesPane } from '../timeline/lanes-pane.tsx'
import { showing, wholeOf } from '../timeline/span.ts'
import type { Span } from '../timeline/span.ts'
import { Tools } from '../timeline/tools.tsx'
import { WhyPane } from '../why-pane.tsx'

/** As links have it: milliseconds since the epoch, with parts of them. */
const rangeSettings = (span: Span | null): Record<string, string> => ({
  last: '',
  from: span === null ? '' : span.from.toFixed(2),
  to: span === null ? '' : span.to.toFixed(2),
})

const selectionOf = (): Span | null => {
  const [from, to] = [numberSetting('from'), numberSetting('to')]
  return from === null || to === null || to < from ? null : { from, to }
}

/** From the first decision that is here to the last one. */
const wholeSpan = (): Span => {
  if (store.total === 0) return wholeOf(Date.now() - 1000, Date.now())
  return wholeOf(store.times[store.at(store.first)]!, store.times[store.at(store.total - 1)]!)
}

/** Everything that the view's parts change, in one place. */
const useControls = (): Controls => {
  const [wanted, setSpan] = useState<Span | null>(null)
  const [chosen, setChosen] = useState<number | null>(null)
  useEffect(() => {
    setSpan(null)
    setChosen(null)
  }, [forgotten.value])
  const whole = wholeSpan()
  const span = wanted ?? whole
  const pid = numberSetting('pid')
  return {
    span,
    whole,
    selection: selectionOf(),
    chosen: chosen !== null && store.has(chosen) ? chosen : null,
    pid: pid !== null && lanes.placeOf(pid) >= 0 ? pid : null,
    onSpan: setSpan,
    onSelect: (next) => set(rangeSettings(next)),
    onLane: (next) => set({ pid: next === null ? '' : String(next) }),
    onChoose(number) {
      setChosen(number)
      if (number !== null && wanted !== null) setSpan(showing(span, store.times[store.at(number)]!, whole))
    },
  }
}

export const Timeline = () => {
  void link.value
  void arrived.value
  const controls = useControls()
  const { selection, pid, chosen } = controls
  const verdict = oneOf('marks', ['', 'refused'], '')
  const matches = useMemo(
    () => new Matches(store, { ...anything, verdict, pid, from: selection?.from ?? null, to: selection?.to ?? null }),
    [verdict, pid, selection?.from, selection?.to, forgotten.value],
  )
  matches.update()
  return (
    <div class={chosen === null ? 'view timeline' : 'view timeline with-why'}>
      <div class="timeline-main">
        <Tools controls={controls} shown={matches.length} />
        <LanesPane controls={controls} />
        <div class="timeline-list">
          <DecisionList matches={matches} chosen={chosen} onChoose={controls.onChoose} />
          {matches.length > 0 ? null : (
            <p class="empty">{store.total === 0 ? 'Nothing was asked yet.' : 'No decision matches.'}</p>
          )}
        </div>
      </div>
      {chosen === null ? null : <WhyPane number={chosen} onClose={() => controls.onChoose(null)} />}
    </div>
  )
}

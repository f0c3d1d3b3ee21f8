/** The toolbar of the timeline: zoom, the selection and the process that filter the decisions, and their count. */
import { DecisionCounts } from '../decision-rows.tsx'
import { timeText } from '../decision-text.ts'
import { set, setting, show } from '../link-state.ts'
import type { Controls } from './keys.ts'
import { lengthOf, lengthText, panned, zoomed } from './span.ts'
import type { Span } from './span.ts'

export const Tools = ({ controls, shown }: { readonly controls: Controls; readonly shown: number }) => {
  const { span, pid, onLane } = controls
  return (
    <div class="toolbar" role="toolbar" aria-label="Timeline">
      <Zoom controls={controls} />
      <span class="muted in-sight">{lengthText(lengthOf(span))} in sight</span>
      <label class="check">
        <input
          type="checkbox"
          checked={setting('marks') === 'refused'}
          onChange={(event) => set({ marks: event.currentTarget.checked ? 'refused' : '' })}
        />
        <span>list refused ones alone</span>
      </label>
      {pid === null ? null : (
        <button type="button" onClick={() => onLane(null)}>
          process {pid} ✕
        </button>
      )}
      <Selection controls={controls} />
      <DecisionCounts shown={shown} />
    </div>
  )
}

const Zoom = ({ controls: { span, whole, onSpan } }: { readonly controls: Controls }) => {
  const middle = (span.from + span.to) / 2
  const buttons: readonly (readonly [text: string, does: string, to: Span | null])[] = [
    ['←', 'Earlier', panned(span, -0.3, whole)],
    ['−', 'Show more time', zoomed(span, middle, 2, whole)],
    ['All', 'All of the time', null],
    ['+', 'Show less time', zoomed(span, middle, 0.5, whole)],
    ['→', 'Later', panned(span, 0.3, whole)],
  ]
  return (
    <span class="zoom">
      {buttons.map(([text, does, to]) => (
        <button key={text} type="button" aria-label={does} title={does} onClick={() => onSpan(to)}>
          {text}
        </button>
      ))}
    </span>
  )
}

const Selection = ({ controls: { selection, onSelect, onSpan } }: { readonly controls: Controls }) =>
  selection === null ? (
    <span class="muted hint">Drag to select a range.</span>
  ) : (
    <>
      <button
        type="button"
        title={`${timeText(selection.from)} to ${timeText(selection.to)}`}
        onClick={() => onSelect(null)}
      >
        {lengthText(lengthOf(selection))} selected ✕
      </button>
      <button type="button" onClick={() => onSpan(selection)}>
        Zoom to it
      </button>
      <button type="button" onClick={() => show('live', { verdict: 'any', terminal: 'yes' })}>
        Open in Live
      </button>
    </>
  )

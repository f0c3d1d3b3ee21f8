/** The timeline by keyboard: the letters of Perfetto, arrows, and keys that go from one refusal to the next. */
import { lanes, store } from '../session.ts'
import { panned, zoomed } from './span.ts'
import type { Span } from './span.ts'

/** Parts of what is shown that a key moves, and how much less or more a key shows. */
const STEP = 0.15
const ZOOM = 0.7

export interface Controls {
  readonly span: Span
  readonly whole: Span
  readonly selection: Span | null
  readonly chosen: number | null
  readonly pid: number | null
  /** Null: all there is, and what comes. */
  readonly onSpan: (span: Span | null) => void
  readonly onSelect: (span: Span | null) => void
  readonly onChoose: (number: number | null) => void
  readonly onLane: (pid: number | null) => void
}

const zoom = ({ span, whole, chosen, onSpan }: Controls, factor: number): void => {
  const time = chosen === null || !store.has(chosen) ? -1 : store.times[store.at(chosen)]!
  const isInSight = time >= span.from && time <= span.to
  onSpan(zoomed(span, isInSight ? time : (span.from + span.to) / 2, factor, whole))
}

const pan = ({ span, whole, onSpan }: Controls, part: number): void => onSpan(panned(span, part, whole))

const toLane = ({ pid, onLane }: Controls, step: number): void => {
  const { list } = lanes
  if (list.length === 0) return
  const at = pid === null ? (step > 0 ? -1 : list.length) : lanes.placeOf(pid)
  onLane(list[Math.min(list.length - 1, Math.max(0, at + step))]!.pid)
}

/** The next refusal of the chosen process, or of any; the first or the last one if none is chosen. */
const toRefusal = ({ chosen, pid, onChoose }: Controls, step: 1 | -1): void => {
  const { refused: queue, numbers, columns } = store
  const from = chosen === null ? (step > 0 ? 0 : queue.length) : queue.from(step > 0 ? chosen + 1 : chosen)
  for (let place = step > 0 ? from : from - 1; place >= 0 && place < queue.length; place += step) {
    const slot = queue.at(place)
    if (pid === null || columns.pid[slot] === pid) return onChoose(numbers[slot]!)
  }
}

const cancel = ({ selection, chosen, onSelect, onChoose, onLane }: Controls): void => {
  if (chosen !== null) onChoose(null)
  else if (selection !== null) onSelect(null)
  else onLane(null)
}

interface Key {
  readonly keys: readonly string[]
  readonly does: string
  readonly act: (controls: Controls) => void
}

const table: readonly Key[] = [
  { keys: ['w', '+', '='], does: 'show less time', act: (controls) => zoom(controls, ZOOM) },
  { keys: ['s', '-'], does: 'show more', act: (controls) => zoom(controls, 1 / ZOOM) },
  { keys: ['a', 'ArrowLeft'], does: 'earlier', act: (controls) => pan(controls, -STEP) },
  { keys: ['d', 'ArrowRight'], does: 'later', act: (controls) => pan(controls, STEP) },
  { keys: ['f', 'Home'], does: 'everything', act: ({ onSpan }) => onSpan(null) },
  { keys: ['ArrowUp'], does: 'the process above', act: (controls) => toLane(controls, -1) },
  { keys: ['ArrowDown'], does: 'the process below', act: (controls) => toLane(controls, 1) },
  { keys: ['n'], does: 'the next refusal', act: (controls) => toRefusal(controls, 1) },
  { keys: ['p'], does: 'the one before', act: (controls) => toRefusal(controls, -1) },
  { keys: ['m'], does: 'select what is in sight', act: ({ span, onSelect }) => onSelect(span) },
  {
    keys: ['z'],
    does: 'show the selection alone',
    act: ({ selection, onSpan }) => selection !== null && onSpan(selection),
  },
  { keys: ['Escape'], does: 'close Why, drop the selection, drop the process', act: cancel },
]

/** Keys and their effect, for the reader. */
export const timelineKeys: readonly (readonly [keys: string, does: string])[] =
  table.map(({ keys, does }) => [keys.map((key) => (key.length === 1 ? key.toUpperCase() : key)).join(' '), does])

export const onTimelineKey = (event: KeyboardEvent, controls: Controls): void => {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  const found = table.find(({ keys }) => keys.includes(key))
  if (found === undefined) return
  event.preventDefault()
  found.act(controls)
}

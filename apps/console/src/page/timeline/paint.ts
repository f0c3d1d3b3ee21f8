/** Draws the timeline: an axis, and in each lane its programs, how much was decided, and the refusals. */
import type { LaneRun } from '../../decisions/lanes.ts'
import type { Density, Mark, Scene } from './density.ts'
import { singles } from './density.ts'
import type { Span } from './span.ts'
import { lengthOf, ticksOf } from './span.ts'

/** Pixels. */
export const LANE = 36
export const AXIS = 26
const BAR = 13
const ROOM_OF_TICK = 90
const ROOM_OF_NAME = 46
/** Decisions in sight that have a name each, where there is room. */
const NAMED = 400

export interface Look {
  /** Milliseconds; null: nothing is selected. */
  readonly selection: Span | null
  /** Number of the decision whose Why is shown. */
  readonly chosen: number | null
  /** The lane that is chosen; -1: none. */
  readonly lane: number
  /** Pixels that the lanes are scrolled by. */
  readonly top: number
  readonly height: number
  readonly nameOf: (task: number) => string
}

type Colours = Readonly<Record<
  'ground' | 'panel' | 'line' | 'text' | 'muted' | 'selected' | 'accent' | 'refused' | 'waived', string>>

/** The second of the series is the colour of refusals. */
const SERIES = [1, 3, 4, 5, 6]

interface Brush {
  readonly context: CanvasRenderingContext2D
  readonly scene: Scene
  readonly look: Look
  readonly colours: Colours
  readonly series: readonly string[]
}

/** Colours are the page's own, so they follow its theme. */
const brushOf = (context: CanvasRenderingContext2D, scene: Scene, look: Look): Brush => {
  const style = getComputedStyle(document.documentElement)
  const of = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  const names = ['ground', 'panel', 'line', 'text', 'muted', 'selected', 'accent', 'refused', 'waived'] as const
  return {
    context,
    scene,
    look,
    colours: Object.fromEntries(names.map((name) => [name, of(name)])) as Colours,
    series: SERIES.map((n) => of(`series-${n}`)),
  }
}

export const paint = (
  context: CanvasRenderingContext2D, scene: Scene, density: Density, look: Look,
): void => {
  const brush = brushOf(context, scene, look)
  const { colours } = brush
  context.font = '11px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace'
  context.textBaseline = 'middle'
  context.fillStyle = colours.panel
  context.fillRect(0, 0, scene.width, look.height)
  paintSelection(brush)
  context.save()
  context.beginPath()
  context.rect(0, AXIS, scene.width, look.height - AXIS)
  context.clip()
  for (let lane = scene.first; lane < scene.last; lane++) paintLane(brush, density, lane)
  paintNames(brush)
  for (const mark of density.marks) paintMark(brush, mark)
  paintChosen(brush)
  context.restore()
  paintAxis(brush)
}

/** Pixels from the left. */
const across = ({ scene: { span, width } }: Brush, time: number): number =>
  ((time - span.from) * width) / lengthOf(span)

/** Pixels from above. */
const below = ({ look }: Brush, lane: number): number => AXIS + lane * LANE - look.top

const paintSelection = (brush: Brush): void => {
  const { context, look: { selection, height }, colours } = brush
  if (selection === null) return
  const [from, to] = [across(brush, selection.from), across(brush, selection.to)]
  context.fillStyle = colours.selected
  context.fillRect(from, 0, Math.max(1, to - from), height)
}

const paintAxis = (brush: Brush): void => {
  const { context, scene: { span, width }, look: { height }, colours } = brush
  context.fillStyle = colours.line
  context.fillRect(0, AXIS - 1, width, 1)
  for (const { time, text } of ticksOf(span, width, ROOM_OF_TICK)) {
    const x = Math.round(across(brush, time))
    context.globalAlpha = 0.5
    context.fillStyle = colours.line
    context.fillRect(x, 0, 1, height)
    context.globalAlpha = 1
    context.fillStyle = colours.muted
    context.fillText(text, x + 4, AXIS / 2)
  }
}

/** The same name has the same colour in each lane and session. */
const colourOf = ({ series }: Brush, name: string): string => {
  let sum = 0
  for (let i = 0; i < name.length; i++) sum = (sum * 31 + name.charCodeAt(i)) >>> 0
  return series[sum % series.length]!
}

const paintLane = (brush: Brush, density: Density, lane: number): void => {
  const { context, scene: { lanes, width, first, span }, look, colours } = brush
  const top = below(brush, lane)
  if (lane === look.lane) {
    context.globalAlpha = 0.5
    context.fillStyle = colours.selected
    context.fillRect(0, top, width, LANE)
    context.globalAlpha = 1
  }
  context.fillStyle = colours.line
  context.fillRect(0, top + LANE - 1, width, 1)
  const { runs } = lanes.list[lane]!
  const shown = runs.filter(({ from, to }) => to >= span.from && from <= span.to)
  for (const run of shown) paintRun(brush, run, top)
  const scale = (LANE - BAR - 8) / Math.log2(1 + Math.max(1, density.most))
  const row = (lane - first) * width
  for (const { task, from, to } of shown) {
    context.fillStyle = colourOf(brush, look.nameOf(task))
    const end = Math.min(width - 1, across(brush, to))
    for (let x = Math.max(0, Math.floor(across(brush, from))); x <= end; x++) {
      const count = density.counts[row + x]!
      if (count === 0) continue
      const height = Math.max(3, Math.log2(1 + count) * scale)
      context.fillRect(x, top + LANE - 3 - height, 1, height)
    }
  }
}

const paintRun = (brush: Brush, { task, from, to }: LaneRun, top: number): void => {
  const { context, scene: { width }, look, colours } = brush
  const name = look.nameOf(task)
  const left = Math.max(0, across(brush, from))
  const length = Math.max(2, Math.min(width, across(brush, to)) - left)
  context.fillStyle = colourOf(brush, name)
  context.globalAlpha = 0.28
  context.fillRect(left, top + 3, length, BAR)
  context.globalAlpha = 1
  context.fillRect(left, top + 3, 2, BAR)
  if (length < ROOM_OF_NAME) return
  context.save()
  context.beginPath()
  context.rect(left, top, length - 2, BAR + 6)
  context.clip()
  context.fillStyle = colours.text
  context.fillText(name, left + 6, top + 3 + BAR / 2)
  context.restore()
}

/** The hook of each decision, where they are so far apart that there is room. */
const paintNames = (brush: Brush): void => {
  const { context, scene, colours } = brush
  const { store, width } = scene
  const found = singles(scene, NAMED)
  if (found === null) return
  context.fillStyle = colours.muted
  const next = new Map<number, number>()
  for (const { slot, lane, x } of found.reverse()) {
    const room = (next.get(lane) ?? width) - x
    next.set(lane, x)
    const name = store.texts.hook[store.columns.hook[slot]!] ?? ''
    if (room > context.measureText(name).width + 8) context.fillText(name, x + 4, below(brush, lane) + LANE - 10)
  }
}

/** A triangle on a line; more than one have their number beside them. */
const paintMark = (brush: Brush, { x, lane, count, isWaived }: Mark): void => {
  const { context, colours } = brush
  const top = below(brush, lane)
  context.fillStyle = isWaived ? colours.waived : colours.refused
  context.fillRect(x - 0.75, top + 3, 1.5, LANE - 6)
  context.beginPath()
  context.moveTo(x - 6, top + 2)
  context.lineTo(x + 6, top + 2)
  context.lineTo(x, top + 12)
  context.fill()
  if (count === 1) return
  const text = String(count)
  context.fillStyle = colours.panel
  context.fillRect(x + 4, top + 15, context.measureText(text).width + 4, 12)
  context.fillStyle = isWaived ? colours.waived : colours.refused
  context.fillText(text, x + 6, top + 21)
}

const paintChosen = (brush: Brush): void => {
  const { context, scene: { store, lanes, first, last }, look: { chosen }, colours } = brush
  if (chosen === null || !store.has(chosen)) return
  const slot = store.at(chosen)
  const lane = lanes.placeOf(store.columns.pid[slot]!)
  if (lane < first || lane >= last) return
  context.strokeStyle = colours.accent
  context.lineWidth = 2
  const [x, top] = [across(brush, store.times[slot]!), below(brush, lane)]
  context.strokeRect(x - 7, top + 1, 14, LANE - 3)
}

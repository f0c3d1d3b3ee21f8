/** The timeline as a picture: the wheel zooms, dragging selects, Shift and dragging pans, and a click chooses. */
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { lanes, store } from '../session.ts'
import { theme } from '../theme.ts'
import { densityOf, nearest } from './density.ts'
import type { Scene } from './density.ts'
import { AXIS, LANE, paint } from './paint.ts'
import { programOf } from './programs.ts'
import { lengthOf, panned, zoomed } from './span.ts'
import type { Span } from './span.ts'

/** Pixels: a shorter way of the pointer is a click, and a click finds what is so near. */
const STILL = 4
const REACH = 9

export interface ChartProps {
  readonly span: Span
  readonly whole: Span
  readonly selection: Span | null
  readonly chosen: number | null
  readonly pid: number | null
  readonly first: number
  readonly last: number
  readonly top: number
  readonly width: number
  readonly height: number
  readonly onSpan: (span: Span) => void
  readonly onSelect: (span: Span | null) => void
  /** A click: on a decision, or on a lane where there is nothing. */
  readonly onChoose: (number: number | null, pid: number | null) => void
}

interface Drag {
  readonly x: number
  readonly span: Span
  readonly isPan: boolean
  isMoved: boolean
}

export const Chart = (props: ChartProps) => {
  const canvas = useRef<HTMLCanvasElement>(null)
  const drag = useRef<Drag | null>(null)
  const now = useRef(props)
  now.current = props
  useLayoutEffect(() => void draw(canvas.current!, props))
  // redrawn when the theme changes
  void theme.value
  useEffect(() => {
    const element = canvas.current!
    // a listener of preact's is passive, and the page would scroll too
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault()
      now.current.onSpan(wheeled(now.current, event))
    }
    element.addEventListener('wheel', onWheel, { passive: false })
    return () => element.removeEventListener('wheel', onWheel)
  }, [])
  const onMove = (event: PointerEvent): void => {
    const begun = drag.current
    if (begun === null) return
    begun.isMoved ||= Math.abs(event.offsetX - begun.x) >= STILL
    if (!begun.isMoved) return
    if (begun.isPan) props.onSpan(panned(begun.span, (begun.x - event.offsetX) / props.width, props.whole))
    else props.onSelect(between(props, begun.x, event.offsetX))
  }
  const onUp = (event: PointerEvent): void => {
    const begun = drag.current
    drag.current = null
    if (begun !== null && !begun.isMoved) click(props, event.offsetX, event.offsetY)
  }
  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label={`${lanes.list.length} processes in time; the table beside has their names and counts`}
      style={{ width: `${props.width}px`, height: `${props.height}px` }}
      onPointerDown={(event) => {
        if (event.button > 1) return
        event.currentTarget.setPointerCapture(event.pointerId)
        const isPan = event.shiftKey || event.button === 1 || event.pointerType === 'touch'
        drag.current = { x: event.offsetX, span: props.span, isPan, isMoved: false }
      }}
      onPointerMove={(event) => {
        event.currentTarget.title = drag.current === null ? titleAt(props, event.offsetX, event.offsetY) : ''
        onMove(event)
      }}
      onPointerUp={onUp}
      onPointerCancel={() => (drag.current = null)}
    />
  )
}

const sceneOf = ({ span, width, first, last }: ChartProps): Scene => ({ store, lanes, span, width, first, last })

const draw = (canvas: HTMLCanvasElement, props: ChartProps): void => {
  const ratio = devicePixelRatio
  const [width, height] = [Math.round(props.width * ratio), Math.round(props.height * ratio)]
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height })
  const context = canvas.getContext('2d')!
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  const scene = sceneOf(props)
  const { selection, chosen, top, pid } = props
  paint(context, scene, densityOf(scene), {
    selection,
    chosen,
    lane: pid === null ? -1 : lanes.placeOf(pid),
    top,
    height: props.height,
    nameOf: (task) => programOf(task).name,
  })
}

const timeAt = ({ span, width }: ChartProps, x: number): number => span.from + (x / width) * lengthOf(span)

const between = (props: ChartProps, a: number, b: number): Span => ({
  from: timeAt(props, Math.max(0, Math.min(a, b))),
  to: timeAt(props, Math.min(props.width, Math.max(a, b))),
})

const laneAt = ({ top }: ChartProps, y: number): number =>
  y < AXIS ? -1 : Math.floor((y - AXIS + top) / LANE)

/** Shift or a wheel to the side pans. */
const wheeled = ({ span, whole, width }: ChartProps, event: WheelEvent): Span => {
  const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1
  const [x, y] = [event.deltaX * pixels, event.deltaY * pixels]
  const isPan = event.shiftKey || Math.abs(x) > Math.abs(y)
  if (isPan) return panned(span, (x === 0 ? y : x) / width, whole)
  return zoomed(span, span.from + (event.offsetX / width) * lengthOf(span), Math.exp(y * 0.002), whole)
}

const found = (props: ChartProps, x: number, y: number): number | null => {
  const lane = laneAt(props, y)
  return lanes.list[lane] === undefined ? null : nearest(sceneOf(props), lane, x, REACH)
}

const click = (props: ChartProps, x: number, y: number): void => {
  const number = found(props, x, y)
  props.onChoose(number, number === null ? (lanes.list[laneAt(props, y)]?.pid ?? null) : null)
}

const titleAt = (props: ChartProps, x: number, y: number): string => {
  const number = found(props, x, y)
  if (number === null) return ''
  const lsm = store.text('lsm', number)
  return `${store.text('task', number)}: ${store.text('hook', number)} ${store.text('object', number)}` +
    (lsm === '' ? '' : `, refused by ${lsm}`)
}

/** The table of processes and the picture of their lanes: they scroll together, and the picture has the keyboard. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { timeText, verdictText } from '../decision-text.ts'
import { lanes, store } from '../session.ts'
import { Chart } from './chart.tsx'
import { onTimelineKey, timelineKeys } from './keys.ts'
import type { Controls } from './keys.ts'
import { LaneTable } from './lane-table.tsx'
import { AXIS, LANE } from './paint.ts'

interface Sight {
  readonly top: number
  readonly height: number
  readonly width: number
}

export const LanesPane = ({ controls }: { readonly controls: Controls }) => {
  const box = useRef<HTMLDivElement>(null)
  const room = useRef<HTMLDivElement>(null)
  const [{ top, height, width }, setSight] = useState<Sight>({ top: 0, height: 300, width: 800 })
  useLayoutEffect(() => {
    const look = (): void =>
      setSight({ top: box.current!.scrollTop, height: box.current!.clientHeight, width: room.current!.clientWidth })
    const watcher = new ResizeObserver(look)
    watcher.observe(box.current!)
    watcher.observe(room.current!)
    box.current!.addEventListener('scroll', look, { passive: true })
    return () => watcher.disconnect()
  }, [])
  const { chosen, pid } = controls
  const lanePid = chosen === null ? pid : store.columns.pid[store.at(chosen)]!
  useLayoutEffect(() => {
    if (lanePid !== null) bringIntoSight(box.current!, lanes.placeOf(lanePid))
  }, [lanePid])
  const first = Math.min(lanes.list.length, Math.floor(top / LANE))
  const last = Math.min(lanes.list.length, Math.ceil((top + height - AXIS) / LANE))
  return (
    <div class="lanes" ref={box}>
      <LaneTable first={first} last={last} pid={pid} onChoose={controls.onLane} />
      <div
        class="chart"
        ref={room}
        role="application"
        aria-roledescription="timeline"
        tabIndex={0}
        aria-label="Timeline of the processes"
        aria-describedby="timeline-keys"
        onKeyDown={(event) => onTimelineKey(event, controls)}
      >
        <Chart
          {...controls}
          first={first}
          last={last}
          top={top}
          width={width}
          height={height}
          onChoose={(number, clicked) => (number === null ? controls.onLane(clicked) : controls.onChoose(number))}
        />
        <p id="timeline-keys" class="hidden">
          Keys: {timelineKeys.map(([keys, does]) => `${keys}: ${does}`).join('; ')}.
        </p>
        <p class="hidden" role="status">
          {chosen === null ? '' : spoken(chosen)}
        </p>
      </div>
    </div>
  )
}

/** The chosen decision for a reader who does not see the picture. */
const spoken = (number: number): string => {
  const place = store.refused.from(number)
  const isRefused = store.columns.verdict[store.at(number)] !== 0
  const head = isRefused ? `Refusal ${place + 1} of ${store.refused.length}: ` : ''
  const [task, hook, object] = (['task', 'hook', 'object'] as const).map((kind) => store.text(kind, number))
  return `${head}${task}, ${verdictText(number).text}, ${hook} ${object}, ${timeText(store.times[store.at(number)]!)}`
}

const bringIntoSight = (box: HTMLElement, lane: number): void => {
  const [above, below] = [lane * LANE, (lane + 1) * LANE + AXIS - box.clientHeight]
  if (box.scrollTop > above) box.scrollTop = above
  else if (box.scrollTop < below) box.scrollTop = below
}

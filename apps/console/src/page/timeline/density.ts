/** Each pixel of the timeline: how much was decided there, and the refusals as marks. */
import type { Lanes } from '../../decisions/lanes.ts'
import type { SlotQueue } from '../../decisions/slot-queue.ts'
import type { DecisionStore } from '../../decisions/store.ts'
import type { Span } from './span.ts'
import { lengthOf } from './span.ts'

/** Refusals that are nearer together than so many pixels are one mark. */
const NEAR = 7

export interface Mark {
  /** Pixels from the left. */
  readonly x: number
  readonly lane: number
  /** The first decision of the mark. */
  readonly number: number
  count: number
  /** All of them were recorded and not obeyed. */
  isWaived: boolean
}

export interface Scene {
  readonly store: DecisionStore
  readonly lanes: Lanes
  readonly span: Span
  /** Pixels. */
  readonly width: number
  /** The lanes in sight: from one, up to another. */
  readonly first: number
  readonly last: number
}

export interface Density {
  /** By lane in sight, then by pixel. */
  readonly counts: Uint32Array
  readonly most: number
  readonly marks: readonly Mark[]
}

const visit = (
  { store, span, lanes, first, last, width }: Scene,
  queue: SlotQueue,
  see: (slot: number, lane: number, x: number) => void,
): void => {
  const scale = width / lengthOf(span)
  const end = queue.from(span.to, store.times)
  // neighbours are mostly of one process
  let [pid, lane] = [-1, -1]
  for (let place = queue.from(span.from, store.times); place < end; place++) {
    const slot = queue.at(place)
    const own = store.columns.pid[slot]!
    if (own !== pid) [pid, lane] = [own, lanes.placeOf(own)]
    if (lane >= first && lane < last) see(slot, lane, (store.times[slot]! - span.from) * scale)
  }
}

export const densityOf = (scene: Scene): Density => {
  const { store, width, first, last } = scene
  const counts = new Uint32Array(Math.max(0, last - first) * width)
  let most = 0
  const count = (_slot: number, lane: number, x: number): void => {
    const at = (lane - first) * width + Math.min(width - 1, Math.floor(x))
    const now = counts[at]! + 1
    counts[at] = now
    if (now > most) most = now
  }
  const marks: Mark[] = []
  const latest = new Map<number, Mark>()
  visit(scene, store.allowed, count)
  visit(scene, store.refused, (slot, lane, x) => {
    count(slot, lane, x)
    const isWaived = store.columns.verdict[slot] === 2
    const before = latest.get(lane)
    if (before !== undefined && x - before.x < NEAR) {
      before.count++
      before.isWaived &&= isWaived
      return
    }
    const mark = { x, lane, number: store.numbers[slot]!, count: 1, isWaived }
    marks.push(mark)
    latest.set(lane, mark)
  })
  return { counts, most, marks }
}

/** Decisions in sight one by one, for names beside them; stops behind `most` of them. */
export const singles = (scene: Scene, most: number): { slot: number; lane: number; x: number }[] | null => {
  const { store: { allowed, refused, times }, span } = scene
  const inSight = [allowed, refused].reduce((sum, queue) =>
    sum + queue.from(span.to, times) - queue.from(span.from, times), 0)
  if (inSight > most) return null
  const found: { slot: number; lane: number; x: number }[] = []
  for (const queue of [allowed, refused]) visit(scene, queue, (slot, lane, x) => void found.push({ slot, lane, x }))
  return found.sort((a, b) => a.x - b.x)
}

/** The decision of a lane that is nearest to a pixel, refused ones first; null within `reach` pixels. */
export const nearest = (scene: Scene, lane: number, x: number, reach: number): number | null => {
  const scale = lengthOf(scene.span) / scene.width
  const near = { from: scene.span.from + (x - reach) * scale, to: scene.span.from + (x + reach) * scale }
  const part: Scene = { ...scene, span: near, width: 2 * reach, first: lane, last: lane + 1 }
  for (const queue of [scene.store.refused, scene.store.allowed]) {
    let [found, least] = [-1, reach]
    visit(part, queue, (slot, _lane, at) => {
      const away = Math.abs(at - reach)
      if (away < least) [found, least] = [slot, away]
    })
    if (found >= 0) return scene.store.numbers[found]!
  }
  return null
}

/** Lanes of the timeline, and the contents of its pixels. */
import { expect, test } from 'vitest'
import { feed } from '../../decisions/feed.ts'
import { Lanes } from '../../decisions/lanes.ts'
import { DecisionStore, KEPT } from '../../decisions/store.ts'
import { densityOf, nearest, singles } from './density.ts'
import type { Scene } from './density.ts'

const [ALLOW, DENIAL, WOULD_DENY] = [0, 1, 2]

/** Two processes: one becomes another program, the other is refused something at 500, 503 and 900. */
const session = (): Scene => {
  const store = new DecisionStore()
  const lanes = new Lanes(store)
  feed(store, [
    { time: 0, pid: 7, task: 1, verdict: ALLOW },
    { time: 100, pid: 7, task: 1, verdict: ALLOW },
    { time: 200, pid: 9, task: 2, verdict: ALLOW },
    { time: 300, pid: 7, task: 3, verdict: ALLOW },
    { time: 500, pid: 9, task: 2, verdict: DENIAL },
    { time: 503, pid: 9, task: 2, verdict: WOULD_DENY },
    { time: 503, pid: 9, task: 2, verdict: ALLOW },
    { time: 900, pid: 9, task: 2, verdict: WOULD_DENY },
  ])
  lanes.update()
  return { store, lanes, span: { from: 0, to: 1000 }, width: 1000, first: 0, last: 2 }
}

test('a lane a process, in the order of their first decisions, with its programs and counts', () => {
  const { lanes } = session()
  expect(lanes.list).toEqual([
    { pid: 7, runs: [{ task: 1, from: 0, to: 100 }, { task: 3, from: 300, to: 300 }], from: 0, to: 300, decisions: 3,
      refused: 0 },
    { pid: 9, runs: [{ task: 2, from: 200, to: 900 }], from: 200, to: 900, decisions: 5, refused: 3 },
  ])
  expect([lanes.placeOf(9), lanes.placeOf(8)]).toEqual([1, -1])
})

test('threads that take turns are runs beside one another, not a run for each turn', () => {
  const store = new DecisionStore()
  const lanes = new Lanes(store)
  feed(store, Array.from({ length: 60 }, (_, i) => ({ pid: 1, task: i % 3 })))
  lanes.update()
  expect(lanes.list[0]!.runs).toEqual([0, 1, 2].map((task) => ({ task, from: task, to: 57 + task })))
})

test('counts go on when the store has left decisions out, and begin again with another kernel', () => {
  const store = new DecisionStore()
  const lanes = new Lanes(store)
  for (let i = 0; i < 20; i++) {
    feed(store, Array.from({ length: 10_000 }, () => ({ pid: 1, verdict: ALLOW })))
    lanes.update()
  }
  expect(store.total - KEPT).toBeGreaterThan(0)
  expect(lanes.list.map(({ decisions }) => decisions)).toEqual([200_000])
  store.clear()
  lanes.clear()
  feed(store, [{ pid: 1 }])
  lanes.update()
  expect(lanes.list.map(({ decisions }) => decisions)).toEqual([1])
})

test('refusals that are near one another are one mark, in each lane for itself', () => {
  const { counts, most, marks } = densityOf(session())
  expect(most).toBe(2)
  expect([0, 100, 300, 1200, 1500, 1503, 1900].map((at) => counts[at])).toEqual([1, 1, 1, 1, 1, 2, 1])
  expect(marks).toEqual([
    { x: 500, lane: 1, number: 4, count: 2, isWaived: false },
    { x: 900, lane: 1, number: 7, count: 1, isWaived: true },
  ])
})

test.each([
  { what: 'less time, where two are apart,', scene: { span: { from: 400, to: 600 } }, marks: [500, 503] },
  { what: 'a lane that is out of sight', scene: { last: 1 }, marks: [] },
  { what: 'lanes from the second on', scene: { first: 1 }, marks: [500, 900] },
])('$what has its own marks alone', ({ scene, marks }) => {
  const whole = session()
  const part = { ...whole, ...scene }
  const scale = part.width / (part.span.to - part.span.from)
  expect(densityOf(part).marks.map(({ x }) => x / scale + part.span.from)).toEqual(marks)
})

test.each([
  { lane: 1, x: 498, found: 4 },
  { lane: 1, x: 504, found: 5 },
  { lane: 1, x: 205, found: 2 },
  { lane: 0, x: 500, found: null },
  { lane: 1, x: 700, found: null },
])('near pixel $x of lane $lane is decision $found: refused ones first', ({ lane, x, found }) => {
  expect(nearest(session(), lane, x, 9)).toBe(found)
})

test('decisions one by one, in their order, unless they are too many', () => {
  expect(singles(session(), 8)!.map(({ x }) => x)).toEqual([0, 100, 200, 300, 500, 503, 503, 900])
  expect(singles(session(), 7)).toBeNull()
})

/** The timeline's span: what zooming and panning leave in sight, and where the axis has ticks. */
import { expect, test } from 'vitest'
import { lengthOf, lengthText, panned, showing, ticksOf, wholeOf, zoomed } from './span.ts'

const whole = wholeOf(1000, 2000)
const all = { from: 1000, to: 2000 }
const part = { from: 1100, to: 1200 }

test.each([
  { what: 'half of it, about the middle', got: zoomed(whole, 1500, 0.5, whole), from: 1240, to: 1760 },
  { what: 'about the left end, which stays', got: zoomed(all, 1000, 0.1, whole), from: 1000, to: 1100 },
  { what: 'more than there is', got: zoomed(whole, 1500, 10, whole), from: 980, to: 2020 },
  { what: 'no less than can be seen', got: zoomed(whole, 1500, 1e-9, whole), from: 1499.9, to: 1500.1 },
  { what: 'later by half', got: panned({ from: 1100, to: 1200 }, 0.5, whole), from: 1150, to: 1250 },
  { what: 'not beyond the end', got: panned({ from: 1900, to: 2000 }, 5, whole), from: 1920, to: 2020 },
  { what: 'not before the beginning', got: panned({ from: 1000, to: 1100 }, -5, whole), from: 980, to: 1080 },
  { what: 'what is in sight stays', got: showing(part, 1190, whole), from: 1100, to: 1200 },
  { what: 'another time comes into the middle', got: showing(part, 1500, whole), from: 1450, to: 1550 },
])('$what', ({ got, from, to }) => {
  expect(got.from).toBeCloseTo(from, 3)
  expect(got.to).toBeCloseTo(to, 3)
})

test('one moment has some room around it', () => {
  expect(lengthOf(wholeOf(5, 5))).toBeGreaterThan(0)
})

const second = Date.UTC(2026, 0, 1, 12, 30, 0)

test.each([
  { length: 10_000, width: 900, step: 1000, text: /^\d\d:\d\d:\d\d$/ },
  { length: 1000, width: 900, step: 100, text: /^(?:\.\d|\d\d:\d\d:\d\d)$/ },
  { length: 50, width: 900, step: 5, text: /^(?:\.\d{3}|\d\d:\d\d:\d\d)$/ },
  { length: 1, width: 900, step: 0.1, text: /^(?:\.\d{4}|\d\d:\d\d:\d\d)$/ },
  { length: 7_200_000, width: 900, step: 1_800_000, text: /^\d\d:\d\d:\d\d$/ },
  { length: 86_400_000 * 3, width: 900, step: 8 * 3_600_000, text: /^\d\d:\d\d:\d\d$/ },
])('$length ms have a tick every $step ms', ({ length, width, step, text }) => {
  const ticks = ticksOf({ from: second + 0.01, to: second + length }, width, 90)
  expect(ticks.length).toBeGreaterThan(2)
  ticks.slice(1).forEach(({ time }, i) => expect(time - ticks[i]!.time).toBeCloseTo(step, 2))
  for (const tick of ticks) expect(tick.text).toMatch(text)
  expect(new Set(ticks.map((tick) => tick.text)).size).toBeGreaterThan(ticks.length / 4)
})

test.each([
  [0.25, '250 µs'],
  [12.34, '12.3 ms'],
  [340, '340 ms'],
  [1500, '1.50 s'],
  [61_000, '61.0 s'],
  [600_000, '10.0 min'],
])('%s ms is %s', (milliseconds, text) => expect(lengthText(milliseconds)).toBe(text))

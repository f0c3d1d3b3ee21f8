/** When a folder was opened, by the host's clock of files, which goes in ticks. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CowState } from './cow-state.ts'

const START = 1_000_000
/** Linux at CONFIG_HZ=100. */
const TICK = 10
const fileOf = (ms: number) => ({ ino: 7n, ctimeNs: BigInt(Math.round(ms * 1_000_000)) })

beforeEach(() => vi.useFakeTimers({ now: START }))
afterEach(() => void vi.useRealTimers())

test('a file that changed in the millisecond of the opening is not late', () => {
  const state = new CowState()
  expect(state.isLate('a', fileOf(START + 0.999))).toBe(false)
})

test('once settled, a change is late though its time is that of the tick before', () => {
  const state = new CowState()
  vi.advanceTimersByTime(state.untilSettled)
  expect(state.untilSettled).toBe(0)
  expect(state.isLate('a', fileOf(Date.now() - TICK))).toBe(true)
})

test.each([
  { reset: undefined, isSettled: false, why: 'as of now' },
  { reset: START - 60_000, isSettled: true, why: 'as of a snapshot' },
])('reset $why', ({ reset, isSettled }) => {
  const state = new CowState()
  vi.advanceTimersByTime(1000)
  state.reset(reset)
  expect(state.untilSettled === 0).toBe(isSettled)
})

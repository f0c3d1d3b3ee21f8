import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { leftText, runSteps } from './progress.ts'
import type { ProgressStream, Step } from './progress.ts'

/** Two steps of two seconds each, by a clock that only they move; the second tells its half. */
const ride = async (as: Partial<ProgressStream>) => {
  let clock = 0
  const tick = (): void => void (clock += 1000)
  const steps: Step[] = [
    { title: 'first', weight: 1, task: () => (tick(), tick()) },
    { title: 'second', weight: 1, task: async (done) => (tick(), await done(0.5), tick()) },
  ]
  const stream = Object.assign(new PassThrough(), as)
  await runSteps(steps, stream as unknown as ProgressStream, () => clock)
  stream.end()
  return { text: (await stream.toArray()).join(''), clock }
}

test('without a terminal a step is one plain line', async () => {
  expect(await ride({ isTTY: false })).toEqual({ text: 'first\nsecond\n', clock: 4000 })
  expect((await ride({ isTTY: true, columns: 39 })).text).toBe('first\nsecond\n')
})

test('on a terminal steps tell how long the rest takes, as far as it is known', async () => {
  const { text, clock } = await ride({ isTTY: true, columns: 80 })
  expect(clock).toBe(4000)
  expect(text).toContain('second, about 2 s left')
  expect(text).toContain('second, about 1 s left')
  expect(text).not.toContain('first, about')
})

test.each([[0, 0, ''], [100, 0, ''], [3000, 0.25, ', about 9 s left'], [10, 0.9, ', about 1 s left'], [500, 1, '']])(
  'after %i ms with %f done:%s', (ms, done, text) => expect(leftText(ms, done)).toBe(text))

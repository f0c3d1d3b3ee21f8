/** A short run of the fuzzer `bpf-loads`. */
import { expect, test } from 'vitest'
import { loadAttempt } from './fuzz-loads.ts'

test('typed loads come to what the layout says, on both engines, in every form', () => {
  const outcomes = Array.from({ length: 20 }, (_, seed) => loadAttempt(seed + 1)).flat()
  expect(outcomes.flatMap(({ difference }) => difference ?? [])).toEqual([])
  expect(outcomes.filter(({ accepted }) => accepted).length).toBeGreaterThan(150)
  const forms = outcomes.flatMap((outcome) => outcome.forms)
  for (const form of ['ahead', 'object', 'handle', 'bytes']) {
    expect(forms.filter((one) => one === form).length, form).toBeGreaterThan(20)
  }
})

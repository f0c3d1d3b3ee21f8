/** A short run of the fuzzer `bpf-loads`. */
import { expect, test } from 'vitest'
import { loadAttempt } from './fuzz-loads.ts'

test('typed loads come to what the layout says, on both engines, in every form', () => {
  const outcomes = Array.from({ length: 300 }, (_, index) => ({ seed: index + 1, ...loadAttempt(index + 1) }))
  expect(outcomes.filter(({ fault }) => fault !== null)).toEqual([])
  expect(outcomes.filter(({ accepted }) => accepted).length).toBeGreaterThan(200)
  const forms = outcomes.flatMap((outcome) => outcome.forms)
  for (const wanted of ['ahead', 'object', 'handle', 'bytes'] as const) {
    expect(forms.filter((form) => form === wanted).length, wanted).toBeGreaterThan(20)
  }
}, 120_000)

/** A short run of the fuzzer `bpf-programs`. */
import { expect, test } from 'vitest'
import { programAttempt } from './fuzz-verifier.ts'

test('what the verifier accepts runs to its end, on both engines alike', () => {
  const outcomes = Array.from({ length: 200 }, (_, index) => ({ seed: index + 1, ...programAttempt(index + 1) }))
  expect(outcomes.filter(({ fault, wrongAllow }) => fault !== null || wrongAllow !== null)).toEqual([])
  const accepted = outcomes.filter((outcome) => outcome.accepted).length
  expect([accepted > 20, accepted < 180]).toEqual([true, true])
})

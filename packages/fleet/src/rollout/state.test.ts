import { expect, test } from 'vitest'
import { draftOf } from '../testing/rollout-simulation.ts'
import { gateOf, parseRollout, rolloutBytes } from './state.ts'
import type { Rollout } from './state.ts'

const draft = draftOf([['a'], ['b']], {})

test('a state is read as it was written, and a setting that is undefined is not given', () => {
  expect(parseRollout(rolloutBytes(draft))).toEqual(draft)
  expect(gateOf({ alpha: undefined as never, beta: 0.1 })).toEqual({ ...gateOf({}), beta: 0.1 })
})

const { alpha: _alpha, ...lacking } = draft.gate
test.each<[why: string, value: unknown]>([
  ['is no object', 1],
  ['is of another format', { ...draft, format: 2 }],
  ['has an unknown field', { ...draft, more: 1 }],
  ['has an unknown step', { ...draft, step: 'ringing' }],
  ['is at a ring that it does not have', { ...draft, ring: 2 }],
  ['lacks a setting of its gate', { ...draft, gate: lacking }],
  ['has counts below 0', { ...draft, rings: [{ name: 'a', hosts: [{ ...draft.rings[0]!.hosts[0]!, now: [-1, 0] }] }] }],
])('a state that %s is damaged', (_why, value) => {
  expect(() => parseRollout(rolloutBytes(value as Rollout))).toThrow(expect.objectContaining({ code: 'damaged' }))
})

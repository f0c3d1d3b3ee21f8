/** Rules of the state machine over random histories; `npm run fleet-rollouts` has 100,000. */
import { expect, test } from 'vitest'
import { checkHistories } from '../testing/rollout-model.ts'

test('every history keeps the rules and has an end, and each end is had', () => {
  const ends = checkHistories(1500, 7)
  expect([...ends.keys()].sort()).toEqual(['done', 'paused', 'rolled-back'])
})

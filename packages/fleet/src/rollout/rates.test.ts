/** The error rates that the gate states, over few simulated rollouts; `npm run fleet-rollouts` has 1000 of each. */
import { expect, test } from 'vitest'
import { claims, mostWrong, wrongEnds } from '../testing/rollout-claims.ts'
import { evidenceAgainst, evidenceFor, mostLiars, upperRate } from './rates.ts'

const ROLLOUTS = 6

test.each(claims)('$name', (claim) => {
  expect(wrongEnds(claim, ROLLOUTS, 1)).toBeLessThanOrEqual(mostWrong(claim, ROLLOUTS))
})

test.each<[hosts: number, share: number, leftOut: number]>([
  [1, 0.05, 0], [2, 0.05, 0], [3, 0.05, 1], [20, 0.05, 1], [21, 0.05, 2], [40, 0, 0],
])('of %i hosts and a share of %f, %i are left out', (hosts, share, leftOut) => {
  expect(mostLiars(hosts, share)).toBe(leftOut)
})

test('one host among many cannot stop a rollout, nor let it pass', () => {
  const quiet = Array.from({ length: 19 }, () => ({ tally: [100, 0] as const, limit: 0.01 }))
  expect(evidenceAgainst([...quiet, { tally: [1e9, 1e9], limit: 0.01 }], 0.05)).toBeLessThan(0)
  const loud = Array.from({ length: 19 }, () => ({ tally: [1000, 100] as const, limit: 0.01 }))
  expect(evidenceFor([...loud, { tally: [1e12, 0], limit: 0.01 }], 3, 0.05)).toBeLessThan(0)
  expect(evidenceAgainst([...loud, { tally: [1e12, 0], limit: 0.01 }], 0.05)).toBeGreaterThan(100)
})

test('the rate before is bounded from above, and by no liar', () => {
  expect(upperRate([], 0.05, 0.01)).toBe(0)
  expect(upperRate([[1000, 0]], 0.05, 0.01)).toBeCloseTo(Math.log(100) / 1000, 6)
  const honest = Array.from({ length: 20 }, () => [1000, 2] as const)
  const bound = upperRate(honest, 0.05, 0.01)
  expect(bound).toBeGreaterThan(0.002)
  expect(bound).toBeLessThan(0.0045)
  for (const liar of [[1e9, 0], [1e9, 1e9]] as const) {
    const other = upperRate([...honest.slice(1), liar], 0.05, 0.01)
    expect(other).toBeGreaterThan(0.002)
    expect(other).toBeLessThan(0.0045)
  }
})

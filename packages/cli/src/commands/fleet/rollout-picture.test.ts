import { expect, test } from 'vitest'
import type { Rollout, RolloutDenial } from '@lsmkit/fleet'
import { changeWords, rolloutLines } from './rollout-picture.ts'

const host = (name: string, standing: 'has' | 'pending' | 'failed' | 'silent') => ({
  host: name, before: 'a'.repeat(64), standing, error: null, boot: 'x', revision: 1, heard: 0, had: 0,
  lastWas: [0, 0], lastNow: [0, 0], was: [1000, 1], now: [500, 40],
} as const)
const many = (count: number, standing: 'has' | 'pending') =>
  Array.from({ length: count }, (_, i) => host(`db-${standing}-${i}`, standing))

const state: Rollout = {
  format: 1, id: '00000000-0000-4000-8000-000000000000', bundle: 'b'.repeat(64), title: 'web 2',
  gate: {
    alpha: 0.01, beta: 0.05, ratio: 2, tolerated: 1, bad: 3, leastDecisions: 1000, soak: 600_000, silence: 120_000,
    patience: 86_400_000, failures: 0.4, liars: 0.05,
  },
  step: 'ring', ring: 1, paused: null, stopped: null, at: 0, elapsed: 90_000, since: 30_000, limit: 0.1, notes: [],
  rings: [
    { name: 'canary', hosts: [host('web-1', 'has'), host('web-2', 'silent'), host('web-3', 'has')] },
    { name: 'db', hosts: [...many(199, 'has'), ...many(1, 'pending')] },
    { name: 'all', hosts: many(2, 'pending') },
  ],
}
const denial: RolloutDenial = {
  verdict: 'would-deny', module: 'selinux', operation: 'file_open', target: `/srv/${'long/'.repeat(30)}`,
  error: 'EACCES', reason: 'no rule allows job_t shadow_t file read', count: 7, hosts: 1, examples: ['web-1'], last: 0,
  program: 'sh', texts: [],
}

test('the picture is within 80 columns; no standing of a host is left out', () => {
  const lines = rolloutLines(state, { isLive: true, denials: [denial] })
  const text = lines.join('\n')
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80)
  expect(text).toContain('step          ring db for 60 s, at least 10 min')
  expect(text).toMatch(/ring canary +\[##\?\] 2 has, 1 silent/)
  expect(text).toMatch(/ring db +\[#{23}\.\] 199 has, 1 pending/)
  expect(text).toMatch(/ring all +\[ {2}\] 2 hosts, not begun/)
  expect(text).toMatch(/would refuse +7 on 1 host: selinux file_open/)
  expect(text).toContain('why: no rule allows job_t shadow_t file read')
})

test('a change is one line', () => {
  expect(changeWords({ ...state, stopped: 'it refuses too much', step: 'rolling-back' }))
    .toBe('rolling-back; stopped: it refuses too much; canary: 2 has, 1 silent; db: 199 has, 1 pending; '
      + 'all: 2 hosts, not begun')
})

/**
 * Guests that take as much as they can of one thing, with a small account and a small heap: each is refused, the
 * process lives, and nothing is left when they have ended. What comes and goes leaves nothing on the heap either.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MOST_LEFT } from './testing/cycles.ts'
import { takers } from './testing/takers.ts'

/** As Linux says it where there is no memory for this or that. */
const REFUSALS = ['ENOMEM', 'ENOSPC', 'ENFILE', 'ENOBUFS', 'EAGAIN', 'ENOLCK']

const run = (script: string, ...flags: string[]): string => {
  const path = join(import.meta.dirname, 'testing', script)
  const { status, stdout, stderr } = spawnSync(
    process.execPath, [...flags, '--conditions=lsmkit:source', path], { encoding: 'utf8', maxBuffer: 2 ** 24 },
  )
  if (status !== 0) throw new Error(`${script} ended with ${status}: ${stderr}`)
  return stdout
}

test('who takes without end is refused', () => {
  const lines = run('hostile-run.ts', '--max-old-space-size=160').trim().split('\n').map((line) => JSON.parse(line))
  expect(lines.map(({ name }) => name)).toEqual(Object.keys(takers))
  for (const { name, told, left, tasks, panics } of lines) {
    expect([name, REFUSALS.includes(told) ? 'refused' : told, left, tasks, panics]).toEqual([name, 'refused', 0, 1, []])
  }
})

test('no cycle leaves anything on the heap', () => {
  const grown: Record<string, number> = JSON.parse(run('growth-run.ts', '--expose-gc'))
  expect(Object.keys(grown).length).toBeGreaterThanOrEqual(24)
  expect(Object.entries(grown).filter(([, bytes]) => bytes > MOST_LEFT)).toEqual([])
})

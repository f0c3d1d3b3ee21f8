import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withLock } from './lock.mjs'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lsmkit-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Held by another process: one that lives as long as this one, or one that has ended. */
function heldBy(pid: number) {
  mkdirSync(join(folder, 'lock'))
  writeFileSync(join(folder, 'lock', 'pid'), String(pid))
}
const endedPid = () => spawnSync(process.execPath, ['-e', '']).pid

test('work of several holders never overlaps', async () => {
  let inside = 0
  let most = 0
  let waits = 0
  const work = async () => {
    most = Math.max(most, ++inside)
    await sleep(5)
    inside--
  }
  await Promise.all(Array.from({ length: 3 }, () => withLock(join(folder, 'lock'), () => waits++, work)))
  expect(most).toBe(1)
  expect(waits).toBe(2)
})

test('a lock whose owner has died is taken over, and nothing is left of it', async () => {
  heldBy(endedPid())
  const told: string[] = []
  expect(await withLock(join(folder, 'lock'), () => told.push('waited'), () => 'done')).toBe('done')
  expect(told).toEqual([])
  expect(readdirSync(folder)).toEqual([])
})

test('a lock whose owner lives is waited for', async () => {
  heldBy(process.pid)
  const order: string[] = []
  const work = withLock(join(folder, 'lock'), () => order.push('waits'), () => order.push('works'))
  await sleep(20)
  order.push('released')
  rmSync(join(folder, 'lock'), { recursive: true })
  await work
  expect(order).toEqual(['waits', 'released', 'works'])
})

test('a failure releases the lock', async () => {
  const fail = () => {
    throw new Error('no')
  }
  await expect(withLock(join(folder, 'lock'), () => {}, fail)).rejects.toThrow('no')
  expect(readdirSync(folder)).toEqual([])
})

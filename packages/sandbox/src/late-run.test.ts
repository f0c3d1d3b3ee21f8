/** A run that waits for the host of programs: its end, and the signals that come before it begins. */
import { expect, test } from 'vitest'
import type { RunEnd, Running } from './box-port.ts'
import { lateRun } from './late-run.ts'

const ready = (): { readonly ready: Promise<void>; readonly now: () => void } => {
  let now = (): void => {}
  return { ready: new Promise<void>((resolve) => (now = resolve)), now: () => now() }
}

test('it begins once, and takes the signals and sizes that came before', async () => {
  const seen: unknown[] = []
  const gate = ready()
  const end = { status: 3 } as RunEnd
  const running = lateRun(gate.ready, (): Running => {
    seen.push('begun')
    return {
      end: Promise.resolve(end), kill: (signal) => void seen.push(signal), resize: (size) => void seen.push(size),
    }
  })
  running.kill(15)
  running.resize({ rows: 1, columns: 2 })
  expect(seen).toEqual([])
  gate.now()
  expect(await running.end).toBe(end)
  running.kill(9)
  expect(seen).toEqual(['begun', 15, { rows: 1, columns: 2 }, 9])
})

test('an error at its beginning is its end', async () => {
  const running = lateRun(Promise.resolve(), () => {
    throw new Error('the box is closed')
  })
  running.kill(9)
  await expect(running.end).rejects.toThrow('the box is closed')
})

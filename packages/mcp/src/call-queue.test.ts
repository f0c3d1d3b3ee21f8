/** The queue of calls: its bound, its order, and places that are given back whatever happens. */
import { expect, test } from 'vitest'
import { CallQueue, MOST_WAITING } from './call-queue.ts'

const never = new Promise<void>(() => {})

test('a client that floods is refused beyond the bound', async () => {
  const queue = new CallQueue(1)
  void queue.run(() => never)
  for (let i = 0; i < MOST_WAITING; i++) void queue.run(async () => {})
  expect(await queue.run(async () => {})).toEqual({ notRun: 'too many calls wait' })
})

test('a step that throws gives its place back', async () => {
  const queue = new CallQueue(1)
  const bad = queue.run(async () => { throw new Error('oh') })
  const good = queue.run(async () => 'ran')
  await expect(bad).rejects.toThrow('oh')
  expect(await good).toEqual({ ran: 'ran' })
  expect(await queue.run(async () => 'again')).toEqual({ ran: 'again' })
})

test('one that leaves the queue takes no place of others', async () => {
  const queue = new CallQueue(1)
  let end = (): void => {}
  const first = queue.run(() => new Promise<void>((resolve) => (end = resolve)))
  const stop = new AbortController()
  const left = queue.run(async () => 'left', stop.signal)
  const last = queue.run(async () => 'last')
  stop.abort()
  end()
  await first
  expect([await left, await last]).toEqual([{ notRun: 'cancelled' }, { ran: 'last' }])
})

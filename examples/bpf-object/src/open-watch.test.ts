/** A map, a ring buffer and a variable of a program, from outside: the example of docs/bpf.md. */
import { readFileSync } from 'node:fs'
import { FMODE_READ, FMODE_WRITE } from '@lsmkit/abi'
import { bpf } from '@lsmkit/bpf'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { ask, buildersFor } from '@lsmkit/testkit'
import { expect, test } from 'vitest'

const object = readFileSync(new URL('../open-watch.o', import.meta.url))

test('opens for writing are counted, told and limited', async () => {
  const printed: string[] = []
  const lsm = bpf({ onTrace: (text) => printed.push(text) })
  const stack = createStack({ lsms: [capability(), lsm] })
  const loaded = lsm.load(stack, object, { variables: { limit: 2 } })
  loaded.attachAll()

  const { aTask, aFile } = buildersFor(stack)
  stack.current.task = aTask({ uid: 1000, comm: 'editor' })
  const open = (f_mode: number) => ask(stack, 'file_open', aFile({ f_mode })).rc
  expect([open(FMODE_READ), open(FMODE_WRITE), open(FMODE_WRITE), open(FMODE_WRITE)]).toEqual([0, 0, 0, -1])

  expect([...loaded.maps.get('counts')!]).toEqual([[1000, 3n]])
  expect(printed).toEqual([expect.stringContaining('one of 1000 has opened enough')])
  const events = loaded.maps.get('events')!
  const event = { uid: 1000, refused: 0, count: 1n, comm: 'editor' }
  expect(events.consume({ type: 'event' })).toEqual([
    event, { ...event, count: 2n }, { ...event, refused: 1, count: 3n },
  ])

  // or as they come
  const ends = new AbortController()
  setTimeout(() => open(FMODE_WRITE), 5)
  for await (const record of events.records({ type: 'event', signal: ends.signal })) {
    expect(record).toEqual({ ...event, refused: 1, count: 4n })
    ends.abort()
  }
})

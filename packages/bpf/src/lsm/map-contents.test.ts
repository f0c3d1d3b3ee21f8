/** Maps of each kind, as people see them while programs run: programs, records, owners, timers. */
import { readFileSync } from 'node:fs'
import { FMODE_READ } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { ask, buildersFor } from '@lsmkit/testkit'
import { expect, test } from 'vitest'
import { bpf } from './bpf-lsm.ts'
import { ownerText } from './owner-text.ts'

const object = new Uint8Array(readFileSync(new URL('../../objects/keeper.o', import.meta.url)))

const machine = (engine: 'jit' | 'interpreter' = 'jit') => {
  let now = 1000
  const lsm = bpf({ engine, kernel: { now: () => now } })
  const stack = createStack({ lsms: [capability(), lsm] })
  const loaded = lsm.load(stack, object)
  loaded.attachAll()
  const { aTask, aFile, anInode } = buildersFor(stack)
  stack.current.task = aTask({ uid: 1000, comm: 'sh', pid: 7 })
  const inode = anInode({ i_ino: 9 })
  return {
    loaded, open: () => ask(stack, 'file_open', aFile({ f_mode: FMODE_READ, inode })).rc, pass: (to: number) => {
      now = to
      lsm.tick()
    },
  }
}

test.each(['jit', 'interpreter'] as const)('contents of each kind of map, %s', (engine) => {
  const { loaded, open, pass } = machine(engine)
  const contents = (name: string, most = 64) => loaded.contents({ most }).find((map) => map.name === name)!
  expect(contents('alarms')).toMatchObject({ entries: [['0', expect.stringMatching(/^\{ rings: 0/)]], timers: [] })
  expect([open(), open()]).toEqual([0, 0])
  expect(contents('next')).toEqual({
    name: 'next', type: 'prog_array', maxEntries: 2, count: 1, entries: [['1', 'count_inode']], timers: [], note: null,
  })
  expect(contents('opens')).toMatchObject({ type: 'hash', count: 1, entries: [['1000', '2']] })
  expect(contents('all')).toMatchObject({ entries: [['0', '2']], note: 'the values of processor 0, the only one' })
  const record = '{ uid: 1000, comm: "sh" }'
  for (const entries of [[['0', record], ['1', record]], [['0', record], ['1', record]]]) {
    expect(contents('events')).toMatchObject({ count: 2, entries, note: '64 of 4096 bytes wait for a reader' })
  }
  expect(contents('events', 1)).toMatchObject({ count: 2, entries: [['0', record]] })
  expect(contents('by_task')).toMatchObject({ entries: [['task 7 (sh)', '2']] })
  expect(contents('by_inode')).toMatchObject({ entries: [['inode 9 of tmpfs', '4']] })
  expect(contents('last')).toMatchObject({ entries: [['0', '1000'], ['1', '1000']] })
  expect(contents('alarms').timers).toEqual([{ key: '0', callback: 'ring', due: 60e9 }])
  pass(31e9)
  expect(contents('alarms').timers).toMatchObject([{ due: 60e9 + 1000 - 31e9 }])
  pass(61e9)
  expect(contents('alarms')).toMatchObject({
    entries: [['0', expect.stringMatching(/^\{ rings: 1/)]], timers: [{ key: '0', callback: 'ring', due: null }],
  })
})

test.each([
  [null, 'an owner that is not known'], [{ pid: 1 }, 'task 1'], [{ i_ino: 3 }, 'inode 3 of a file system'],
  [{ sk_family: 2, sk_type: 1 }, 'sock of family 2, type 1'], [{ kn: { name: 'a' } }, 'group a'],
])('%j is %s', (owner, text) => expect(ownerText(owner)).toBe(text))

/** Costs of hooks: which are measured, with which arguments, and what is dear. */
import { EACCES } from '@lsmkit/abi'
import { defineBlob, defineLsm, OptionError } from '@lsmkit/core'
import type { Inode } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { costLines } from './cost-lines.ts'
import { hookCosts } from './hook-costs.ts'

const quick = { time: 0.2, passes: 3 }

const owned = defineBlob((_inode: Inode) => ({ owner: -1 }))

/** One hook is a loop, one looks at the task and keeps state, and two are not for asking again and again. */
const module = () =>
  defineLsm({
    name: 'measured',
    abi: '1.0',
    blobs: { inode: owned },
    hooks: ({ current }) => ({
      inode_alloc_security: () => 0,
      cred_free: () => {},
      inode_permission(inode) {
        let sum = inode.i_mode
        for (let i = 0; i < 20_000; i++) sum = (sum * 31 + i) | 0
        return sum === 1.5 ? -EACCES : 0
      },
      file_open(file) {
        const own = owned(file.f_inode)
        const { euid } = current.task.cred
        if (own.owner === -1) own.owner = euid
        return own.owner === euid ? 0 : -EACCES
      },
    }),
  })

test('each hook that can be asked again, in the order of the table', () => {
  const costs = hookCosts(module, quick)
  expect(costs.map(({ hook, answer }) => [hook, answer])).toEqual([['inode_permission', 0], ['file_open', 0]])
  for (const { first, later, empty } of costs) {
    for (const time of [first, later, empty.first, empty.later]) expect(time).toBeGreaterThan(0)
  }
  const [loop, plain] = costs
  // 20,000 rounds are dear in any engine, beside a hook that does nothing and beside one that does little
  expect(loop!.later).toBeGreaterThan(20 * loop!.empty.later)
  expect(loop!.later).toBeGreaterThan(5 * plain!.later)
})

test('a scenario gives the arguments and the task', () => {
  const [, open] = hookCosts(module, {
    ...quick,
    scenario(world) {
      const file = world.aFile()
      world.stack.lsm.file_open.ask(file)
      world.stack.current.task = world.aTask({ euid: 1001 })
      world.stack.lsm.file_open.ask(file)
    },
  })
  expect(open).toMatchObject({ hook: 'file_open', answer: -EACCES })
})

test('as a table', () => {
  const cost = { hook: 'file_open', first: 123_456, later: 45.67, empty: { first: 2000, later: 5 } } as const
  expect(costLines([{ ...cost, answer: -EACCES }, { ...cost, hook: 'task_kill', later: 4, answer: 0 }])).toEqual([
    'hook       first call    empty  later calls    empty     more  answer',
    'file_open      123 µs  2.00 µs      45.7 ns  5.00 ns  40.7 ns  EACCES',
    'task_kill      123 µs  2.00 µs      4.00 ns  5.00 ns     0 ns       0',
  ])
})

test('an option that it does not have', () => {
  expect(() => hookCosts(module, { pases: 1 } as object)).toThrow(OptionError)
})

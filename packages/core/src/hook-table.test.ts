/** Tables of hooks that take a module's state first: each instance answers by its own state, and marks stay. */
import { expect, test } from 'vitest'
import { answersPositive, bindHooks, createStack, defineLsm, plainObjects } from './index.ts'
import type { HookTable, Inode, Lsm } from './index.ts'

interface Counter {
  calls: number
  readonly answer: number
}

const table: HookTable<Counter> = {
  inode_permission(counter, _inode, mask) {
    counter.calls += mask
    return counter.answer
  },
  ptrace_traceme: answersPositive((counter: Counter) => counter.answer),
}
const instance = (name: string, id: number, counter: Counter): Lsm =>
  defineLsm({ name, abi: '1.0', id, hooks: bindHooks(counter, table) })

test('hooks of two instances use the state of their own', () => {
  const [first, second] = [{ calls: 0, answer: 0 }, { calls: 0, answer: -13 }]
  const lsms = [instance('first', 200, first), instance('second', 201, second)]
  const { lsm } = createStack({ capability: 'none', lsms })
  expect(lsm.inode_permission.ask({ i_flags: 0 } as Inode, 4)).toBe(-13)
  expect([first.calls, second.calls]).toEqual([4, 4])
})

test('a mark on a function stays on the hook of the instance', () => {
  const { lsm } = createStack({ capability: 'none', lsms: [instance('yes', 200, { calls: 0, answer: 7 })] })
  const { task } = plainObjects
  expect(lsm.ptrace_traceme.ask(task as never)).toBe(7)
})

test('a function of the table can be called alone', () => {
  const counter = { calls: 0, answer: 3 }
  expect(table.inode_permission?.(counter, {} as Inode, 2)).toBe(3)
  expect(counter.calls).toBe(2)
})

test('a name that is not a hook is an error when the module is defined', () => {
  const misspelt = { inode_permision: () => 0 } as HookTable<Counter>
  expect(() => defineLsm({ name: 'a', abi: '1.0', id: 200, hooks: bindHooks({ calls: 0, answer: 0 }, misspelt) }))
    .toThrow('there is no hook `inode_permision`')
})

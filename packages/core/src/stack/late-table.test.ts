/** What a module takes from its context where its hooks are made, and uses inside of them. */
import { EACCES } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { createStack, defineLsm, noHost } from '../index.ts'
import type { File, LsmContext } from '../index.ts'

const file = {} as File

test('`({ lsm })` in the parameters asks the built table', () => {
  const own = defineLsm({
    name: 'own',
    abi: '1.0',
    hooks: ({ lsm }) => ({ file_open: (opened) => lsm.file_permission.ask(opened, 2), file_permission: () => -EACCES }),
  })
  expect(createStack({ lsms: [own], capability: 'none' }).lsm.file_open.ask(file)).toBe(-EACCES)
})

test('both tables have the same hooks, and the late one gives the very keys of the other', () => {
  let context!: LsmContext
  let late!: LsmContext['lsm']
  const own = defineLsm({ name: 'own', abi: '1.0', hooks: (ctx) => ((context = ctx), (late = ctx.lsm), {}) })
  const { lsm } = createStack({ lsms: [own], capability: 'none' })
  expect(Object.keys(Object.getPrototypeOf(late) as object).sort()).toEqual(Object.keys(lsm).sort())
  expect(late.task_kill).toBe(lsm.task_kill)
  expect(context.lsm).toBe(lsm)
})

test('`({ now })` is the clock of the kernel, and the host clock until one has booted', () => {
  let now!: () => number
  const own = defineLsm({ name: 'own', abi: '1.0', hooks: (ctx) => (({ now } = ctx), {}) })
  const stack = createStack({ lsms: [own], capability: 'none' })
  const before = Date.now()
  expect(now()).toBeGreaterThanOrEqual(before)
  stack.host = { ...noHost, now: () => 5 }
  expect(now()).toBe(5)
})

import { EACCES } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { createStack, defineBlob, defineLsm } from './index.ts'
import type { Task } from './index.ts'

test('a stack of one LSM answers', () => {
  const tracer = defineBlob((_task: Task) => ({ allowed: 0 }))
  const lsm = defineLsm({ name: 'own', id: 200, blobs: { task: tracer }, hooks: { task_setnice: (p) => (tracer(p).allowed ? 0 : -EACCES) } })
  const stack = createStack({ lsms: [lsm], capability: 'none' })
  const { task } = stack.current
  expect(stack.lsm.task_setnice.ask(task, 1)).toBe(-EACCES)
  expect(stack.denial).toEqual({ hook: 'task_setnice', lsm: 'own', rc: -EACCES })
  tracer(task).allowed = 1
  expect(stack.lsm.task_setnice.ask(task, 1)).toBe(0)
})

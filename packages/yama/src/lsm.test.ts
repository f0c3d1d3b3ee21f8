import { createStack, OptionError } from '@lsmkit/core'
import { conformanceKit } from '@lsmkit/testkit'
import type { World } from '@lsmkit/testkit'
import { PR_SET_PTRACER, PR_SET_PTRACER_ANY, PTRACE_MODE_ATTACH_REALCREDS } from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { yama } from './lsm.ts'
import type { PtraceScope } from './scope.ts'
import { aFamily } from '../test/family.ts'

test('four hooks, no state on objects, the kernel\'s id', () => {
  const { stack } = aFamily()
  expect(stack.names).toEqual(['capability', 'yama'])
  expect(stack.ids).toEqual([100, 105])
  let hooks: string[] = []
  const own = yama()
  createStack({ lsms: [{ ...own, hooks: (ctx) => {
    const group = own.hooks(ctx)
    hooks = Object.keys(group).sort()
    return group
  } }], capability: 'none' })
  expect(hooks).toEqual(['ptrace_access_check', 'ptrace_traceme', 'task_free', 'task_prctl'])
  expect(own.blobs).toEqual({})
})

test.each([4, -1, 1.5, '1', null])('a scope that is none is refused: %j', (ptraceScope) => {
  expect(() => yama({ ptraceScope: ptraceScope as PtraceScope })).toThrow(OptionError)
})

/** Somebody is named and attaches; then somebody who was not. */
const relations = (world: World): void => {
  const { stack, user } = world
  const tracee = world.aTask({ comm: 'tracee' })
  const attach = () => stack.lsm.ptrace_access_check.ask(tracee, PTRACE_MODE_ATTACH_REALCREDS)
  attach()
  stack.current.task = tracee
  stack.lsm.task_prctl.ask(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0)
  stack.current.task = user
  attach()
  stack.lsm.task_free.tell(tracee)
  attach()
}

describe.each([0, 1, 2, 3] as const)('conformance in scope %i', (ptraceScope) => {
  test.each(conformanceKit(() => yama({ ptraceScope }), { scenario: relations }))('$name', async ({ run }) => {
    await expect(Promise.resolve().then(run)).resolves.toBeUndefined()
  })
})

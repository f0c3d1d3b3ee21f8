/** my-lsm asked question by question, and under the conformance kit. */
import { EACCES } from '@lsmkit/abi'
import { createStack } from '@lsmkit/core'
import { ask, buildersFor, conformanceKit } from '@lsmkit/testkit'
import type { World } from '@lsmkit/testkit'
import { describe, expect, test } from 'vitest'
import { myLsm } from './index.ts'

test('what no rule allows is refused', () => {
  const stack = createStack({ lsms: [myLsm({ policy: '1000 tmpfs' })], capability: 'none' })
  const { aFile, aTask } = buildersFor(stack)
  const open = (euid: number) => {
    stack.current.task = aTask({ euid })
    return ask(stack, 'file_open', aFile())
  }
  expect(open(1000).rc).toBe(0)
  expect(open(1001)).toMatchObject({
    rc: -EACCES,
    denial: { lsm: 'my-lsm' },
    reason: 'no rule lets uid 1001 open files of tmpfs',
  })
})

/** What the kit shall see decided: a user whom no rule knows. */
const stranger = ({ stack, user, ...world }: World): void => {
  stack.current.task = world.aTask({ euid: 1001 })
  stack.lsm.file_open.ask(world.aFile())
  stack.current.task = user
}

describe('conformance', () => {
  const make = () => myLsm({ policy: '0 *\n1000 tmpfs' })
  for (const { name, run } of conformanceKit(make, { scenario: stranger })) test(name, run)
})

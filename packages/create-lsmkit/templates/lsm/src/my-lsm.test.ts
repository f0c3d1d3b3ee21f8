/** my-lsm asked question by question, and under the conformance kit. */
import { EACCES } from '@lsmkit/abi'
import { createStack } from '@lsmkit/core'
import { ask, buildersFor, conformanceKit } from '@lsmkit/testkit'
import type { World } from '@lsmkit/testkit'
import { describe, expect, test } from 'vitest'
import { myLsm } from './index.ts'

/** A stack of my-lsm alone, and a way to ask it: may this user open that file? */
const aStack = (lsm = myLsm()) => {
  const stack = createStack({ lsms: [lsm], capability: 'none' })
  const { aFile, anInode, aTask } = buildersFor(stack)
  const inode = anInode()
  const open = (euid: number, file = aFile({ inode })) => {
    stack.current.task = aTask({ euid, egid: euid })
    return ask(stack, 'file_open', file)
  }
  return { open, another: () => aFile({ inode: anInode() }) }
}

describe('my-lsm', () => {
  test('a file belongs to whoever opens it first', () => {
    const { open, another } = aStack()
    expect(open(1000).rc).toBe(0)
    expect(open(1000).rc).toBe(0)
    expect(open(1001)).toMatchObject({
      rc: -EACCES,
      denial: { lsm: 'my-lsm' },
      reason: 'the file belongs to uid 1000',
    })
    expect(open(1001, another()).rc).toBe(0)
  })

  test('root may open every file, and comes to own none', () => {
    const { open } = aStack()
    expect([open(0).rc, open(1000).rc, open(0).rc]).toEqual([0, 0, 0])
  })

  test('others may be exempt', () => {
    const { open } = aStack(myLsm({ exempt: [7] }))
    expect([open(1000).rc, open(7).rc, open(0).rc]).toEqual([0, 0, -EACCES])
  })

  test('an option that it does not have is an error', () => {
    expect(() => myLsm({ exempted: [7] } as object)).toThrow('exempted')
  })
})

/** What the kit shall see decided: the second user is refused. */
const twoUsers = ({ stack, user, ...world }: World): void => {
  const file = world.aFile()
  stack.lsm.file_open.ask(file)
  stack.current.task = world.aTask({ euid: 1001 })
  stack.lsm.file_open.ask(file)
  stack.current.task = user
}

describe('conformance', () => {
  for (const { name, run } of conformanceKit(() => myLsm(), { scenario: twoUsers })) test(name, run)
})

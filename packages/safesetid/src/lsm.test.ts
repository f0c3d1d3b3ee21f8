import { CAP_SETUID } from '@lsmkit/abi'
import { capable, createStack, OptionError } from '@lsmkit/core'
import { conformanceKit } from '@lsmkit/testkit'
import type { World } from '@lsmkit/testkit'
import { describe, expect, test } from 'vitest'
import { safesetid } from './lsm.ts'
import { aSafeSetId } from '../test/setid.ts'

test('four hooks, no state on objects, the kernel\'s id', () => {
  const { stack } = aSafeSetId()
  expect(stack.names).toEqual(['capability', 'safesetid'])
  expect(stack.ids).toEqual([100, 107])
  const own = safesetid()
  expect(own.blobs).toEqual({})
  let hooks: string[] = []
  createStack({ lsms: [{ ...own, hooks: (ctx) => {
    const group = own.hooks(ctx)
    hooks = Object.keys(group).sort()
    return group
  } }], capability: 'none' })
  expect(hooks).toEqual(['capable', 'task_fix_setgid', 'task_fix_setgroups', 'task_fix_setuid'])
})

test.each(['1:2', '1:1\n1:1\n', 'root:daemon\n', 5, null])('what is not a policy is refused: %j', (text) => {
  expect(() => safesetid({ uidPolicy: text as string })).toThrow(OptionError)
  expect(() => safesetid({ gidPolicy: text as string })).toThrow('`gidPolicy` is not a policy')
})

/** Two policies are written, and somebody changes and asks. */
const transitions = (world: World): void => {
  const { stack, user } = world
  const files = stack.pseudoFs.flatMap((fs) => [...fs.files()]).filter(({ name }) => name.startsWith('safesetid/'))
  for (const file of files) {
    const io = { file: world.aFile({ inode: world.anInode() }), pos: 0, answer: null, state: null }
    file.write!(io, new TextEncoder().encode(`${user.cred.uid}:${user.cred.uid}\n`))
  }
  const { cred } = user
  const next = world.aTask({ uid: 0 }).cred
  stack.lsm.task_fix_setuid.ask(next, cred, 0)
  stack.lsm.task_fix_setgid.ask(next, cred, 0)
  stack.lsm.task_fix_setgroups.ask(next, cred)
  capable(stack.lsm, stack.current, CAP_SETUID)
}

describe.each([
  { say: 'without a policy', options: {} },
  { say: 'with policies', options: { uidPolicy: '1000:1000\n', gidPolicy: '1000:1000\n' } },
])('conformance $say', ({ options }) => {
  test.each(conformanceKit(() => safesetid(options), { scenario: transitions }))('$name', async ({ run }) => {
    await expect(Promise.resolve().then(run)).resolves.toBeUndefined()
  })
})

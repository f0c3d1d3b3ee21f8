import { LOADING_MODULE, READING_FIRMWARE, READING_MODULE } from '@lsmkit/abi'
import { createStack } from '@lsmkit/core'
import { conformanceKit } from '@lsmkit/testkit'
import type { World } from '@lsmkit/testkit'
import { describe, expect, test } from 'vitest'
import { loadpin } from './lsm.ts'

test('three hooks, no state on objects, the kernel\'s id', () => {
  const own = loadpin()
  expect(own.blobs).toEqual({})
  let hooks: string[] = []
  const stack = createStack({ lsms: [{ ...own, hooks: (ctx) => {
    const group = own.hooks(ctx)
    hooks = Object.keys(group).sort()
    return group
  } }], capability: 'none' })
  expect(hooks).toEqual(['kernel_load_data', 'kernel_read_file', 'sb_free_security'])
  expect(stack.ids).toEqual([106])
})

/** Loads from two file systems, one of which goes. */
const loads = (world: World): void => {
  const { stack } = world
  const [one, two] = [world.aSuperBlock(), world.aSuperBlock()]
  for (const sb of [one, two]) {
    const inode = world.anInode({ i_sb: sb })
    stack.lsm.kernel_read_file.ask(world.aFile({ inode, mnt: world.aMount({ mnt_sb: sb }) }), READING_MODULE, true)
    stack.lsm.kernel_read_file.ask(null, READING_FIRMWARE, true)
  }
  stack.lsm.kernel_load_data.ask(LOADING_MODULE, true)
  stack.lsm.sb_free_security.tell(one)
}

describe.each([
  { say: 'enforcing', options: { enforce: true } },
  { say: 'not enforcing', options: {} },
  { say: 'with a kind left out', options: { enforce: true, exclude: ['kernel-module'] } },
])('conformance $say', ({ options }) => {
  test.each(conformanceKit(() => loadpin(options), { scenario: loads }))('$name', async ({ run }) => {
    await expect(Promise.resolve().then(run)).resolves.toBeUndefined()
  })
})

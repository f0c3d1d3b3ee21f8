/** memfd_create(2) asks LSMs for a label where the kernel release does. */
import { EACCES } from '@lsmkit/abi'
import { createStack, defineLsm } from '@lsmkit/core'
import type { Profile } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { bootKernel } from '../index.ts'

test.each<[Profile, boolean]>([['6.12', false], ['6.18', false], ['7.3', true]])('%s asks: %s', (profile, isAsked) => {
  const asked: string[] = []
  const lsm = defineLsm({
    name: 'labels', abi: '1.0',
    hooks: {
      inode_init_security_anon(_inode, { name }) {
        asked.push(name)
        return name === '[memfd]' ? -EACCES : 0
      },
    },
  })
  const { sys, init } = bootKernel({ stack: createStack({ lsms: [lsm], profile, capability: 'none' }) })
  const fd = sys.memfd_create(init, 'm', 0)
  expect([fd < 0 ? fd : 0, asked]).toEqual(isAsked ? [-EACCES, ['[memfd]']] : [0, []])
  expect(sys.memfd_create(init, 'x'.repeat(250), 0)).toBeLessThan(0)
})

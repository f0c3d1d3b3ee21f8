/** Who lets go of an object stands behind everybody else on its free hook. */
import { EACCES } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { createStack, defineBlob, defineLsm } from '../index.ts'
import type { Inode } from '../index.ts'

test.each(['swap', 'list', 'static-key', 'krsi-v4'] as const)('%s', (dispatch) => {
  const told: string[] = []
  const state = defineBlob((inode: Inode) => ({ mark: inode.i_ino }))
  const own = defineLsm({
    name: 'own',
    abi: '1.0', blobs: { inode: state },
    hooks: {
      inode_alloc_security: (inode) => (inode.i_ino === 2 ? -EACCES : 0),
      inode_free_security: () => void told.push('lsm'),
    },
  })
  const stack = createStack({ lsms: [own], capability: 'none', dispatch })
  const { objects, current, lsm } = stack
  const sb = objects.super_block(1, { name: 'tmpfs', fs_flags: 0 }, current.task.cred.user_ns)
  const inode = objects.inode(0o100644, sb, 1)
  lsm.inode_alloc_security.ask(inode)

  stack.whenFreed('inode_free_security', (one) => void told.push(`released ${one.i_ino} ${one.security === null}`))
  const link = stack.observe('inode_free_security', { exit: () => void told.push('exit') })
  lsm.inode_free_security.tell(inode)
  expect(told.splice(0)).toEqual(['lsm', 'exit', 'released 1 true'])
  link.detach()
  lsm.inode_free_security.tell(inode)
  expect(told.splice(0)).toEqual(['lsm', 'released 1 true'])

  // one whose allocation is refused has been shown to programs as well
  expect(lsm.inode_alloc_security.ask(objects.inode(0o100644, sb, 2))).toBe(-EACCES)
  expect(told.at(-1)).toBe('released 2 true')

  // credentials without state are freed without asking anybody, and released
  stack.whenFreed('cred_free', () => void told.push('cred'))
  lsm.cred_free.tell(objects.cred(current.task.cred.user_ns))
  expect(told.at(-1)).toBe('cred')
})

import { EACCES, ENOENT, MAY_READ } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, defineBlob, defineLsm } from '@lsmkit/core'
import type { Cred, Inode, Stack, Task } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { Notebook } from './index.ts'

/** What one user wrote, another may not read: decided by state the module keeps on the host's own objects. */
const privateNotes = () => {
  const author = defineBlob((_inode: Inode) => ({ uid: -1 }))
  return defineLsm({
    name: 'private-notes',
    abi: '1.0',
    blobs: { inode: author },
    hooks: ({ current }) => ({
      inode_permission(inode: Inode, mask: number) {
        const state = author(inode)
        if (state.uid === -1) state.uid = current.task.cred.uid
        return (mask & MAY_READ) !== 0 && state.uid !== current.task.cred.uid ? -EACCES : 0
      },
    }),
  })
}

const userTask = (stack: Stack, pid: number, uid: number): Task => {
  const cred: Cred = stack.objects.cred(stack.current.task.cred.user_ns)
  Object.assign(cred, { uid, euid: uid, suid: uid, fsuid: uid })
  return stack.objects.task(pid, pid, cred, cred)
}

test('a module decides about objects that the host made itself', () => {
  const stack = createStack({ lsms: [capability(), privateNotes()] })
  const notebook = new Notebook(stack)
  const [alice, bob] = [userTask(stack, 10, 1000), userTask(stack, 11, 1001)]

  expect(notebook.write(alice, 'plan', 'to the sea')).toBe(0)
  expect(notebook.read(alice, 'plan', -ENOENT)).toBe('to the sea')
  expect(notebook.read(bob, 'plan', -ENOENT)).toBe(-EACCES)
  expect(stack.denial).toMatchObject({ hook: 'inode_permission', lsm: 'private-notes', rc: -EACCES })
  expect(notebook.read(bob, 'nothing', -ENOENT)).toBe(-ENOENT)
})

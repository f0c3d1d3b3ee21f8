/** Credentials of open files. */
import { AT_FDCWD, O_RDONLY } from '@lsmkit/abi'
import { createStack, defineBlob, defineLsm } from '@lsmkit/core'
import type { Cred } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { bootKernel } from '../index.ts'

test('a file keeps the credentials it is opened with, though a hook of the open replaces those of the task', () => {
  const freed: Cred[] = []
  let replaces = false
  const swap = defineLsm({
    name: 'swap',
    abi: '1.0',
    // a cred without LSM state is not told of
    blobs: { cred: defineBlob<Cred, object>(() => ({})) },
    hooks: ({ host }) => ({
      file_alloc_security: () => {
        if (!replaces) return 0
        replaces = false
        return host.commit_creds(host.prepare_creds()!)
      },
      cred_free: (cred) => void freed.push(cred),
    }),
  })
  const { sys, init, machine } = bootKernel({ stack: createStack({ lsms: [swap], capability: 'none' }) })
  const task = machine.tasks.find(sys.fork(init))!
  sys.setresuid(task, 0, 0, 0) // credentials of its own
  const before = task.cred
  replaces = true
  const fd = sys.openat(task, AT_FDCWD, '/', O_RDONLY, 0)
  expect(task.cred).not.toBe(before)
  expect(freed).not.toContain(before)
  sys.close(task, fd)
  expect(freed).toContain(before)
})

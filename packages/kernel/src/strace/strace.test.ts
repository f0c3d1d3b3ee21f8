/** Watched calls: what is told, in which order, and how it reads. */
import { AT_FDCWD, EACCES, O_RDONLY } from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import { callText, watchCalls } from './strace.ts'

const warden = defineLsm({
  name: 'warden',
  hooks: { file_open: (file) => (file.f_path.dentry.d_name.name === 'shadow' ? -EACCES : 0) },
})

test('calls are told with their results, and with who refused', () => {
  const kernel = bootForTest({ lsms: [warden] })
  kernel.sys.mknod(kernel.init, '/tmp/shadow', 0o100644, 0)
  const lines: string[] = []
  const entered: string[] = []
  const { sys } = watchCalls(kernel, kernel.stack, {
    enter: (name) => void entered.push(name),
    leave: (call) => void lines.push(callText(call)),
  })
  sys.openat(kernel.init, AT_FDCWD, '/tmp/shadow', O_RDONLY, 0)
  sys.write(kernel.init, 9, new Uint8Array(40).fill(65))
  sys.stat(kernel.init, '/tmp', null)
  kernel.sys.getpid(kernel.init)
  expect(entered).toEqual(['openat', 'write', 'stat'])
  expect(lines).toEqual([
    '[pid 1] openat(-100, "/tmp/shadow", 0, 0) = -1 EACCES <file_open: warden>',
    `[pid 1] write(9, "${'A'.repeat(32)}"...) = -1 EBADF`,
    '[pid 1] stat("/tmp", NULL) = -1 EFAULT',
  ])
})

/** Which of two mistakes the attribute calls tell: 6.12 looks a descriptor, and the path of getxattr, up first. */
import { EBADF, ENOENT, ERANGE } from '@lsmkit/abi'
import type { Profile, Task } from '@lsmkit/core'
import { createStack } from '@lsmkit/core'
import { expect, test } from 'vitest'
import type { Kernel } from '../boot/kernel.ts'
import { bootKernel } from '../boot/kernel.ts'
import { plainCapability } from '../testing/boot.ts'

const NOTHING = new Uint8Array()
type Use = (sys: Kernel['sys'], task: Task) => number

test.each<readonly [call: string, use: Use, in612: number, in618: number]>([
  ['getxattr', (sys, task) => sys.getxattr(task, '/none', '', NOTHING), -ENOENT, -ERANGE],
  ['lgetxattr', (sys, task) => sys.lgetxattr(task, '/none', '', NOTHING), -ENOENT, -ERANGE],
  ['fgetxattr', (sys, task) => sys.fgetxattr(task, 99, '', NOTHING), -EBADF, -ERANGE],
  ['setxattr', (sys, task) => sys.setxattr(task, '/none', '', NOTHING, 0), -ERANGE, -ERANGE],
  ['fsetxattr', (sys, task) => sys.fsetxattr(task, 99, '', NOTHING, 0), -EBADF, -ERANGE],
  ['removexattr', (sys, task) => sys.removexattr(task, '/none', ''), -ERANGE, -ERANGE],
  ['fremovexattr', (sys, task) => sys.fremovexattr(task, 99, ''), -EBADF, -ERANGE],
])('%s', (_call, use, in612, in618) => {
  const answer = (profile: Profile): number => {
    const { sys, init } = bootKernel({ stack: createStack({ lsms: [plainCapability()], profile }) })
    return use(sys, init)
  }
  expect([answer('6.12'), answer('6.18'), answer('7.3')]).toEqual([in612, in618, in618])
})

/** What mounts refuse: files that were removed, procfs of another's processes; and what may be made in procfs. */
import {
  CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUSER, ENOENT, EPERM, MS_BIND, MS_MOVE, O_CREAT, O_WRONLY,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { expect, test } from 'vitest'
import type { Kernel } from '../boot/kernel.ts'
import { bootForTest } from '../testing/boot.ts'

type Use = (sys: Kernel['sys'], task: Task) => number

const bindThenRemove = (sys: Kernel['sys'], task: Task): void => {
  for (const name of ['/tmp/f', '/tmp/g', '/tmp/h']) sys.close(task, sys.open(task, name, O_CREAT | O_WRONLY, 0o644))
  sys.mount(task, '/tmp/f', '/tmp/g', null, MS_BIND, null)
  sys.unlink(task, '/tmp/f')
}

test.each<readonly [what: string, use: Use, rc: number]>([
  ['a bind mount of a removed file', (sys, task) => {
    bindThenRemove(sys, task)
    return sys.mount(task, '/tmp/g', '/tmp/h', null, MS_BIND, null)
  }, -ENOENT],
  ['a mount of a removed file moved', (sys, task) => {
    bindThenRemove(sys, task)
    return sys.mount(task, '/tmp/g', '/tmp/h', null, MS_MOVE, null)
  }, -ENOENT],
  ['procfs by who owns the pid namespace', (sys, task) => sys.mount(task, 'p', '/tmp', 'proc', 0, null), 0],
  ['procfs in a user namespace that owns no pids', (sys, task) => {
    sys.unshare(task, CLONE_NEWUSER | CLONE_NEWNS)
    return sys.mount(task, 'p', '/tmp', 'proc', 0, null)
  }, -EPERM],
  ['procfs before the first process of a pid namespace', (sys, task) => {
    sys.unshare(task, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID)
    return sys.mount(task, 'p', '/tmp', 'proc', 0, null)
  }, -EPERM],
  ['a file made in procfs', (sys, task) => sys.open(task, '/proc/x', O_CREAT | O_WRONLY, 0o644), -ENOENT],
  ['a directory made in procfs', (sys, task) => sys.mkdir(task, '/proc/self/x', 0o755), -ENOENT],
  ['a link made in procfs', (sys, task) => sys.symlink(task, 'x', '/proc/sys/x'), -ENOENT],
])('%s', (_what, use, rc) => {
  const { sys, init } = bootForTest()
  expect(use(sys, init)).toBe(rc)
})

/** What /proc/self/fd tells of files that are in no directory. */
import { AF_UNIX, O_RDONLY, SOCK_STREAM } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { expect, test } from 'vitest'
import type { Kernel } from '../boot/kernel.ts'
import { bootForTest } from '../testing/boot.ts'
import { Kstat } from '../state/vfs/kstat.ts'

const opened = (call: (fds: number[]) => number): number => {
  const fds: number[] = []
  call(fds)
  return fds[0]!
}

test.each<readonly [what: string, open: (sys: Kernel['sys'], task: Task) => number, link: RegExp]>([
  ['a pipe', (sys, task) => opened((fds) => sys.pipe2(task, fds, 0)), /^pipe:\[[1-9]\d*\]$/],
  ['a socket', (sys, task) => sys.socket(task, AF_UNIX, SOCK_STREAM, 0), /^socket:\[[1-9]\d*\]$/],
  ['an eventfd', (sys, task) => sys.eventfd2(task, 0, 0), /^anon_inode:\[eventfd\]$/],
  ['a memfd', (sys, task) => sys.memfd_create(task, 'm', 0), /^\/memfd:m \(deleted\)$/],
  ['a namespace', (sys, task) => sys.open(task, '/proc/self/ns/uts', O_RDONLY, 0), /^uts:\[\d+\]$/],
])('%s', (_what, open, link) => {
  const { sys, init } = bootForTest()
  const fd = open(sys, init)
  const buf = new Uint8Array(100)
  const length = sys.readlink(init, `/proc/self/fd/${fd}`, buf)
  expect(new TextDecoder().decode(buf.subarray(0, length))).toMatch(link)
})

test('the link of a descriptor is 64 bytes to stat, whatever it leads to', () => {
  const { sys, init } = bootForTest()
  const stat = new Kstat()
  expect(sys.lstat(init, `/proc/self/fd/${opened((fds) => sys.pipe2(init, fds, 0))}`, stat)).toBe(0)
  expect(stat.size).toBe(64)
})

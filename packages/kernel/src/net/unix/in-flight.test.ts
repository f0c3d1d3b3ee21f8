/** What is found of sockets that only messages keep, and in how many steps. */
import { AF_UNIX, MSG_NOSIGNAL, SCM_RIGHTS, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_STREAM, SOL_SOCKET } from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import { defineLsm } from '@lsmkit/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { bootForTest } from '../../testing/boot.ts'
import { fdTable } from '../../state/vfs/fdtable.ts'

/** Pairs of sockets; `pass(x, y)` puts the second of pair y into the queue of the second of pair x. */
const pairs = (count: number) => {
  let alive = 0
  const kernel = bootForTest({ lsms: [defineLsm({
    name: 'count',
    abi: '1.0', hooks: { sk_alloc_security: () => (alive++, 0), sk_free_security: () => void alive-- },
  })] })
  const { sys, init, machine } = kernel
  init.signal!.rlim = init.signal!.rlim.map(() => ({ rlim_cur: 1e6, rlim_max: 1e6 }))
  const ends = Array.from({ length: count }, () => {
    const fds = [-1, -1]
    sys.socketpair(init, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds)
    return fds as [number, number]
  })
  const pass = (x: number, y: number): number => sys.sendmsg(init, ends[x]![0], {
    msg_name: null, msg_iov: [Uint8Array.of(1)], msg_flags: 0,
    msg_control: [{ cmsg_level: SOL_SOCKET, cmsg_type: SCM_RIGHTS, data: [ends[y]![1]] }],
  }, 0)
  /** Reads of the files' reference counts. */
  let steps = 0
  const watch = (fd: number): void => {
    const file: File = fdTable(init).get(fd)!
    let value = file.f_count
    Object.defineProperty(file, 'f_count', {
      get: () => (steps++, value),
      set(next: number) {
        value = next
      },
    })
  }
  const close = (fd: number): void => {
    sys.close(init, fd)
    machine.runRcu()
  }
  const anyEnds = (): void => close(sys.socket(init, AF_UNIX, SOCK_DGRAM, 0))
  const isAlive = (x: number): boolean =>
    sys.sendto(init, ends[x]![0], Uint8Array.of(1), 1, MSG_NOSIGNAL, null, 0) === 1
  return { ...kernel, ends, pass, watch, close, anyEnds, isAlive, steps: () => steps, alive: () => alive }
}

const MANY = 500

test.each([['a chain', false], ['a circle', true]])('%s of many ends in few steps', (_, circular) => {
  const { ends, pass, watch, close, anyEnds, steps, alive } = pairs(MANY)
  for (const [, fd] of ends) watch(fd)
  for (let i = 0; i + 1 < MANY; i++) pass(i, i + 1)
  if (circular) pass(MANY - 1, 0)
  for (const [, fd] of ends) close(fd)
  anyEnds()
  expect(steps()).toBeLessThan(40 * MANY)
  for (const [fd] of ends) close(fd)
  expect(alive()).toBe(0)
})

test('as a plain search for what can be reached would have it', () => {
  const COUNT = 6
  const end = fc.nat(COUNT - 1)
  fc.assert(fc.property(fc.array(fc.tuple(end, end), { maxLength: 12 }), fc.uniqueArray(end), (passes, kept) => {
    const { ends, pass, close, anyEnds, isAlive } = pairs(COUNT)
    for (const [x, y] of passes) pass(x, y)
    ends.forEach(([, fd], i) => {
      if (!kept.includes(i)) close(fd)
    })
    anyEnds()
    const reached = new Set(kept)
    for (const x of reached) for (const [from, to] of passes) if (from === x) reached.add(to)
    expect(ends.map((_, i) => isAlive(i))).toEqual(ends.map((_, i) => reached.has(i)))
  }), { numRuns: 150 })
})

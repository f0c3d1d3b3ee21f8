/** Requests that nobody should make: each gets a number, and the kernel neither throws nor loses memory. */
import {
  AF_UNIX, IORING_ENTER_GETEVENTS, IORING_OFF_SQES, IORING_OFF_SQ_RING, IORING_OP_ACCEPT, IORING_OP_EPOLL_CTL,
  IORING_OP_LAST, IORING_OP_OPENAT2, IORING_OP_READV, IORING_OP_RECVMSG, IORING_OP_SENDMSG, IORING_OP_STATX,
  IORING_OP_TIMEOUT, IORING_OP_WRITEV, IORING_REGISTER_FILES, IORING_REGISTER_LAST, IORING_REGISTER_PERSONALITY,
  IORING_SETUP_SQPOLL, IORING_SETUP_SUBMIT_ALL, MAP_SHARED, PROT_READ, PROT_WRITE, SOCK_STREAM,
} from '@lsmkit/abi'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { IoUringSqe } from '../../state/uring/entries.ts'
import { bootForTest } from '../../testing/boot.ts'
import { KINDS } from '../../testing/call-shapes.ts'
import { userRing } from './user-ring.ts'

const pointer = fc.oneof(KINDS.u, KINDS.z, KINDS.n, fc.constantFrom(null, undefined))
/** Operations whose pointers are structs; those of others are bytes and names. */
const STRUCTS: Readonly<Record<number, Partial<Record<'addr' | 'addr2', fc.Arbitrary<unknown>>>>> = {
  [IORING_OP_READV]: { addr: KINDS.L }, [IORING_OP_WRITEV]: { addr: KINDS.L },
  [IORING_OP_SENDMSG]: { addr: KINDS.m }, [IORING_OP_RECVMSG]: { addr: KINDS.m },
  [IORING_OP_TIMEOUT]: { addr: KINDS.t }, [IORING_OP_EPOLL_CTL]: { addr: KINDS.e },
  [IORING_OP_OPENAT2]: { addr2: KINDS.w }, [IORING_OP_STATX]: { addr2: KINDS.k },
  [IORING_OP_ACCEPT]: { addr2: KINDS.r },
}
const requestOf = (opcode: number): fc.Arbitrary<IoUringSqe> => fc.record({
  opcode: fc.constant(opcode),
  flags: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) }),
  ioprio: fc.constantFrom(0, 0, 0, 1), fd: KINDS.f, off: KINDS.n, addr: STRUCTS[opcode]?.addr ?? pointer,
  addr2: STRUCTS[opcode]?.addr2 ?? pointer, addr3: pointer,
  len: KINDS.f, rw_flags: KINDS.f, user_data: KINDS.f, buf_index: KINDS.f, personality: fc.constantFrom(0, 0, 0, 1, 9),
  splice_fd_in: KINDS.f, file_index: fc.constantFrom(0, 0, 1, 2, 0xffffffff), cmd_op: KINDS.f,
})
const request = fc.integer({ min: 0, max: IORING_OP_LAST }).chain(requestOf)
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ requests: fc.array(request, { minLength: 1, maxLength: 8 }) }) },
  { weight: 1, arbitrary: fc.record({ command: fc.integer({ min: 0, max: IORING_REGISTER_LAST }), arg: pointer }) },
)

test('whatever is put into a ring is answered, and all of it ends with the process', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 8 }), fc.boolean(), (steps, isPolled) => {
    const { sys, init, machine, fork } = bootForTest()
    const before = machine.memory.used
    const task = fork()
    const flags = isPolled ? IORING_SETUP_SQPOLL : IORING_SETUP_SUBMIT_ALL
    const fd = sys.io_uring_setup(task, 8, { flags })
    const [queues, sqes] = [IORING_OFF_SQ_RING, IORING_OFF_SQES].map((offset) =>
      sys.mmap(task, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset))
    const ring = userRing(machine, task, queues!, sqes!)!
    sys.socketpair(task, AF_UNIX, SOCK_STREAM, 0, [])
    sys.io_uring_register(task, fd, IORING_REGISTER_FILES, [1, -1, 2], 3)
    sys.io_uring_register(task, fd, IORING_REGISTER_PERSONALITY, null, 0)
    for (const one of steps) {
      if ('command' in one) sys.io_uring_register(task, fd, one.command, one.arg, 1)
      else {
        for (const sqe of one.requests) ring.push(sqe)
        sys.io_uring_enter(task, fd, one.requests.length, 0, IORING_ENTER_GETEVENTS, null, 8)
      }
      for (let cqe = ring.shift(); cqe !== null; cqe = ring.shift()) expect(Number.isInteger(cqe.res)).toBe(true)
    }
    sys.exit_group(task, 0)
    sys.wait4(init, -1, null, 0, null)
    for (const name of ['x', 'y'.repeat(100), 'tmp/f', 'tmp/d', 'nothing']) {
      sys.unlink(init, `/${name}`)
      sys.rmdir(init, `/${name}`)
    }
    expect(machine.memory.used - before).toBeLessThan(64 * 1024)
  }), { numRuns: 60 })
})

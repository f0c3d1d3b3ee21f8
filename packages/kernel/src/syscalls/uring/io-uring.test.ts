/** io_uring: rings, operations, chains, workers, credentials, the polling thread, and how all of it ends. */
import {
  AF_INET, AF_UNIX, EACCES, EBADF, EBADFD, ECANCELED, EEXIST, EINVAL, ENOENT, ENXIO, EOPNOTSUPP, EPERM, ERESTARTSYS,
  ETIME, IORING_ENTER_EXT_ARG, IORING_ENTER_GETEVENTS, IORING_ENTER_SQ_WAKEUP, IORING_OFF_SQES, IORING_OFF_SQ_RING,
  IORING_OP_ASYNC_CANCEL, IORING_OP_CLOSE, IORING_OP_FSYNC, IORING_OP_MKDIRAT, IORING_OP_NOP, IORING_OP_OPENAT,
  IORING_OP_POLL_ADD, IORING_OP_READ, IORING_OP_SEND_ZC, IORING_OP_SOCKET, IORING_OP_TIMEOUT, IORING_OP_URING_CMD,
  IORING_OP_WRITE, IORING_REGISTER_ENABLE_RINGS, IORING_REGISTER_EVENTFD, IORING_REGISTER_FILES,
  IORING_REGISTER_PERSONALITY, IORING_REGISTER_PROBE, IORING_REGISTER_RESTRICTIONS, IORING_RESTRICTION_SQE_OP,
  IORING_SETUP_CLAMP, IORING_SETUP_R_DISABLED, IORING_SETUP_SINGLE_ISSUER, IORING_SETUP_SQPOLL, IORING_SQ_CQ_OVERFLOW,
  IORING_SQ_NEED_WAKEUP, IOSQE_CQE_SKIP_SUCCESS, IOSQE_FIXED_FILE, IOSQE_IO_DRAIN, IOSQE_IO_HARDLINK, IOSQE_IO_LINK,
  MAP_SHARED, O_CREAT, O_NONBLOCK, O_RDWR, PROT_READ, PROT_WRITE, SOCK_DGRAM, SOCK_STREAM,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { expect, test } from 'vitest'
import type { IoUringParams, IoUringProbe, IoUringSqe } from '../../state/uring/entries.ts'
import { signalOf } from '../../state/task/thread.ts'
import { bootForTest } from '../../testing/boot.ts'
import { userRing } from './user-ring.ts'
import type { UserRing } from './user-ring.ts'

const RW = PROT_READ | PROT_WRITE
const AT_FDCWD = -100
const EPOLLIN = 1

/** A kernel whose clock the test moves, and a ring that its init has mapped. */
const withRing = (params: Partial<IoUringParams> = {}, entries = 8) => {
  let now = 1_000_000
  const kernel = bootForTest({ clock: () => now })
  const { sys, machine, init } = kernel
  const given: IoUringParams = { flags: 0, ...params }
  const fd = sys.io_uring_setup(init, entries, given)
  const map = (task: Task): UserRing => {
    const at = sys.mmap(task, 0, 4096, RW, MAP_SHARED, fd, IORING_OFF_SQ_RING)
    const sqes = sys.mmap(task, 0, 4096, RW, MAP_SHARED, fd, IORING_OFF_SQES)
    return userRing(machine, task, at, sqes)!
  }
  const ring = map(init)
  const answers = (): unknown[] => {
    const all: unknown[] = []
    for (let cqe = ring.shift(); cqe !== null; cqe = ring.shift()) all.push([cqe.user_data, cqe.res])
    return all
  }
  /** Submits requests, and gives the answers that are there then. */
  const run = (...sqes: readonly IoUringSqe[]): unknown[] => {
    for (const sqe of sqes) expect(ring.push(sqe)).toBe(true)
    sys.io_uring_enter(init, fd, sqes.length, 0, IORING_ENTER_GETEVENTS, null, 8)
    return answers()
  }
  const pass = (ms: number): void => {
    now += ms
    sys.getpid(init)
  }
  return { ...kernel, fd, ring, run, answers, pass, given, map }
}
const threads = (task: Task): string[] => [...signalOf(task).threads].map(({ comm }) => comm)

test('setup rounds sizes up and tells where the parts lie', () => {
  const { given, fd } = withRing({}, 5)
  expect(fd).toBe(0)
  expect([given.sq_entries, given.cq_entries]).toEqual([8, 16])
  expect(given.sq_off).toMatchObject({ head: 0, tail: 4, array: 320 })
  expect(given.cq_off).toMatchObject({ head: 8, cqes: 64 })
})

test.each([
  { what: 'no entries', entries: 0, p: { flags: 0 }, rc: -EINVAL },
  { what: 'too many', entries: 32769, p: { flags: 0 }, rc: -EINVAL },
  { what: 'too many, clamped', entries: 99999, p: { flags: IORING_SETUP_CLAMP }, rc: 0 },
  { what: 'an unknown flag', entries: 1, p: { flags: 1 << 20 }, rc: -EINVAL },
  { what: 'a reserved word', entries: 1, p: { flags: 0, resv: [0, 1, 0] }, rc: -EINVAL },
  { what: 'a processor without a thread', entries: 1, p: { flags: 4 }, rc: -EINVAL },
  { what: 'another ring that is not there', entries: 1, p: { flags: 32, wq_fd: 77 }, rc: -ENXIO },
])('setup: $what', ({ entries, p, rc }) => {
  const { sys, init } = bootForTest()
  expect(sys.io_uring_setup(init, entries, p)).toBe(rc)
})

test('kernel.io_uring_disabled', () => {
  const { sys, init, machine, fork } = bootForTest()
  const user = fork(init, 1000)
  const setup = (task: Task) => Math.min(sys.io_uring_setup(task, 1, { flags: 0 }), 0)
  machine.sysctl.io_uring_disabled = 1
  expect([setup(init), setup(user)]).toEqual([0, -EPERM])
  machine.sysctl.io_uring_group = 1000
  expect(setup(user)).toBe(0)
  machine.sysctl.io_uring_disabled = 2
  expect(setup(init)).toBe(-EPERM)
})

test('a regular file is read by a worker, which stays five seconds', () => {
  const { run, sys, init, file, pass } = withRing()
  file('/f', 'hello')
  const fd = sys.open(init, '/f', 0, 0)
  const bytes = new Uint8Array(5)
  expect(run({ opcode: IORING_OP_READ, fd, addr: bytes, len: 5, off: 0, user_data: 'a' })).toEqual([['a', 5]])
  expect(new TextDecoder().decode(bytes)).toBe('hello')
  expect(threads(init)).toEqual(['init', 'iou-wrk-1'])
  pass(5001)
  expect(threads(init)).toEqual(['init'])
})

test('a socket sleeps in the ring until something comes', () => {
  const { run, sys, init, answers } = withRing()
  const pair: number[] = []
  sys.socketpair(init, AF_UNIX, SOCK_STREAM, 0, pair)
  const bytes = new Uint8Array(2)
  expect(run({ opcode: IORING_OP_READ, fd: pair[0]!, addr: bytes, off: -1, user_data: 1 },
    { opcode: IORING_OP_POLL_ADD, fd: pair[0]!, rw_flags: EPOLLIN, user_data: 2 })).toEqual([])
  sys.write(init, pair[1]!, new Uint8Array([7, 8]))
  // the reader was first, and left nothing for the other
  expect(answers()).toEqual([[1, 2]])
  expect([...bytes]).toEqual([7, 8])
  sys.write(init, pair[1]!, new Uint8Array([9]))
  expect(answers()).toEqual([[2, EPOLLIN]])
  sys.read(init, pair[0]!, bytes)
  expect(threads(init)).toEqual(['init'])
  // a descriptor that was closed meanwhile: the request has its file
  expect(run({ opcode: IORING_OP_READ, fd: pair[0]!, addr: bytes, off: -1, user_data: 3 })).toEqual([])
  sys.close(init, pair[0]!)
  sys.write(init, pair[1]!, new Uint8Array([9]))
  expect(answers()).toEqual([[3, 1]])
})

test('a file that does not block answers at once', () => {
  const { run, sys, init } = withRing()
  const pair: number[] = []
  sys.socketpair(init, AF_UNIX, SOCK_STREAM | O_NONBLOCK, 0, pair)
  expect(run({ opcode: IORING_OP_READ, fd: pair[0]!, addr: new Uint8Array(2), off: -1 })).toEqual([[0, -11]])
})

test('waiting: the call is made again and submits nothing twice', () => {
  const { sys, init, fd, ring, answers, pass } = withRing()
  const pair: number[] = []
  sys.socketpair(init, AF_UNIX, SOCK_STREAM, 0, pair)
  ring.push({ opcode: IORING_OP_READ, fd: pair[0]!, addr: new Uint8Array(2), off: -1, user_data: 'r' })
  const enter = () => sys.io_uring_enter(init, fd, 1, 1, IORING_ENTER_GETEVENTS, null, 8)
  expect(enter()).toBe(-ERESTARTSYS)
  sys.write(init, pair[1]!, new Uint8Array([1]))
  expect(enter()).toBe(1)
  expect(answers()).toEqual([['r', 1]])
  // with a time limit, and nothing to submit
  const arg = { sigmask: null, sigmask_sz: 8, ts: { tv_sec: 1, tv_nsec: 0 } }
  const flags = IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG
  const wait = () => sys.io_uring_enter(init, fd, 0, 1, flags, arg, 24)
  expect(wait()).toBe(-ERESTARTSYS)
  pass(1001)
  expect(wait()).toBe(-ETIME)
})

test('chains: what follows a failure is cancelled, unless the link is hard', () => {
  const { run } = withRing()
  const bad = { opcode: IORING_OP_READ, fd: 99, addr: new Uint8Array(1), user_data: 1 }
  const nop = (user_data: number, flags = 0) => ({ opcode: IORING_OP_NOP, user_data, flags })
  expect(run(nop(0, IOSQE_IO_LINK), nop(1))).toEqual([[0, 0], [1, 0]])
  expect(run({ ...bad, flags: IOSQE_IO_LINK }, nop(2, IOSQE_IO_LINK), nop(3), nop(4)))
    .toEqual([[1, -EBADF], [2, -ECANCELED], [3, -ECANCELED], [4, 0]])
  expect(run({ ...bad, flags: IOSQE_IO_HARDLINK }, nop(2))).toEqual([[1, -EBADF], [2, 0]])
  // one that is wrong from the start fails the whole chain
  expect(run(nop(5, IOSQE_IO_LINK), { opcode: IORING_OP_FSYNC, fd: 0, rw_flags: 8, user_data: 6 }))
    .toEqual([[5, -ECANCELED], [6, -EINVAL]])
  expect(run({ ...nop(7), flags: IOSQE_CQE_SKIP_SUCCESS }, nop(8))).toEqual([[8, 0]])
})

test('a chain as long as the ring, all of it wrong: an answer each', () => {
  const { run } = withRing({ flags: IORING_SETUP_CLAMP }, 32768)
  const wrong = { opcode: 200, flags: IOSQE_IO_HARDLINK }
  const answers = run(...Array.from({ length: 32767 }, () => wrong), { opcode: 200 })
  expect(answers).toHaveLength(32768)
})

test('a drained request waits for those before it, and those behind wait for it', () => {
  const { run, sys, init, answers } = withRing()
  const pair: number[] = []
  sys.socketpair(init, AF_UNIX, SOCK_STREAM, 0, pair)
  const read = { opcode: IORING_OP_READ, fd: pair[0]!, addr: new Uint8Array(1), off: -1, user_data: 'read' }
  expect(run(read, { opcode: IORING_OP_NOP, flags: IOSQE_IO_DRAIN, user_data: 'drain' },
    { opcode: IORING_OP_NOP, user_data: 'behind' })).toEqual([])
  sys.write(init, pair[1]!, new Uint8Array([1]))
  expect(answers()).toEqual([['read', 1], ['drain', 0], ['behind', 0]])
})

test.each([
  { what: 'a misspelt field', sqe: { opcode: IORING_OP_NOP, lenght: 1 } },
  { what: 'a fraction', sqe: { opcode: IORING_OP_NOP, len: 0.5 } },
  { what: 'no operation', sqe: { opcode: -1 } },
])('a request that is no request: $what', ({ sqe }) => {
  const { run } = withRing()
  expect(run(sqe)).toEqual([[0, -EINVAL]])
})

test('submission stops at a request that is wrong', () => {
  const { sys, init, fd, ring, answers } = withRing()
  ring.push({ opcode: IORING_OP_NOP, user_data: 1 })
  ring.push({ opcode: 200, user_data: 2 })
  ring.push({ opcode: IORING_OP_NOP, user_data: 3 })
  expect(sys.io_uring_enter(init, fd, 3, 0, 0, null, 8)).toBe(2)
  expect(answers()).toEqual([[1, 0], [2, -EINVAL]])
  expect(sys.io_uring_enter(init, fd, 1, 0, 0, null, 8)).toBe(1)
  expect(answers()).toEqual([[3, 0]])
})

test('answers that have no room wait', () => {
  const { ring, sys, init, fd } = withRing({}, 1)
  for (let i = 0; i < 3; i++) {
    ring.push({ opcode: IORING_OP_NOP, user_data: i })
    sys.io_uring_enter(init, fd, 1, 0, 0, null, 8)
  }
  expect([ring.length, ring.sq_flags]).toEqual([2, IORING_SQ_CQ_OVERFLOW])
  expect(ring.shift()!.user_data).toBe(0)
  sys.io_uring_enter(init, fd, 0, 0, IORING_ENTER_GETEVENTS, null, 8)
  expect([ring.length, ring.sq_flags]).toEqual([2, 0])
})

test('opening, and registered files', () => {
  const { run, sys, init, fd } = withRing()
  const made = run({ opcode: IORING_OP_OPENAT, fd: AT_FDCWD, addr: '/n', rw_flags: O_CREAT | O_RDWR, len: 0o600 })
  expect(made).toEqual([[0, 1]])
  expect(sys.io_uring_register(init, fd, IORING_REGISTER_FILES, [1, -1, fd], 3)).toBe(-EBADF)
  expect(sys.io_uring_register(init, fd, IORING_REGISTER_FILES, [1, -1], 2)).toBe(0)
  sys.close(init, 1)
  const bytes = new Uint8Array([65, 66])
  expect(run({ opcode: IORING_OP_WRITE, fd: 0, flags: IOSQE_FIXED_FILE, addr: bytes, off: 0 })).toEqual([[0, 2]])
  expect(run({ opcode: IORING_OP_OPENAT, fd: AT_FDCWD, addr: '/n', rw_flags: O_RDWR, file_index: 2 })).toEqual([[0, 0]])
  const back = new Uint8Array(2)
  expect(run({ opcode: IORING_OP_READ, fd: 1, flags: IOSQE_FIXED_FILE, addr: back, off: 0 })).toEqual([[0, 2]])
  expect([...back]).toEqual([65, 66])
  expect(run({ opcode: IORING_OP_CLOSE, file_index: 2 }, { opcode: IORING_OP_CLOSE, file_index: 2 }))
    .toEqual([[0, 0], [0, -EBADF]])
  expect(run({ opcode: IORING_OP_MKDIRAT, fd: AT_FDCWD, addr: '/d', len: 0o755 },
    { opcode: IORING_OP_SOCKET, fd: AF_UNIX, off: SOCK_STREAM })).toEqual([[0, 0], [0, 1]])
})

test('personalities: the credentials of who registered, asked of the LSMs at each use', () => {
  const asked: number[] = []
  const { run, sys, init, fd, stack, fork, map } = withRing()
  stack.attach('uring_override_creds', (creds) => {
    asked.push(creds.uid)
    return creds.uid === 7 ? -EACCES : 0
  })
  const register = (task: Task) => sys.io_uring_register(task, fd, IORING_REGISTER_PERSONALITY, null, 0)
  const ids = [1000, 7].map((uid) => register(fork(init, uid)))
  const open = (personality: number) => run({
    opcode: IORING_OP_OPENAT, fd: AT_FDCWD, addr: `/p${personality}`, rw_flags: O_CREAT | O_RDWR, len: 0o600,
    personality,
  })[0]
  expect(ids).toEqual([1, 2])
  // the visitor may not create there; the other may not be used at all
  expect([open(1), open(2), open(0), open(9)]).toEqual([[0, -EACCES], [0, -EACCES], [0, 1], [0, -EINVAL]])
  expect(asked).toEqual([1000, 7])
  expect(map(init)).not.toBe(null)
})

test('a worker uses the credentials of who submits', () => {
  const { sys, ring, fd, fork, init, answers } = withRing()
  const visitor = fork(init, 1000)
  const mkdir = (task: Task, addr: string) => {
    ring.push({ opcode: IORING_OP_MKDIRAT, fd: AT_FDCWD, addr, len: 0o755 })
    sys.io_uring_enter(task, fd, 1, 0, 0, null, 8)
    return answers()
  }
  expect(mkdir(visitor, '/no')).toEqual([[0, -EACCES]])
  expect(mkdir(init, '/yes')).toEqual([[0, 0]])
  expect([threads(init), threads(visitor)]).toEqual([['init', 'iou-wrk-1'], ['init', `iou-wrk-${visitor.pid}`]])
})

test('a thread that may not be made: the request is cancelled', () => {
  const { run, stack } = withRing()
  stack.attach('task_alloc', () => -EACCES)
  expect(run({ opcode: IORING_OP_MKDIRAT, fd: AT_FDCWD, addr: '/d', len: 0o755 })).toEqual([[0, -ECANCELED]])
})

test('the polling thread submits by itself, sleeps after its time, and goes with the ring', () => {
  const { sys, init, fd, ring, answers, pass } = withRing({ flags: IORING_SETUP_SQPOLL, sq_thread_idle: 5 })
  expect(threads(init)).toEqual(['init', 'iou-sqp-1'])
  ring.push({ opcode: IORING_OP_NOP, user_data: 1 })
  sys.getpid(init)
  expect(answers()).toEqual([[1, 0]])
  pass(6)
  expect(ring.sq_flags).toBe(IORING_SQ_NEED_WAKEUP)
  ring.push({ opcode: IORING_OP_NOP, user_data: 2 })
  sys.getpid(init)
  expect(answers()).toEqual([])
  expect(sys.io_uring_enter(init, fd, 1, 1, IORING_ENTER_GETEVENTS | IORING_ENTER_SQ_WAKEUP, null, 8)).toBe(1)
  expect(answers()).toEqual([[2, 0]])
  // the mappings hold the ring
  sys.close(init, fd)
  expect(threads(init)).toEqual(['init', 'iou-sqp-1'])
  for (const vma of [...init.mm!.vmas]) if (vma.vm_file !== null) sys.munmap(init, vma.vm_start, 4096)
  expect(threads(init)).toEqual(['init'])
})

test('a command of a driver: sockets and /dev/null have some, pipes none', () => {
  const asked: number[] = []
  const { run, sys, init, stack } = withRing()
  stack.attach('uring_cmd', ({ cmd_op }) => {
    asked.push(cmd_op)
    return cmd_op === 5 ? -EPERM : 0
  })
  const socket = sys.socket(init, AF_INET, SOCK_DGRAM, 0)
  const pipe: number[] = []
  sys.pipe(init, pipe)
  const cmd = (fd: number, cmd_op: number) => run({ opcode: IORING_OP_URING_CMD, fd, cmd_op })[0]
  expect([cmd(socket, 0), cmd(socket, 5), cmd(pipe[0]!, 0)]).toEqual([[0, 0], [0, -EPERM], [0, -EOPNOTSUPP]])
  expect(asked).toEqual([0, 5])
})

test('timeouts, and taking requests back', () => {
  const { run, answers, pass } = withRing()
  const second = { tv_sec: 1, tv_nsec: 0 }
  expect(run({ opcode: IORING_OP_TIMEOUT, addr: second, user_data: 't' })).toEqual([])
  pass(1001)
  expect(answers()).toEqual([['t', -ETIME]])
  const nop = { opcode: IORING_OP_NOP, user_data: 1 }
  expect(run({ opcode: IORING_OP_TIMEOUT, addr: second, off: 1, user_data: 't' }, nop))
    .toEqual([[1, 0], ['t', 0]])
  run({ opcode: IORING_OP_TIMEOUT, addr: second, user_data: 'x' })
  expect(run({ opcode: IORING_OP_ASYNC_CANCEL, addr: 'x', user_data: 'c' })).toEqual([['x', -ECANCELED], ['c', 0]])
  expect(run({ opcode: IORING_OP_ASYNC_CANCEL, addr: 'x', user_data: 'c' })).toEqual([['c', -ENOENT]])
})

test('restrictions hold once the ring is enabled', () => {
  const { sys, init, fd, run } = withRing({ flags: IORING_SETUP_R_DISABLED })
  const register = (opcode: number, arg: unknown, n: number) => sys.io_uring_register(init, fd, opcode, arg, n)
  expect(sys.io_uring_enter(init, fd, 0, 0, 0, null, 8)).toBe(-EBADFD)
  const onlyNop = [{ opcode: IORING_RESTRICTION_SQE_OP, value: IORING_OP_NOP }]
  expect(register(IORING_REGISTER_RESTRICTIONS, onlyNop, 1)).toBe(0)
  expect(register(IORING_REGISTER_ENABLE_RINGS, null, 0)).toBe(0)
  expect(register(IORING_REGISTER_ENABLE_RINGS, null, 0)).toBe(-EACCES)
  expect(run({ opcode: IORING_OP_NOP })).toEqual([[0, 0]])
  expect(run({ opcode: IORING_OP_MKDIRAT, fd: AT_FDCWD, addr: '/d', len: 0 })).toEqual([[0, -EACCES]])
})

test('the probe, an eventfd, and a ring of one issuer', () => {
  const { sys, init, machine, fd, ring, run } = withRing({ flags: IORING_SETUP_SINGLE_ISSUER })
  const probe: IoUringProbe = {}
  expect(sys.io_uring_register(init, fd, IORING_REGISTER_PROBE, probe, 256)).toBe(0)
  expect([probe.ops![IORING_OP_READ]!.flags, probe.ops![IORING_OP_SEND_ZC]!.flags]).toEqual([1, 0])
  const event = sys.eventfd(init, 0)
  expect(sys.io_uring_register(init, fd, IORING_REGISTER_EVENTFD, { value: event }, 1)).toBe(0)
  run({ opcode: IORING_OP_NOP }, { opcode: IORING_OP_NOP })
  const count = new Uint8Array(8)
  sys.read(init, event, count)
  expect(count[0]).toBe(2)
  const child = machine.tasks.findByVpid(sys.fork(init))!
  ring.push({ opcode: IORING_OP_NOP })
  expect(sys.io_uring_enter(child, fd, 1, 0, 0, null, 8)).toBe(-EEXIST)
})

test('a process that ends takes its requests, its workers and its polling thread along', () => {
  const { sys, init, machine } = bootForTest()
  const before = machine.memory.used
  const task = machine.tasks.findByVpid(sys.fork(init))!
  const fd = sys.io_uring_setup(task, 4, { flags: IORING_SETUP_SQPOLL })
  const plain = sys.io_uring_setup(task, 4, { flags: 0 })
  const at = sys.mmap(task, 0, 4096, RW, MAP_SHARED, plain, IORING_OFF_SQ_RING)
  const sqes = sys.mmap(task, 0, 4096, RW, MAP_SHARED, plain, IORING_OFF_SQES)
  const ring = userRing(machine, task, at, sqes)!
  const pair: number[] = []
  sys.socketpair(task, AF_UNIX, SOCK_STREAM, 0, pair)
  ring.push({ opcode: IORING_OP_MKDIRAT, fd: AT_FDCWD, addr: '/d', len: 0o755 })
  ring.push({ opcode: IORING_OP_READ, fd: pair[0]!, addr: new Uint8Array(1), off: -1 })
  expect(sys.io_uring_enter(task, plain, 2, 0, 0, null, 8)).toBe(2)
  expect(threads(task)).toHaveLength(3)
  expect(fd).toBe(0)
  sys.exit_group(task, 0)
  expect(threads(task)).toEqual(['init'])
  sys.wait4(init, -1, null, 0, null)
  sys.rmdir(init, '/d')
  expect(machine.memory.used).toBe(before)
})

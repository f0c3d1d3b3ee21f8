/** Leases: a task that opens the file waits, the holder gets SIGIO, and its time runs out. */
import {
  AT_FDCWD, EACCES, EAGAIN, ERESTARTSYS, F_GETLEASE, F_GETOWN_EX, F_OWNER_PID, F_RDLCK, F_SETLEASE, F_UNLCK, F_WRLCK,
  O_NONBLOCK, O_PATH, O_RDONLY, O_WRONLY, SIGIO,
} from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'

/** A holder with a lease on /tmp/f, another task that opens it, and a clock to be moved. */
const leased = (flags: number, type: number) => {
  const time = { now: 1_000_000 }
  const kernel = bootForTest({ clock: () => time.now })
  const { sys, file, fork } = kernel
  file('/tmp/f', 'text')
  const holder = fork()
  const other = fork()
  sys.rt_sigprocmask(holder, 0, 1n << BigInt(SIGIO - 1), null, 8)
  const fd = sys.openat(holder, AT_FDCWD, '/tmp/f', flags, 0)
  expect(sys.fcntl(holder, fd, F_SETLEASE, type)).toBe(0)
  return {
    ...kernel,
    time,
    set: (to: number) => sys.fcntl(holder, fd, F_SETLEASE, to),
    get: () => sys.fcntl(holder, fd, F_GETLEASE, 0),
    open: (how: number) => sys.openat(other, AT_FDCWD, '/tmp/f', how, 0),
    truncate: () => sys.truncate(other, '/tmp/f', 0),
    close: () => sys.close(holder, fd),
    isTold: () => {
      const pending = { value: 0n }
      sys.rt_sigpending(holder, pending, 8)
      return (pending.value & (1n << BigInt(SIGIO - 1))) !== 0n
    },
  }
}

test('a reader makes a write lease be lowered, and goes on when it has been', () => {
  const { open, set, get, isTold, machine, time } = leased(O_WRONLY, F_WRLCK)
  expect([get(), isTold()]).toEqual([F_WRLCK, false])
  expect(open(O_RDONLY)).toBe(-ERESTARTSYS)
  expect(machine.sleepUntil).toBe(time.now + 45_000)
  expect([get(), isTold()]).toEqual([F_RDLCK, true])
  let woken = false
  machine.sleepOn!.subscribe(() => (woken = true))
  expect(set(F_UNLCK)).toBe(0)
  expect(woken).toBe(true)
  expect(open(O_RDONLY)).toBeGreaterThanOrEqual(0)
})

test('readers do not mind a read lease; writers and truncation do', () => {
  const { open, truncate, close, isTold, get } = leased(O_RDONLY, F_RDLCK)
  expect(open(O_RDONLY)).toBeGreaterThanOrEqual(0)
  expect(isTold()).toBe(false)
  expect(open(O_WRONLY | O_NONBLOCK)).toBe(-EAGAIN)
  expect([get(), isTold()]).toEqual([F_UNLCK, true])
  expect(truncate()).toBe(-ERESTARTSYS)
  close()
  expect(truncate()).toBe(0)
})

test('a lease that nobody gives back ends after 45 seconds', () => {
  const { open, set, time } = leased(O_RDONLY, F_RDLCK)
  expect(open(O_WRONLY)).toBe(-ERESTARTSYS)
  time.now += 44_999
  expect(open(O_WRONLY)).toBe(-ERESTARTSYS)
  time.now += 1
  expect(open(O_WRONLY)).toBeGreaterThanOrEqual(0)
  expect(set(F_UNLCK)).toBe(-EAGAIN)
})

test('a write lease wants to be alone with the file; whoever only stands for its place does not count', () => {
  const { sys, file, fork } = bootForTest()
  file('/tmp/f', 'text')
  const holder = fork()
  const other = fork()
  const open = (flags: number) => sys.openat(other, AT_FDCWD, '/tmp/f', flags, 0)
  const fd = sys.openat(holder, AT_FDCWD, '/tmp/f', O_RDONLY, 0)
  const lease = (type: number) => sys.fcntl(holder, fd, F_SETLEASE, type)
  open(O_PATH)
  expect([lease(F_WRLCK), lease(F_UNLCK)]).toEqual([0, 0])
  const reader = open(O_RDONLY)
  expect([lease(F_WRLCK), lease(F_RDLCK), lease(F_UNLCK)]).toEqual([-EAGAIN, 0, 0])
  sys.close(other, reader)
  const writer = open(O_WRONLY)
  expect([lease(F_WRLCK), lease(F_RDLCK)]).toEqual([-EAGAIN, -EAGAIN])
  sys.close(other, writer)
  expect(lease(F_WRLCK)).toBe(0)
})

test('giving a lease back is asked as taking one is, and ends who is told', () => {
  const { sys, file, fork, trace } = bootForTest()
  file('/tmp/f', 'text', 0o666)
  const holder = fork()
  const stranger = fork(undefined, 1000)
  const fd = sys.openat(holder, AT_FDCWD, '/tmp/f', O_RDONLY, 0)
  expect(sys.fcntl(holder, fd, F_SETLEASE, F_RDLCK)).toBe(0)
  const owner = { type: -1, pid: -1 }
  sys.fcntl(holder, fd, F_GETOWN_EX, owner)
  expect(owner).toEqual({ type: F_OWNER_PID, pid: holder.pid })
  expect(trace(() => sys.fcntl(holder, fd, F_SETLEASE, F_UNLCK))).toEqual(['file_fcntl', 'file_lock'])
  sys.fcntl(holder, fd, F_GETOWN_EX, owner)
  expect(owner).toEqual({ type: F_OWNER_PID, pid: 0 })
  const theirs = sys.openat(stranger, AT_FDCWD, '/tmp/f', O_RDONLY, 0)
  expect(sys.fcntl(stranger, theirs, F_SETLEASE, F_UNLCK)).toBe(-EACCES)
})

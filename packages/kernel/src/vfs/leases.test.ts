/** Leases: who opens against one waits, the holder is told, and time runs out for him. */
import {
  AT_FDCWD, EAGAIN, ERESTARTSYS, F_GETLEASE, F_RDLCK, F_SETLEASE, F_UNLCK, F_WRLCK, O_NONBLOCK, O_RDONLY, O_WRONLY,
  SIGIO,
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

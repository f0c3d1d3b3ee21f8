/** eventfd, timerfd, memfd and the old time calls, as programs use them. */
import {
  AT_FDCWD, CLOCK_MONOTONIC, CLOCK_REALTIME_ALARM, EACCES, EAGAIN, EBUSY, EINVAL, ENOSPC, EPERM, F_ADD_SEALS,
  F_GET_SEALS, F_SEAL_EXEC, F_SEAL_FUTURE_WRITE, F_SEAL_SHRINK, F_SEAL_WRITE, MAP_PRIVATE, MAP_SHARED,
  MFD_ALLOW_SEALING, MFD_EXEC, MFD_NOEXEC_SEAL, O_NONBLOCK, O_RDONLY, PAGE_SIZE, PROT_READ, PROT_WRITE,
} from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import { Kstat } from '../state/vfs/kstat.ts'

const eight = (value: bigint): Uint8Array => new Uint8Array(BigUint64Array.of(value).buffer)
const numberIn = (bytes: Uint8Array): bigint => new DataView(bytes.buffer).getBigUint64(0, true)

describe('eventfd', () => {
  test.each<readonly [what: string, flags: number, taken: readonly bigint[]]>([
    ['a counter is read at once', O_NONBLOCK, [5n]],
    ['a semaphore one by one', O_NONBLOCK | 1, [1n, 1n, 1n, 1n, 1n]],
  ])('%s', (_, flags, taken) => {
    const { sys, init } = bootForTest()
    const fd = sys.eventfd2(init, 2, flags)
    expect(sys.write(init, fd, eight(3n))).toBe(8)
    for (const value of taken) {
      const buf = new Uint8Array(8)
      expect([sys.read(init, fd, buf), numberIn(buf)]).toEqual([8, value])
    }
    expect(sys.read(init, fd, new Uint8Array(8))).toBe(-EAGAIN)
  })

  test('too few bytes, too large a number, no room', () => {
    const { sys, init } = bootForTest()
    const fd = sys.eventfd2(init, 1, O_NONBLOCK)
    expect(sys.read(init, fd, new Uint8Array(7))).toBe(-EINVAL)
    expect(sys.write(init, fd, eight(2n ** 64n - 1n))).toBe(-EINVAL)
    expect(sys.write(init, fd, eight(2n ** 64n - 2n))).toBe(-EAGAIN)
  })
})

describe('timerfd', () => {
  const setUp = () => {
    let now = 1000
    const kernel = bootForTest({ clock: () => now })
    const { sys, init } = kernel
    const fd = sys.timerfd_create(init, CLOCK_MONOTONIC, O_NONBLOCK)
    const read = (): bigint | number => {
      const buf = new Uint8Array(8)
      const n = sys.read(init, fd, buf)
      return n < 0 ? n : numberIn(buf)
    }
    return { ...kernel, fd, read, pass: (ms: number) => (now += ms) }
  }
  const time = (tv_sec: number) => ({ tv_sec, tv_nsec: 0 })

  test('tells how often it has come due', () => {
    const { sys, init, fd, read, pass } = setUp()
    expect(sys.timerfd_settime(init, fd, 0, { it_value: time(1), it_interval: time(2) }, null)).toBe(0)
    expect(read()).toBe(-EAGAIN)
    pass(5500)
    expect([read(), read()]).toEqual([3n, -EAGAIN])
    const left = { it_value: time(0), it_interval: time(0) }
    sys.timerfd_gettime(init, fd, left)
    expect(left).toEqual({ it_value: { tv_sec: 1, tv_nsec: 500_000_000 }, it_interval: time(2) })
  })

  test('waking the machine needs the capability', () => {
    const { sys, init, fork } = setUp()
    expect(sys.timerfd_create(fork(init, 1000), CLOCK_REALTIME_ALARM, 0)).toBe(-EPERM)
    expect(sys.timerfd_create(init, 99, 0)).toBe(-EINVAL)
  })
})

describe('memfd', () => {
  test('no more is allocated than the machine has, and what is takes no memory before it is written', () => {
    const { sys, init } = bootForTest()
    const fd = sys.memfd_create(init, 'm', 0)
    expect([sys.fallocate(init, fd, 0, 0, 2 ** 40), sys.fallocate(init, fd, 0, 2 ** 40, 2 ** 30)]).toEqual([-ENOSPC, 0])
    const buf = new Uint8Array([1, 1])
    expect([sys.pwrite64(init, fd, Uint8Array.of(5), 2 ** 40 + 1), sys.pread64(init, fd, buf, 2 ** 40), [...buf]])
      .toEqual([1, 2, [0, 5]])
  })

  test('can be sealed when it was asked for, and then stays as it is', () => {
    const { sys, init } = bootForTest()
    const fd = sys.memfd_create(init, 'm', MFD_ALLOW_SEALING)
    expect(sys.write(init, fd, new Uint8Array(4))).toBe(4)
    expect(sys.fcntl(init, fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK)).toBe(0)
    expect([sys.write(init, fd, new Uint8Array(1)), sys.ftruncate(init, fd, 0)]).toEqual([-EPERM, -EPERM])
  })

  test('is not sealed against writes while it is mapped for them, and not mapped so once it is sealed', () => {
    const { sys, init } = bootForTest()
    const fd = sys.memfd_create(init, 'm', MFD_ALLOW_SEALING)
    sys.ftruncate(init, fd, PAGE_SIZE)
    const map = (prot: number, flags = MAP_SHARED) => sys.mmap(init, 0, PAGE_SIZE, prot, flags, fd, 0)
    const seal = (seals: number) => sys.fcntl(init, fd, F_ADD_SEALS, seals)
    const at = map(PROT_READ | PROT_WRITE)
    expect([seal(F_SEAL_WRITE), seal(F_SEAL_FUTURE_WRITE), seal(F_SEAL_WRITE)]).toEqual([-EBUSY, 0, -EBUSY])
    expect(map(PROT_READ | PROT_WRITE)).toBe(-EPERM)
    expect(map(PROT_READ | PROT_WRITE, MAP_PRIVATE)).toBeGreaterThan(0)
    expect(sys.mprotect(init, map(PROT_READ), PAGE_SIZE, PROT_READ | PROT_WRITE)).toBe(-EACCES)
    expect([sys.munmap(init, at, PAGE_SIZE), seal(F_SEAL_WRITE)]).toEqual([0, 0])
  })

  test('a program whose mode is sealed keeps its contents, too', () => {
    const { sys, init } = bootForTest()
    const fd = sys.memfd_create(init, 'm', MFD_ALLOW_SEALING | MFD_EXEC)
    expect([sys.fcntl(init, fd, F_ADD_SEALS, F_SEAL_EXEC), sys.fcntl(init, fd, F_GET_SEALS, 0)]).toEqual([0, 0x3e])
  })

  test('otherwise not; never executable and not at once', () => {
    const { sys, init } = bootForTest()
    expect(sys.fcntl(init, sys.memfd_create(init, 'm', 0), F_ADD_SEALS, F_SEAL_WRITE)).toBe(-EPERM)
    expect(sys.memfd_create(init, 'm', MFD_EXEC | MFD_NOEXEC_SEAL)).toBe(-EINVAL)
    expect(sys.memfd_create(init, 'n'.repeat(250), 0)).toBe(-EINVAL)
    const stat = new Kstat()
    sys.fstat(init, sys.memfd_create(init, 'm', MFD_NOEXEC_SEAL), stat)
    expect(stat.mode & 0o111).toBe(0)
  })
})

test('the old calls set the same times', () => {
  const { sys, init, file } = bootForTest()
  file('/tmp/f', '')
  const stat = new Kstat()
  const times = (): number[] => {
    sys.stat(init, '/tmp/f', stat)
    return [stat.atime_sec, stat.atime_nsec, stat.mtime_sec, stat.mtime_nsec]
  }
  sys.utime(init, '/tmp/f', { actime: 1, modtime: 2 })
  expect(times()).toEqual([1, 0, 2, 0])
  sys.utimes(init, '/tmp/f', [{ tv_sec: 3, tv_usec: 4 }, { tv_sec: 5, tv_usec: 6 }])
  expect(times()).toEqual([3, 4000, 5, 6000])
  expect(sys.utimes(init, '/tmp/f', [{ tv_sec: 3, tv_usec: 1e6 }, { tv_sec: 5, tv_usec: 6 }])).toBe(-EINVAL)
  const fd = sys.openat(init, AT_FDCWD, '/tmp/f', O_RDONLY, 0)
  expect([sys.readahead(init, fd, 0, 1), sys.sync_file_range(init, fd, 0, 0, 8)]).toEqual([0, -EINVAL])
})

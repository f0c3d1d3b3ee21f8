/** Time namespaces: what may be written to their offsets, and which clocks then go ahead or behind. */
import {
  AT_FDCWD, CLOCK_BOOTTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_COARSE, CLOCK_REALTIME, CLONE_NEWTIME, CLONE_NEWUSER,
  errnoName, O_RDONLY, O_RDWR, TIMER_ABSTIME,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'

const setUp = () => {
  let ms = 1_000_000_000_000
  const kernel = bootForTest({ clock: () => ms })
  const { sys, fork } = kernel
  ms += 100_000
  const maker = fork()
  sys.unshare(maker, CLONE_NEWTIME)
  const write = (text: string, by: Task = maker, target: Task = maker): string => {
    const fd = sys.openat(by, AT_FDCWD, `/proc/${target.pid}/timens_offsets`, O_RDWR, 0)
    if (fd < 0) return errnoName(fd)
    const rc = sys.write(by, fd, new TextEncoder().encode(text))
    sys.close(by, fd)
    return rc < 0 ? errnoName(rc) : String(rc)
  }
  const seconds = (task: Task, clock: number): number => {
    const ts = { tv_sec: 0, tv_nsec: 0 }
    sys.clock_gettime(task, clock, ts)
    return ts.tv_sec + ts.tv_nsec / 1e9
  }
  return { ...kernel, maker, write, seconds, pass: (more: number) => void (ms += more) }
}

describe('offsets', () => {
  test.each([
    ['one clock', 'monotonic 5 0', '13'],
    ['both clocks, by number', '1 5 0\n7 6 1\n', '12'],
    ['a third line is left', 'monotonic 1 0\nboottime 1 0\nmonotonic 2 0\n', '27'],
    ['behind, but not before the boot', 'monotonic -99 0', '15'],
    ['before the boot', 'monotonic -101 0', 'ERANGE'],
    ['after the end of time', 'boottime 9223372036 0', 'ERANGE'],
    ['another clock', 'realtime 5 0', 'EINVAL'],
    ['too many nanoseconds', 'monotonic 5 1000000000', 'EINVAL'],
    ['too few numbers', 'monotonic 5', 'EINVAL'],
    ['nothing', '', 'EINVAL'],
  ])('%s', (_, text, answer) => expect(setUp().write(text)).toBe(answer))

  test('are those of the children to come, and final once there is one', () => {
    const { cat, fork, maker, write, init } = setUp()
    expect(write('boottime -50 7')).toBe('14')
    expect(cat(maker, '/proc/self/timens_offsets')).toBe(
      'monotonic           0         0\nboottime          -50         7\n',
    )
    const child = fork(maker)
    expect([write('boottime 1 0'), write('boottime 1 0', child, child)]).toEqual(['EACCES', 'EACCES'])
    expect(write('monotonic 1 0', init, init)).toBe('EACCES')
  })

  test('a namespace of a user belongs to the user', () => {
    const { fork, sys, init, write } = setUp()
    const user = fork(init, 1000)
    sys.unshare(user, CLONE_NEWUSER | CLONE_NEWTIME)
    user.mm!.dumpable = 1
    expect([write('monotonic 5 0', user, user), write('monotonic 5 0', fork(init, 1001), user)]).toEqual([
      '13', 'EACCES',
    ])
  })
})

test('the clocks of a child', () => {
  const { fork, maker, write, seconds, cat } = setUp()
  write('monotonic 1000 0\nboottime 5000 500000000')
  expect(seconds(maker, CLOCK_MONOTONIC)).toBe(100)
  const child = fork(maker)
  expect([CLOCK_MONOTONIC, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME].map((clock) => seconds(child, clock))).toEqual([
    1100, 1100, 5100.5,
  ])
  expect(seconds(child, CLOCK_REALTIME)).toBe(1_000_000_100)
  expect(cat(child, '/proc/uptime')).toBe('5100.50 5100.50\n')
})

test('absolute times are those of the namespace', () => {
  const { sys, fork, maker, write, pass } = setUp()
  write('monotonic 1000 0')
  const child = fork(maker)
  expect(sys.clock_nanosleep(child, CLOCK_MONOTONIC, TIMER_ABSTIME, { tv_sec: 1100, tv_nsec: 0 }, null)).toBe(0)
  const fd = sys.timerfd_create(child, CLOCK_MONOTONIC, 0o4000)
  const at = { it_interval: { tv_sec: 0, tv_nsec: 0 }, it_value: { tv_sec: 1101, tv_nsec: 0 } }
  expect(sys.timerfd_settime(child, fd, 1, at, null)).toBe(0)
  expect(sys.read(child, fd, new Uint8Array(8))).toBe(-11)
  pass(1000)
  expect(sys.read(child, fd, new Uint8Array(8))).toBe(8)
})

test('joined by one thread alone, which is then in it', () => {
  const { sys, init, fork, maker, write, seconds } = setUp()
  write('monotonic 1000 0')
  const ns = sys.openat(init, AT_FDCWD, `/proc/${maker.pid}/ns/time_for_children`, O_RDONLY, 0)
  const other = fork()
  expect([sys.setns(other, ns, CLONE_NEWTIME), seconds(other, CLOCK_MONOTONIC)]).toEqual([0, 1100])
  expect(write('monotonic 2 0')).toBe('EACCES')
})

/** Waiting for many things: poll, select, epoll, signalfd, clocks and timers. */
import {
  AT_FDCWD, CLOCK_BOOTTIME_ALARM, EBADF, CLOCK_MONOTONIC, CLOCK_REALTIME, EAGAIN, EEXIST, EINTR, EINVAL, ELOOP,
  ENOENT, EPERM, EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD, EPOLLET, EPOLLEXCLUSIVE, EPOLLIN, EPOLLONESHOT,
  ERESTARTSYS, FUTEX_WAIT, FUTEX_WAKE, ITIMER_REAL, O_CREAT, O_RDWR, POLLHUP, POLLIN, POLLNVAL, SIG_BLOCK, SIGALRM,
  SIGUSR1,
} from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import type { EpollEvent } from '../vfs/epoll.ts'
import { fdTable } from '../state/vfs/fdtable.ts'
import { pollQueue } from './polls.ts'

/** A kernel whose clock stands still, and a pipe. */
const withPipe = () => {
  let now = 1_000_000
  const kernel = bootForTest({ clock: () => now })
  const { sys, init } = kernel
  const fds = [0, 0]
  sys.pipe(init, fds)
  const [reader = -1, writer = -1] = fds
  const put = () => sys.write(init, writer, Uint8Array.of(1))
  const pass = (ms: number) => {
    now += ms
  }
  return { ...kernel, reader, writer, put, pass }
}

describe('poll and select', () => {
  test('sleeps, is woken by the pipe, and tells what is ready', () => {
    const { sys, init, reader, writer, put, machine } = withPipe()
    const fds = [{ fd: reader, events: POLLIN, revents: 0 }, { fd: 99, events: POLLIN, revents: 0 }]
    expect(sys.poll(init, [fds[0]!], 1, 1000)).toBe(-ERESTARTSYS)
    let woken = 0
    machine.sleepOn!.subscribe(() => woken++)
    put()
    expect(woken).toBe(1)
    expect(sys.poll(init, fds, 2, 1000)).toBe(2)
    expect(fds.map(({ revents }) => revents)).toEqual([POLLIN, POLLNVAL])
    sys.read(init, reader, new Uint8Array(8))
    sys.close(init, writer)
    expect(sys.poll(init, [fds[0]!], 1, 1000)).toBe(1)
    expect(fds[0]!.revents).toBe(POLLHUP)
  })

  test('a wait that the host gives up leaves nothing behind', () => {
    const { sys, init, reader, writer, machine } = withPipe()
    const fds = [0, 0]
    sys.pipe(init, fds)
    const both = [reader, fds[0]!].map((fd) => ({ fd, events: POLLIN, revents: 0 }))
    const isWaitedFor = () =>
      [reader, fds[0]!].map((fd) => pollQueue(fdTable(init).get(fd)!)!.isWaitedFor)
    expect(sys.poll(init, both, 2, 1000)).toBe(-ERESTARTSYS)
    expect(isWaitedFor()).toEqual([false, false])
    const wait = machine.sleepOn!
    const end = wait.subscribe(() => {})
    expect(isWaitedFor()).toEqual([true, true])
    end()
    expect(isWaitedFor()).toEqual([false, false])
    let woken = 0
    wait.subscribe(() => woken++)
    sys.write(init, writer, Uint8Array.of(1))
    expect([woken, ...isWaitedFor()]).toEqual([1, false, false])
  })

  test('a limit holds over the calls that are made again', () => {
    const { sys, init, reader, pass, machine } = withPipe()
    const poll = () => sys.poll(init, [{ fd: reader, events: POLLIN, revents: 0 }], 1, 100)
    expect(poll()).toBe(-ERESTARTSYS)
    expect(machine.sleepUntil).toBe(machine.clock() + 100)
    pass(60)
    expect(poll()).toBe(-ERESTARTSYS)
    pass(60)
    expect(poll()).toBe(0)
  })

  test('select answers with the sets', () => {
    const { sys, init, reader, writer, put } = withPipe()
    put()
    const inp = { value: 1n << BigInt(reader) }
    const out = { value: 1n << BigInt(writer) }
    expect(sys.select(init, writer + 1, inp, out, null, null)).toBe(2)
    expect([inp.value, out.value]).toEqual([1n << BigInt(reader), 1n << BigInt(writer)])
  })
})

test('select takes sets of any size, and tells what is ready in each', () => {
  const { sys, init, reader, writer, put } = withPipe()
  const high = 900
  sys.dup2(init, reader, high)
  const set = (...fds: readonly number[]) => ({ value: fds.reduce((sum, fd) => sum | (1n << BigInt(fd)), 0n) })
  const none = { tv_sec: 0, tv_usec: 0 }
  const [inp, outp] = [set(reader, high), set(writer)]
  expect([sys.select(init, 1 << 20, inp, outp, null, none), inp.value, outp.value]).toEqual([1, 0n, set(writer).value])
  put()
  const [again, beyond] = [set(reader, high), set(high)]
  expect([sys.select(init, 1 << 20, again, null, beyond, none), again.value]).toEqual([2, set(reader, high).value])
  expect(beyond.value).toBe(0n)
  // bits from `n` on are no business of the call
  const cut = set(reader, 1 << 19)
  expect([sys.select(init, high, cut, null, null, none), cut.value]).toEqual([1, set(reader).value])
  expect(sys.select(init, 1 << 20, set(1 << 19), null, null, none)).toBe(-EBADF)
})

describe('epoll', () => {
  test('level, edge and one shot', () => {
    const { sys, init, reader, put } = withPipe()
    const ep = sys.epoll_create1(init, 0)
    const wait = (): unknown[] => {
      const events: EpollEvent[] = []
      const n = sys.epoll_wait(init, ep, events, 8, 0)
      return events.slice(0, n).map(({ data }) => data)
    }
    expect(sys.epoll_ctl(init, ep, EPOLL_CTL_ADD, reader, { events: EPOLLIN, data: 'p' })).toBe(0)
    expect(sys.epoll_ctl(init, ep, EPOLL_CTL_ADD, reader, { events: EPOLLIN, data: 'p' })).toBe(-EEXIST)
    expect(wait()).toEqual([])
    put()
    expect([wait(), wait()]).toEqual([['p'], ['p']])
    sys.epoll_ctl(init, ep, EPOLL_CTL_MOD, reader, { events: EPOLLIN | EPOLLET, data: 'e' })
    expect([wait(), wait()]).toEqual([['e'], []])
    put()
    expect(wait()).toEqual(['e'])
    sys.epoll_ctl(init, ep, EPOLL_CTL_MOD, reader, { events: EPOLLIN | EPOLLONESHOT, data: 'o' })
    put()
    expect([wait(), wait()]).toEqual([['o'], []])
    expect(sys.epoll_ctl(init, ep, EPOLL_CTL_DEL, reader, null)).toBe(0)
    expect(sys.epoll_ctl(init, ep, EPOLL_CTL_DEL, reader, null)).toBe(-ENOENT)
  })

  test('plain files cannot be waited for, and epoll files not in circles', () => {
    const { sys, init } = bootForTest()
    const file = sys.openat(init, AT_FDCWD, '/tmp/f', O_CREAT | O_RDWR, 0o600)
    const [a, b] = [sys.epoll_create1(init, 0), sys.epoll_create1(init, 0)]
    const event = { events: EPOLLIN, data: 0 }
    expect(sys.epoll_ctl(init, a, EPOLL_CTL_ADD, file, event)).toBe(-EPERM)
    expect(sys.epoll_ctl(init, a, EPOLL_CTL_ADD, b, event)).toBe(0)
    expect(sys.epoll_ctl(init, b, EPOLL_CTL_ADD, a, event)).toBe(-ELOOP)
    expect(sys.epoll_ctl(init, a, EPOLL_CTL_ADD, a, event)).toBe(-EINVAL)
  })

  test('what is not watched any more is not waited for', () => {
    const { sys, init, reader } = withPipe()
    const ep = sys.epoll_create1(init, 0)
    for (let i = 0; i < 3; i++) {
      expect(sys.epoll_ctl(init, ep, EPOLL_CTL_ADD, reader, { events: EPOLLIN, data: 0 })).toBe(0)
      expect(sys.epoll_ctl(init, ep, EPOLL_CTL_DEL, reader, null)).toBe(0)
    }
    expect(pollQueue(fdTable(init).get(reader)!)!.isWaitedFor).toBe(false)
  })

  test.each([
    ['with more than it goes with', EPOLL_CTL_ADD, EPOLLEXCLUSIVE | EPOLLONESHOT, -EINVAL],
    ['changed, though not there', EPOLL_CTL_MOD, EPOLLEXCLUSIVE, -EINVAL],
    ['added', EPOLL_CTL_ADD, EPOLLEXCLUSIVE | EPOLLIN, 0],
  ])('EPOLLEXCLUSIVE %s', (_, op, events, rc) => {
    const { sys, init, reader } = withPipe()
    expect(sys.epoll_ctl(init, sys.epoll_create1(init, 0), op, reader, { events, data: 0 })).toBe(rc)
  })

  test('a closed file is not watched any more', () => {
    const { sys, init, reader, put, machine } = withPipe()
    const ep = sys.epoll_create1(init, 0)
    sys.epoll_ctl(init, ep, EPOLL_CTL_ADD, reader, { events: EPOLLIN, data: 1 })
    put()
    sys.close(init, reader)
    machine.runRcu()
    expect(sys.epoll_wait(init, ep, [], 8, 0)).toBe(0)
  })
})

describe('signals and time', () => {
  const mask = 1n << BigInt(SIGUSR1 - 1)

  test('signalfd and rt_sigtimedwait take pending signals', () => {
    const { sys, init } = bootForTest()
    sys.rt_sigprocmask(init, SIG_BLOCK, mask, null, 8)
    const fd = sys.signalfd4(init, -1, mask, 8, 0)
    expect(sys.read(init, fd, new Uint8Array(128))).toBe(-ERESTARTSYS)
    sys.kill(init, 1, SIGUSR1)
    const buf = new Uint8Array(256)
    expect([sys.read(init, fd, buf), buf[0]]).toEqual([128, SIGUSR1])
    sys.kill(init, 1, SIGUSR1)
    expect(sys.rt_sigtimedwait(init, mask, null, null, 8)).toBe(SIGUSR1)
    expect(sys.rt_sigtimedwait(init, mask, null, { tv_sec: 0, tv_nsec: 0 }, 8)).toBe(-EAGAIN)
  })

  test('ppoll lets a blocked signal through', () => {
    const { sys, fork } = bootForTest()
    const task = fork()
    sys.rt_sigaction(task, SIGUSR1, { handler: () => {}, flags: 0, mask: 0n }, null, 8)
    sys.rt_sigprocmask(task, SIG_BLOCK, mask, null, 8)
    sys.kill(task, task.pid, SIGUSR1)
    expect(sys.ppoll(task, null, 0, null, null, 0)).toBe(-ERESTARTSYS)
    expect(sys.ppoll(task, null, 0, null, 0n, 8)).toBe(-EINTR)
  })

  test('the seconds of an alarm are never negative', () => {
    const { sys, init } = withPipe()
    expect([sys.alarm(init, -1), sys.alarm(init, 0)]).toEqual([0, 2 ** 32 - 1])
  })

  test('an alarm and a timer fire when the host says that time has passed', () => {
    let now = 0
    const { sys, machine, fork } = bootForTest({ clock: () => now })
    const task = fork()
    const all = { value: 0n }
    sys.rt_sigprocmask(task, SIG_BLOCK, mask | (1n << BigInt(SIGALRM - 1)), null, 8)
    sys.alarm(task, 2)
    const id = { value: -1 }
    sys.timer_create(task, CLOCK_MONOTONIC, { sigev_notify: 0, sigev_signo: SIGUSR1 }, id)
    const second = { tv_sec: 1, tv_nsec: 0 }
    sys.timer_settime(task, id.value, 0, { it_interval: second, it_value: second }, null)
    expect(machine.timers.next()).toBe(1000)
    now = 3500
    machine.timers.run()
    sys.rt_sigpending(task, all, 8)
    expect(all.value).toBe(mask | (1n << BigInt(SIGALRM - 1)))
    expect(sys.timer_getoverrun(task, id.value)).toBe(2)
    const left = { it_interval: { tv_sec: 0, tv_usec: 0 }, it_value: { tv_sec: 0, tv_usec: 0 } }
    sys.getitimer(task, ITIMER_REAL, left)
    expect(left.it_value).toEqual({ tv_sec: 0, tv_usec: 0 })
  })

  test('the clock is set by who may, and shows', () => {
    const { sys, init, fork } = bootForTest()
    const user = fork(init, 1000)
    const ts = { tv_sec: 5, tv_nsec: 0 }
    expect(sys.clock_settime(init, CLOCK_MONOTONIC, ts)).toBe(-EINVAL)
    expect(sys.timer_create(user, CLOCK_BOOTTIME_ALARM, null, { value: 0 })).toBe(-EPERM)
    expect(sys.clock_settime(init, CLOCK_REALTIME, ts)).toBe(0)
    const now = { tv_sec: 0, tv_nsec: 0 }
    sys.clock_gettime(init, CLOCK_REALTIME, now)
    expect(now.tv_sec).toBe(5)
  })

  test('a futex wakes as many as it is told to', () => {
    const { sys, fork } = bootForTest()
    const word = { value: 1 }
    const [a, b, c] = [fork(), fork(), fork()]
    expect(sys.futex(a, word, FUTEX_WAIT, 0, null, null, 0)).toBe(-EAGAIN)
    for (const task of [a, b]) expect(sys.futex(task, word, FUTEX_WAIT, 1, null, null, 0)).toBe(-ERESTARTSYS)
    expect(sys.futex(c, word, FUTEX_WAKE, 1, null, null, 0)).toBe(1)
    expect(sys.futex(a, word, FUTEX_WAIT, 1, null, null, 0)).toBe(0)
    expect(sys.futex(b, word, FUTEX_WAIT, 1, null, null, 0)).toBe(-ERESTARTSYS)
  })
})

/** Epoll files that watch one another, how many ways lead up from one file, and who is told. */
import {
  AF_UNIX, CLOCK_MONOTONIC, EINVAL, ELOOP, ENOENT, ENOSPC, EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD, EPOLLIN,
  EPOLLOUT, ERESTARTSYS, POLLIN, SOCK_DGRAM, SOCK_NONBLOCK,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { expect, test } from 'vitest'
import type { Kernel } from '../boot/kernel.ts'
import { bootForTest } from '../testing/boot.ts'
import { fdTable } from '../state/vfs/fdtable.ts'
import { fileState } from '../state/vfs/state.ts'
import { sockaddrUn } from '../state/net/sockaddr.ts'

/** So many epoll files, each of which watches all of `below`; what that answered goes to `rcs`. */
const layer = (
  { sys, init }: Pick<Kernel, 'sys' | 'init'>, below: readonly number[], width: number, rcs: number[] = [],
): number[] =>
  Array.from({ length: width }, () => {
    const ep = sys.epoll_create1(init, 0)
    for (const fd of below) rcs.push(sys.epoll_ctl(init, ep, EPOLL_CTL_ADD, fd, { events: EPOLLIN, data: 0 }))
    return ep
  })

const ONE = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0)
/** Whoever watches the counter has heard of something that is gone again: it has to be looked at. */
const stir = ({ sys, init }: Pick<Kernel, 'sys' | 'init'>, fd: number): void => {
  sys.write(init, fd, ONE)
  sys.read(init, fd, new Uint8Array(8))
}

test('many ways to one file are gone once', () => {
  const { sys, init } = bootForTest()
  const watched = sys.eventfd2(init, 0, 0)
  const state = fileState(fdTable(init).get(watched)!)
  let polls = 0
  const { poll } = state.f_op
  state.f_op = { ...state.f_op, poll: (file) => (polls++, poll!(file)) }
  let below = [watched]
  for (const width of [20, 5, 1]) below = layer({ sys, init }, below, width)
  const asked = (): number => {
    polls = 0
    expect(sys.epoll_wait(init, below[0]!, [], 1, 0)).toBe(0)
    return polls
  }
  stir({ sys, init }, watched)
  expect([asked(), asked()]).toEqual([20, 0])
})

test.each([
  ['two levels', [500, 1], [501, 1]],
  ['three levels', [10, 10, 1], [101, 1, 1]],
  ['four levels', [5, 5, 2, 1], [51, 1, 1, 1]],
  ['five levels', [2, 5, 1, 1, 1], [11, 1, 1, 1, 1]],
])('few ways lead up from one file: %s', (_, may, mayNot) => {
  const { sys, init } = bootForTest()
  const rcs: number[] = []
  for (const widths of [may, mayNot]) {
    let below = [sys.eventfd2(init, 0, 0)]
    for (const width of widths) below = layer({ sys, init }, below, width, rcs)
    rcs.push(1)
  }
  expect([...new Set(rcs)]).toEqual([0, 1, -EINVAL])
})

test('a file below many is refused when it comes last', () => {
  const { sys, init } = bootForTest()
  const lowest = layer({ sys, init }, [], 1)
  let below = lowest
  const rcs: number[] = []
  for (const width of [10, 10, 10, 10]) below = layer({ sys, init }, below, width, rcs)
  expect([...new Set(rcs)]).toEqual([0])
  const event = { events: EPOLLIN, data: 0 }
  const fd = sys.eventfd2(init, 0, 0)
  expect(sys.epoll_ctl(init, lowest[0]!, EPOLL_CTL_ADD, fd, event)).toBe(-EINVAL)
  expect(sys.epoll_ctl(init, lowest[0]!, EPOLL_CTL_DEL, fd, null)).toBe(-ENOENT)
})

test('five levels, whichever is joined to which', () => {
  const { sys, init } = bootForTest()
  const chain = (length: number): number[] => {
    const made: number[] = []
    for (let i = 0; i < length; i++) made.push(layer({ sys, init }, made.slice(-1), 1)[0]!)
    return made
  }
  const join = (upper: readonly number[], lower: readonly number[]): number =>
    sys.epoll_ctl(init, upper[0]!, EPOLL_CTL_ADD, lower.at(-1)!, { events: EPOLLIN, data: 0 })
  expect([join(chain(2), chain(3)), join(chain(3), chain(3)), join(chain(1), chain(5))]).toEqual([0, -ELOOP, -ELOOP])
})

test('a user has so many watches', () => {
  const { sys, init, fork, machine } = bootForTest()
  machine.sysctl.max_user_watches = 2
  const add = (task: Task, ep: number): number =>
    sys.epoll_ctl(task, ep, EPOLL_CTL_ADD, sys.eventfd2(task, 0, 0), { events: EPOLLIN, data: 0 })
  const [a, b] = [sys.epoll_create1(init, 0), sys.epoll_create1(init, 0)]
  expect([add(init, a), add(init, b), add(init, b)]).toEqual([0, 0, -ENOSPC])
  const other = fork(init, 1000)
  expect(add(other, sys.epoll_create1(other, 0))).toBe(0)
  sys.close(other, a)
  sys.close(init, a)
  expect(add(init, b)).toBe(0)
})

test('who sleeps hears of what is ready when it is added or changed, and of nothing else', () => {
  const { sys, init, machine } = bootForTest()
  const fds = [0, 0]
  sys.pipe(init, fds)
  const put = () => sys.write(init, fds[1]!, Uint8Array.of(1))
  const ep = sys.epoll_create1(init, 0)
  const [idle, ready] = [fds[0]!, sys.eventfd2(init, 1, 0)]
  const wakes = (act: () => void): number => {
    expect(sys.epoll_wait(init, ep, [], 1, -1)).toBe(-ERESTARTSYS)
    let count = 0
    const stop = machine.sleepOn!.subscribe(() => void count++)
    act()
    stop()
    return count
  }
  expect(wakes(() => sys.epoll_ctl(init, ep, EPOLL_CTL_ADD, idle, { events: EPOLLIN, data: 0 }))).toBe(0)
  expect(wakes(() => sys.epoll_ctl(init, ep, EPOLL_CTL_MOD, idle, { events: EPOLLOUT, data: 0 }))).toBe(0)
  expect(wakes(put)).toBe(0)
  expect(wakes(() => sys.epoll_ctl(init, ep, EPOLL_CTL_MOD, idle, { events: EPOLLIN, data: 0 }))).toBe(1)
  sys.epoll_ctl(init, ep, EPOLL_CTL_DEL, idle, null)
  expect(wakes(() => sys.epoll_ctl(init, ep, EPOLL_CTL_ADD, ready, { events: EPOLLIN, data: 0 }))).toBe(1)
})

test('one poll looks into an epoll file once, however often it asks', () => {
  const { sys, init } = bootForTest()
  const watched = sys.eventfd2(init, 0, 0)
  const state = fileState(fdTable(init).get(watched)!)
  let polls = 0
  const { poll } = state.f_op
  state.f_op = { ...state.f_op, poll: (file) => (polls++, poll!(file)) }
  const [ep = -1] = layer({ sys, init }, [watched], 1)
  stir({ sys, init }, watched)
  polls = 0
  const fds = Array.from({ length: 200 }, () => ({ fd: ep, events: POLLIN, revents: 0 }))
  expect([sys.poll(init, fds, 200, 0), polls]).toEqual([0, 1])
  sys.write(init, watched, ONE)
  expect([sys.poll(init, fds, 200, 0), polls]).toEqual([200, 2])
})

/** What the machine's sleepers hear while `act` runs; `fd` is polled first, and is not ready. */
const hears = ({ sys, init, machine }: Kernel, fd: number, events: number, act: () => void): number => {
  expect(sys.poll(init, [{ fd, events, revents: 0 }], 1, -1)).toBe(-ERESTARTSYS)
  let count = 0
  machine.sleepOn!.subscribe(() => void count++)
  act()
  return count
}

test('who polls a timer, a process, a sender without room hears of its time, its end, its room', () => {
  let now = 1_000_000
  const kernel = bootForTest({ clock: () => now })
  const { sys, init, fork, machine } = kernel
  const timer = sys.timerfd_create(init, CLOCK_MONOTONIC, 0)
  const second = { tv_sec: 1, tv_nsec: 0 }
  sys.timerfd_settime(init, timer, 0, { it_interval: second, it_value: second }, null)
  expect(hears(kernel, timer, EPOLLIN, () => {
    now += 1000
    machine.hrtimers.run()
  })).toBe(1)
  const child = fork(fork())
  const process = sys.pidfd_open(init, child.pid, 0)
  expect(hears(kernel, process, EPOLLIN, () => sys.exit_group(child, 0))).toBe(1)

  const name = sockaddrUn('\0full')
  const [receiver, sender, other] = [0, 1, 2].map(() => sys.socket(init, AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0))
  sys.bind(init, receiver!, name, name.length)
  for (const fd of [sender!, other!]) sys.connect(init, fd, name, name.length)
  while (sys.write(init, other!, ONE) > 0);
  expect(hears(kernel, sender!, EPOLLOUT, () => sys.read(init, receiver!, new Uint8Array(8)))).toBe(1)
})

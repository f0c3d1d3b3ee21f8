/** Performance events: who may have them, what hooks are asked, what they count. */
import {
  E2BIG, EACCES, EBADF, EFAULT, EINVAL, ENOENT, ENOSPC, ENOTTY, ESRCH, MAP_PRIVATE, MAP_SHARED, O_RDONLY,
  PERF_COUNT_SW_PAGE_FAULTS, PERF_EVENT_IOC_DISABLE, PERF_EVENT_IOC_ENABLE, PERF_EVENT_IOC_ID, PERF_EVENT_IOC_RESET,
  PERF_FORMAT_GROUP, PERF_FORMAT_ID, PERF_FORMAT_TOTAL_TIME_ENABLED, PERF_FORMAT_TOTAL_TIME_RUNNING,
  PERF_SECURITY_CPU, PERF_SECURITY_KERNEL, PERF_SECURITY_OPEN, PERF_TYPE_HARDWARE, PERF_TYPE_SOFTWARE,
  PERF_TYPE_TRACEPOINT, PROT_READ,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import { expect, test } from 'vitest'
import type { PerfEventAttr } from '../perf/perf-event.ts'
import { bootForTest } from '../testing/boot.ts'

const clock = { type: PERF_TYPE_SOFTWARE }

const boot = () => {
  let now = 0
  let refused = ''
  const told: string[] = []
  const ask = (name: string) => {
    told.push(name)
    return name === refused ? -EACCES : 0
  }
  const watcher = defineLsm({
    name: 'watcher',
    abi: '1.0',
    hooks: {
      perf_event_open: (type) => ask(`open ${type}`),
      perf_event_alloc: () => ask('alloc'),
      perf_event_read: () => ask('read'),
      perf_event_write: () => ask('write'),
    },
  })
  const kernel = bootForTest({ lsms: [watcher], clock: () => now })
  const { sys, init } = kernel
  const open = (attr: PerfEventAttr | null, pid = 0, cpu = -1, group = -1, flags = 0, task = init): number =>
    sys.perf_event_open(task, attr, pid, cpu, group, flags)
  const words = (fd: number, count = 1): number[] | number => {
    const buf = new Uint8Array(count * 8)
    const rc = sys.read(init, fd, buf)
    const view = new DataView(buf.buffer)
    return rc < 0 ? rc : Array.from({ length: rc / 8 }, (_, at) => Number(view.getBigUint64(at * 8, true)))
  }
  return {
    ...kernel, open, words, told,
    refuse: (name: string) => void (refused = name),
    pass: (milliseconds: number) => void (now += milliseconds),
  }
}

test.each<[string, PerfEventAttr | null, number, number, number, number, number]>([
  ['no attributes', null, 0, -1, -1, 0, -EFAULT],
  ['flags there are not', clock, 0, -1, -1, 16, -EINVAL],
  ['a size below the first', { ...clock, size: 63 }, 0, -1, -1, 0, -E2BIG],
  ['a read format there is not', { ...clock, read_format: 64 }, 0, -1, -1, 0, -EINVAL],
  ['nobody, nowhere', clock, -1, -1, -1, 0, -EINVAL],
  ['a processor there is not', clock, -1, 9, -1, 0, -EINVAL],
  ['a task there is not', clock, 9999, -1, -1, 0, -ESRCH],
  ['no group', clock, 0, -1, 99, 0, -EBADF],
  ['no control group', clock, 1, 0, -1, 4, -EBADF],
  ['hardware', { type: PERF_TYPE_HARDWARE }, 0, -1, -1, 0, -ENOENT],
  ['software there is not', { ...clock, config: 12 }, 0, -1, -1, 0, -ENOENT],
  ['a tracepoint there is not', { type: PERF_TYPE_TRACEPOINT, config: 9999 }, 0, -1, -1, 0, -EINVAL],
])('%s', (_what, attr, pid, cpu, group, flags, rc) => {
  expect(boot().open(attr, pid, cpu, group, flags)).toBe(rc)
})

test('hooks in their order; each may refuse', () => {
  const { open, told, refuse, words, sys, init } = boot()
  const fd = open(clock)
  expect(told.splice(0)).toEqual([`open ${PERF_SECURITY_OPEN}`, `open ${PERF_SECURITY_KERNEL}`, 'alloc'])
  open({ ...clock, exclude_kernel: true }, -1, 0)
  expect(told.splice(0)).toEqual([`open ${PERF_SECURITY_OPEN}`, 'alloc', `open ${PERF_SECURITY_CPU}`])
  for (const name of [`open ${PERF_SECURITY_OPEN}`, `open ${PERF_SECURITY_KERNEL}`, 'alloc']) {
    refuse(name)
    expect(open(clock)).toBe(-EACCES)
  }
  refuse('read')
  expect(words(fd)).toBe(-EACCES)
  refuse('write')
  expect(sys.ioctl(init, fd, PERF_EVENT_IOC_DISABLE, 0)).toBe(-EACCES)
})

test.each([
  [3, [-EACCES, -EACCES, -EACCES]], [2, ['ok', -EACCES, -EACCES]], [1, ['ok', 'ok', -EACCES]], [0, ['ok', 'ok', 'ok']],
])('paranoid %i: oneself, the kernel, the processor, without privilege', (paranoid, expected) => {
  const { open, machine, fork, init } = boot()
  machine.sysctl.perf_event_paranoid = paranoid
  const user = fork(init, 1000)
  const rcs = [
    open({ ...clock, exclude_kernel: true }, 0, -1, -1, 0, user), open(clock, 0, -1, -1, 0, user),
    open({ ...clock, exclude_kernel: true }, -1, 0, -1, 0, user),
  ]
  expect(rcs.map((rc) => (rc < 0 ? rc : 'ok'))).toEqual(expected)
})

test('clocks count while they are enabled', () => {
  const { open, words, pass, sys, init } = boot()
  const fd = open({
    ...clock, disabled: true, read_format: PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
  })
  pass(5)
  expect(words(fd, 3)).toEqual([0, 0, 0])
  sys.ioctl(init, fd, PERF_EVENT_IOC_ENABLE, 0)
  pass(5)
  expect(words(fd, 3)).toEqual([5e6, 5e6, 5e6])
  sys.ioctl(init, fd, PERF_EVENT_IOC_RESET, 0)
  pass(1)
  sys.ioctl(init, fd, PERF_EVENT_IOC_DISABLE, 0)
  pass(7)
  expect([words(fd, 3), words(fd, 2)]).toEqual([[1e6, 6e6, 6e6], -ENOSPC])
  expect(words(open({ ...clock, config: PERF_COUNT_SW_PAGE_FAULTS }))).toEqual([0])
  expect(sys.ioctl(init, fd, 1, 0)).toBe(-ENOTTY)
})

test('a tracepoint counts what happens to its task', () => {
  const { open, words, sys, init, fork } = boot()
  const id = sys.open(init, '/sys/kernel/tracing/events/sched/sched_process_fork/id', O_RDONLY, 0)
  const text = new Uint8Array(16)
  const config = Number.parseInt(new TextDecoder().decode(text.subarray(0, sys.read(init, id, text))), 10)
  const fd = open({ type: PERF_TYPE_TRACEPOINT, config })
  const child = fork()
  fork(child)
  fork()
  expect(words(fd)).toEqual([2])
})

test('groups are read at once, and mappings have one size', () => {
  const { open, words, sys, init } = boot()
  const leader = open({ ...clock, disabled: true, read_format: PERF_FORMAT_GROUP | PERF_FORMAT_ID })
  const member = open({ ...clock, disabled: true }, 0, -1, leader)
  const id = { value: 0 }
  sys.ioctl(init, leader, PERF_EVENT_IOC_ID, id)
  expect(words(leader, 5)).toEqual([2, 0, id.value, 0, id.value + 1])
  expect(open({ ...clock, disabled: true }, 0, -1, member)).toBe(-EINVAL)
  const map = (pages: number, flags: number) =>
    Math.min(sys.mmap(init, 0, pages * 4096, PROT_READ, flags, leader, 0), 0)
  expect([map(2, MAP_PRIVATE), map(4, MAP_SHARED), map(3, MAP_SHARED), map(2, MAP_SHARED)]).toEqual([
    -EINVAL, -EINVAL, 0, -EINVAL,
  ])
  sys.close(init, member)
  expect(words(leader, 5)).toEqual([1, 0, id.value])
})

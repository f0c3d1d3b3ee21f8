/** Words that are waited for: by mask, by several at once, moved to another word, and until a time. */
import {
  CLOCK_MONOTONIC, CLOCK_REALTIME, EAGAIN, EFAULT, EINVAL, ENOSYS, ERESTARTSYS, errnoName, ETIMEDOUT,
  FUTEX_CLOCK_REALTIME, FUTEX_CMP_REQUEUE, FUTEX_REQUEUE, FUTEX_WAIT, FUTEX_WAIT_BITSET, FUTEX_WAKE, FUTEX_WAKE_BITSET,
  FUTEX_WAKE_OP, SIGKILL,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'

const U32 = 2
const ALL = 0xffffffff

const setUp = () => {
  let ms = 1_000_000
  const kernel = bootForTest({ clock: () => ms })
  const { sys, init, fork } = kernel
  const word = { value: 1 }
  const other = { value: 5 }
  const [a, b] = [fork(), fork()]
  const waits = (task: Task, mask = ALL, uaddr = word) => sys.futex_wait(task, uaddr, uaddr.value, mask, U32, null, 0)
  return { ...kernel, word, other, a, b, waits, init, pass: (more: number) => void (ms += more) }
}

test('a mask chooses who is woken', () => {
  const { sys, init, word, a, b, waits } = setUp()
  expect([waits(a, 1), waits(b, 2)]).toEqual([-ERESTARTSYS, -ERESTARTSYS])
  expect(sys.futex_wake(init, word, 2, 9, U32)).toBe(1)
  expect([waits(a, 1), waits(b, 2)]).toEqual([-ERESTARTSYS, 0])
  expect([sys.futex(init, word, FUTEX_WAKE_BITSET, 9, null, null, 1), waits(a, 1)]).toEqual([1, 0])
})

test('the end of a thread', () => {
  const { sys, fork, a, waits, word } = setUp()
  const child = fork()
  sys.set_tid_address(child, word)
  expect(waits(a)).toBe(-ERESTARTSYS)
  sys.exit(child, 0)
  expect([word.value, sys.futex_wait(a, word, 1, ALL, U32, null, 0)]).toEqual([0, 0])
})

test('who ends does not take a wake from others', () => {
  const { sys, init, word, a, b, waits } = setUp()
  expect([waits(a), waits(b)]).toEqual([-ERESTARTSYS, -ERESTARTSYS])
  sys.kill(init, a.pid, SIGKILL)
  expect([sys.futex_wake(init, word, ALL, 1, U32), waits(b)]).toEqual([1, 0])
})

test('several words: the one that woke is told', () => {
  const { sys, init, word, other, a } = setUp()
  const words = [word, other].map((uaddr) => ({ uaddr, val: uaddr.value, flags: U32 }))
  const wait = () => sys.futex_waitv(a, words, 2, 0, null, 0)
  expect(wait()).toBe(-ERESTARTSYS)
  expect([sys.futex_wake(init, other, ALL, 1, U32), sys.futex_wake(init, word, ALL, 1, U32), wait()]).toEqual([1, 0, 1])
  word.value = 9
  expect(wait()).toBe(-EAGAIN)
})

test('a requeue moves those it does not wake', () => {
  const { sys, init, word, other, a, b, waits } = setUp()
  waits(a)
  waits(b)
  expect(sys.futex(init, word, FUTEX_REQUEUE, 1, 5, other, 0)).toBe(2)
  expect([waits(a), waits(b)]).toEqual([0, -ERESTARTSYS])
  const words = [word, other].map((uaddr) => ({ uaddr, val: uaddr.value, flags: U32 }))
  waits(a)
  expect(sys.futex_requeue(init, words, 0, 0, 1)).toBe(1)
  expect([sys.futex_wake(init, word, ALL, 9, U32), sys.futex_wake(init, other, ALL, 9, U32)]).toEqual([1, 1])
  expect(sys.futex(init, word, FUTEX_CMP_REQUEUE, 1, 1, other, 77)).toBe(-EAGAIN)
})

test.each([
  ['set to 7, was 5', (0 << 28) | (0 << 24) | (7 << 12) | 5, 2, 7],
  ['set to 7, was not 4', (0 << 28) | (0 << 24) | (7 << 12) | 4, 1, 7],
  ['less 1, was above 0', (1 << 28) | (4 << 24) | (0xfff << 12) | 0, 2, 4],
  ['bit 3 set, was at most 4', (10 << 28) | (3 << 24) | (3 << 12) | 4, 1, 13],
  ['bit 0 cleared', (3 << 28) | (1 << 24) | (1 << 12) | 9, 2, 4],
  ['no such operation', 5 << 28, -ENOSYS, 5],
])('a word is changed and two are woken: %s', (_, encoded, woken, value) => {
  const { sys, init, word, other, a, b, waits } = setUp()
  waits(a)
  waits(b, ALL, other)
  expect([sys.futex(init, word, FUTEX_WAKE_OP, 1, 1, other, encoded), other.value]).toEqual([woken, value])
})

test('limits of time are absolute, but for the oldest call', () => {
  const { sys, a, word, pass } = setUp()
  const at = (clock: number, ms: number) => ({ tv_sec: (clock === CLOCK_REALTIME ? 1000 : 0) + ms / 1000, tv_nsec: 0 })
  for (const clock of [CLOCK_REALTIME, CLOCK_MONOTONIC]) {
    const { sys: own, a: task, word: own_word, pass: later } = setUp()
    const wait = () => own.futex_wait(task, own_word, 1, ALL, U32, at(clock, 2000), clock)
    expect(wait()).toBe(-ERESTARTSYS)
    later(2000)
    expect(wait()).toBe(-ETIMEDOUT)
  }
  const old = () => sys.futex(a, word, FUTEX_WAIT, 1, { tv_sec: 2, tv_nsec: 0 }, null, 0)
  expect(old()).toBe(-ERESTARTSYS)
  pass(2000)
  expect(old()).toBe(-ETIMEDOUT)
  expect(sys.futex(a, word, FUTEX_WAIT_BITSET, 1, { tv_sec: 2, tv_nsec: 0 }, null, 1)).toBe(-ETIMEDOUT)
})

describe('what is refused', () => {
  const ts = { tv_sec: 1, tv_nsec: 0 }
  const rows: Record<string, readonly [call: (k: ReturnType<typeof setUp>) => number, rc: number]> = {
    'words of 64 bits': [({ sys, init, word }) => sys.futex_wake(init, word, 1, 1, 3), -EINVAL],
    'flags that are none': [({ sys, init, word }) => sys.futex_wake(init, word, 1, 1, 0x42), -EINVAL],
    'no bit': [({ sys, init, word }) => sys.futex_wake(init, word, 0, 1, U32), -EINVAL],
    'nobody': [({ sys, init, word }) => sys.futex_wake(init, word, 1, 0, U32), 0],
    'no word': [({ sys, init }) => sys.futex_wake(init, null, 1, 1, U32), -EFAULT],
    'another value': [({ sys, init, word }) => sys.futex_wait(init, word, 2, 1, U32, null, 0), -EAGAIN],
    'a value too large': [({ sys, init, word }) => sys.futex_wait(init, word, 2 ** 40, 1, U32, null, 0), -EINVAL],
    'another clock': [({ sys, init, word }) => sys.futex_wait(init, word, 1, 1, U32, ts, 7), -EINVAL],
    'no words': [({ sys, init }) => sys.futex_waitv(init, [], 0, 0, null, 0), -EINVAL],
    'more words than there are': [({ sys, init }) => sys.futex_waitv(init, [], 1, 0, null, 0), -EFAULT],
    'the wall clock for the oldest call': [
      ({ sys, init, word }) => sys.futex(init, word, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 1, ts, null, 0), -ENOSYS,
    ],
    'waking by the wall clock': [
      ({ sys, init, word }) => sys.futex(init, word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, null, null, 0), -ENOSYS,
    ],
  }
  test.each(Object.entries(rows))('%s', (_, [call, rc]) => expect(errnoName(call(setUp()))).toBe(errnoName(rc)))
})

test('what an epoll instance watches is compared with an open file', () => {
  const { sys, a, fork } = setUp()
  const ep = sys.epoll_create1(a, 0)
  const fd = sys.eventfd(a, 0)
  const other = sys.eventfd(a, 0)
  sys.epoll_ctl(a, ep, 1, fd, { events: 1, data: 0 })
  const child = fork(a)
  const kcmp = (file: number, efd: number, tfd: number, toff = 0) =>
    sys.kcmp(a, child.pid, a.pid, 7, file, { efd, tfd, toff })
  expect([kcmp(fd, ep, fd), kcmp(other, ep, fd) > 0, kcmp(99, ep, fd), kcmp(fd, 99, fd)]).toEqual([0, true, -9, -9])
  expect([kcmp(fd, fd, fd), kcmp(fd, ep, other), kcmp(fd, ep, fd, 1)]).toEqual([-22, -2, -2])
})

test('segments are kept as the processor reads them', () => {
  const { sys, fork, a } = setUp()
  const desc = {
    entry_number: 1, base_addr: 0x12345678, limit: 0xfffff, seg_32bit: 1, contents: 0, read_exec_only: 0,
    limit_in_pages: 1, seg_not_present: 0, useable: 1,
  }
  const bytes = new Uint8Array(24)
  expect(sys.modify_ldt(a, 0, bytes, 24)).toBe(0)
  expect([sys.modify_ldt(a, 0x11, desc, 16), sys.modify_ldt(fork(a), 0, bytes, 24)]).toEqual([0, 24])
  expect([...bytes].map((byte) => byte.toString(16)).join(' ')).toBe(
    '0 0 0 0 0 0 0 0 ff ff 78 56 34 f3 df 12 0 0 0 0 0 0 0 0',
  )
  expect([
    sys.modify_ldt(a, 0x11, desc, 15), sys.modify_ldt(a, 0x11, { ...desc, entry_number: 8192 }, 16),
    sys.modify_ldt(a, 1, { ...desc, contents: 3 }, 16), sys.modify_ldt(a, 2, bytes, 24),
    sys.modify_ldt(a, 5, bytes, 24),
  ]).toEqual([-EINVAL, -EINVAL, -EINVAL, 24, -ENOSYS])
})

/** Filters of system calls: what is taken, which answer counts, who has them. */
import {
  EINVAL, ENOSYS, SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO, SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD,
  SECCOMP_RET_LOG, SECCOMP_RET_TRAP, SECCOMP_RET_USER_NOTIF, SYS_mkdir, SYS_openat,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { checkFilter } from '../state/seccomp/classic.ts'
import type { SockFilter } from '../state/seccomp/classic.ts'
import { seccomp } from './filters.ts'

const op = (code: number, k = 0, jt = 0, jf = 0): SockFilter => ({ code, jt, jf, k })
const RETURN = (k: number) => op(0x06, k)
/** `answer` for the call of that number, allow for the rest. */
const onCall = (nr: number, answer: number): SockFilter[] =>
  [op(0x20, 0), op(0x15, nr, 0, 1), RETURN(answer), RETURN(SECCOMP_RET_ALLOW)]
const task = (): Task => ({ signal: null }) as unknown as Task

test.each<[string, SockFilter[], number]>([
  ['only a return', [RETURN(0)], 0],
  ['nothing', [], -EINVAL],
  ['no return at the end', [op(0x20, 0)], -EINVAL],
  ['a load beyond the data', [op(0x20, 64), RETURN(0)], -EINVAL],
  ['a load that is not aligned', [op(0x20, 2), RETURN(0)], -EINVAL],
  ['a load of a byte', [op(0x30, 0), RETURN(0)], -EINVAL],
  ['an indirect load', [op(0x40, 0), RETURN(0)], -EINVAL],
  ['scratch word 16', [op(0x02, 16), RETURN(0)], -EINVAL],
  ['division by 0', [op(0x34, 0), RETURN(0)], -EINVAL],
  ['a shift by 32', [op(0x64, 32), RETURN(0)], -EINVAL],
  ['a remainder', [op(0x94, 3), RETURN(0)], -EINVAL],
  ['a jump outside', [op(0x15, 0, 1, 0), RETURN(0)], -EINVAL],
  ['a jump to the end', [op(0x15, 0, 0, 0), RETURN(0)], 0],
])('%s: %#', (_what, filter, rc) => {
  expect(checkFilter(filter)).toBe(rc)
})

test('an answer is for the call that is asked about', () => {
  const filters = seccomp()
  const me = task()
  expect(filters.enter(me, SYS_openat, [])).toBeNull()
  expect(filters.attach(me, onCall(SYS_mkdir, SECCOMP_RET_ERRNO | 13), 0)).toBe(0)
  expect(filters.enter(me, SYS_openat, [])).toBeNull()
  expect(filters.enter(me, SYS_mkdir, [])).toEqual({ kind: 'answer', rc: -13 })
  expect(filters.attach(me, [op(0x30), RETURN(0)], 0)).toBe(-EINVAL)
  expect(filters.count(me)).toBe(1)
})

test('arguments are two words each; what is not a number is 0', () => {
  const filters = seccomp()
  const me = task()
  // the second argument's words, low and high
  filters.attach(me, [op(0x20, 24), op(0x15, 5, 0, 3), op(0x20, 28), op(0x15, 1, 0, 1), RETURN(SECCOMP_RET_ERRNO | 1),
    RETURN(SECCOMP_RET_ALLOW)], 0)
  expect(filters.enter(me, 1, [0, 2 ** 32 + 5])).toEqual({ kind: 'answer', rc: -1 })
  expect(filters.enter(me, 1, [0, 5])).toBeNull()
  expect(filters.enter(me, 1, [0, 'text'])).toBeNull()
})

test('all filters run; the most severe answer counts, of equal ones the newest', () => {
  const order = [
    SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO | 7, SECCOMP_RET_USER_NOTIF,
    SECCOMP_RET_LOG, SECCOMP_RET_ALLOW,
  ]
  const outcome = (answers: readonly number[]) => {
    const filters = seccomp()
    const me = task()
    for (const answer of answers) filters.attach(me, [RETURN(answer)], 0)
    return filters.enter(me, 0, [])
  }
  for (const [severe, one] of order.entries()) {
    for (const other of order.slice(severe)) {
      expect(outcome([one, other])).toEqual(outcome([one]))
      expect(outcome([other, one])).toEqual(outcome([one]))
    }
  }
  expect(outcome([SECCOMP_RET_ERRNO | 1, SECCOMP_RET_ERRNO | 2])).toEqual({ kind: 'answer', rc: -2 })
  expect(outcome([SECCOMP_RET_ERRNO | 0xffff])).toEqual({ kind: 'answer', rc: -4095 })
  expect(outcome([SECCOMP_RET_USER_NOTIF])).toEqual({ kind: 'answer', rc: -ENOSYS })
  expect(outcome([0x12340000])).toEqual({ kind: 'kill', scope: 'process' })
})

test('a child has its parent\'s filters, and its own beside them', () => {
  const filters = seccomp()
  const [parent, child] = [task(), task()]
  filters.attach(parent, onCall(SYS_mkdir, SECCOMP_RET_ERRNO | 1), 0)
  filters.inherit(parent, child)
  filters.attach(child, onCall(SYS_openat, SECCOMP_RET_ERRNO | 2), 0)
  expect(filters.enter(child, SYS_mkdir, [])).toEqual({ kind: 'answer', rc: -1 })
  expect(filters.enter(child, SYS_openat, [])).toEqual({ kind: 'answer', rc: -2 })
  expect(filters.enter(parent, SYS_openat, [])).toBeNull()
})

test('there is an end to how many', () => {
  const filters = seccomp()
  const me = task()
  const long = [...Array.from({ length: 4095 }, () => op(0x00, 1)), RETURN(SECCOMP_RET_ALLOW)]
  let rc = 0
  for (let at = 0; at < 8 && rc === 0; at++) rc = filters.attach(me, long, 0)
  expect(rc).toBe(-12)
})

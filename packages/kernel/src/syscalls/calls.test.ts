/** The table of calls: one row a name, with the arguments that seccomp and watchers see. */
import { FUTEX_WAKE } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import { callRowsOf } from '../boot/call-rows.ts'
import { everySubsystem } from '../boot/chosen/every.ts'
import { ABSENT_CALLS } from '../boot/absent-calls.ts'
import { rowsOf } from './calls.ts'
import { FutexTable } from './futex-table.ts'
import { syscallTable } from './table.ts'

test('two calls of one name are an error, whichever files they are in', () => {
  const one = { calls: { getpid: () => 1, gettid: () => 1 } }
  expect(() => rowsOf([one, { calls: { getpid: () => 2 } }])).toThrow('two system calls have the name getpid')
  const rows = rowsOf([one, { calls: { getppid: () => 2 } }])
  expect(rows.map(({ name }) => name)).toEqual(['getpid', 'gettid', 'getppid'])
})

const callRows = callRowsOf(new Map(everySubsystem.map((subsystem) => [subsystem.name, subsystem])))

test('no name stands twice in all subsystems', () => {
  const names = callRows.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})

test.each(everySubsystem.map(({ name, calls = [] }) => [name, calls] as const))(
  '%s: the calls of a kernel without it are those of one with it', (name, calls) => {
    const rows = rowsOf(calls).map((row) => [row.name, row.arity])
    expect(Object.entries(ABSENT_CALLS[name as keyof typeof ABSENT_CALLS])).toEqual(rows)
  })

test('each call has a line in the table of system calls', () => {
  expect(callRows.filter(({ name }) => !Object.hasOwn(syscallTable, name))).toEqual([])
})

test.each([
  ['sched_yield', 0, null], ['getpid', 0, null], ['close', 1, null], ['openat', 4, null], ['mmap', 6, null],
  ['shmat', 3, 'sysvipc'], ['mq_open', 4, 'mqueue'], ['keyctl', 5, 'keys'], ['io_submit', 3, 'aio'],
  ['mbind', 6, 'numa'], ['quotactl', 4, 'quota'], ['fanotify_mark', 5, 'fanotify'], ['inotify_init', 0, 'inotify'],
])('%s takes %d arguments and belongs to %s', (wanted, arity, subsystem) => {
  expect(callRows.find(({ name }) => name === wanted)).toMatchObject({ arity, subsystem })
})

test('state of calls is made at its first use, for each machine its own', () => {
  const [one, other] = [bootForTest(), bootForTest()]
  expect([one.machine.parts.has(FutexTable), other.machine.parts.has(FutexTable)]).toEqual([false, false])
  expect(one.sys.futex(one.init, { value: 0 }, FUTEX_WAKE, 1, null, null, 0)).toBe(0)
  expect([one.machine.parts.has(FutexTable), other.machine.parts.has(FutexTable)]).toEqual([true, false])
  expect(one.machine.part(FutexTable)).toBe(one.machine.part(FutexTable))
  expect(other.machine.part(FutexTable)).not.toBe(one.machine.part(FutexTable))
})

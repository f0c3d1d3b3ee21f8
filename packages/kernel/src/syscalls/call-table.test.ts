/** Tables of calls: each function is made once, when it is asked for, and nothing else is there. */
import type { Task } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import { callNames, wrapTable } from './call-table.ts'
import type { SysCall } from './call-table.ts'

test('a call is made at its first use, and stays the same function', () => {
  const { sys, init } = bootForTest()
  const made: string[] = []
  const wrapped = wrapTable(sys, (name, call) => {
    made.push(name)
    return call
  })
  expect(made).toEqual([])
  expect(wrapped.getpid(init)).toBe(1)
  expect(wrapped.getpid).toBe(wrapped.getpid)
  expect(wrapped.getpid).toBe(sys.getpid)
  expect(made).toEqual(['getpid'])
})

test('tables of two kernels have the same names and functions of their own', () => {
  const [one, other] = [bootForTest().sys, bootForTest().sys]
  expect(callNames(one).length).toBeGreaterThan(300)
  expect(callNames(other)).toEqual(callNames(one))
  expect(one.getpid).not.toBe(other.getpid)
})

test('nothing of Object.prototype is a call', () => {
  const { sys, syscall, init } = bootForTest()
  const names = ['constructor', 'toString', '__proto__', 'hasOwnProperty']
  for (const calls of [sys, wrapTable(sys, (_name, call) => call)]) {
    expect(names.filter((name) => name in calls)).toEqual([])
  }
  expect(names.map((name) => syscall(init, name))).toEqual(names.map(() => -38))
})

test('calls that somebody has in an object of their own can be wrapped too', () => {
  const task = {} as Task
  const double = (call: SysCall): SysCall => (of, ...args) => call(of, ...args as unknown[]) * 2
  const wrapped = wrapTable({ one: () => 1, two: () => 2 }, (_name, call) => double(call))
  expect(callNames(wrapped)).toEqual(['one', 'two'])
  expect([wrapped.one, wrapped.two].map((call: SysCall) => call(task))).toEqual([2, 4])
})

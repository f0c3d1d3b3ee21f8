/** The two tables of system calls agree: what an emitted profile refuses by name, a native program is refused too. */
import { expect, test } from 'vitest'
import { specialCalls } from '../../packages/emit/src/calls.ts'
import {
  absentCalls, allowedCalls, argumentRules, attributeCalls, refusedCalls,
} from '../../packages/native/src/plan/calls.ts'

const choice = { tcp: true, unix: true, udp: true, listens: true, attributes: true, listener: false }
const byArguments = argumentRules(choice).map(({ call }) => call)

test('no call that is special in an emitted profile is a native program\'s', () => {
  const own = new Set([...allowedCalls, ...attributeCalls, ...byArguments])
  expect([...specialCalls.keys()].filter((name) => own.has(name))).toEqual([])
})

test('each of them is in a list of the native filter, and no call is in two', () => {
  const lists = [...allowedCalls, ...refusedCalls, ...absentCalls, ...attributeCalls, ...byArguments]
  expect([...specialCalls.keys()].filter((name) => !lists.includes(name))).toEqual([])
  expect(lists.filter((name, at) => lists.indexOf(name) !== at)).toEqual([])
})

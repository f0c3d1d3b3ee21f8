import { expect, test } from 'vitest'
import { hostCalls, namedCalls } from './call-table.ts'
import type { NativeAnswer } from './call-table.ts'

test('a name is in one line of the table', () => {
  expect(namedCalls.filter(([name], at) => namedCalls.findIndex(([one]) => one === name) !== at)).toEqual([])
})

test.each<[call: string, native: NativeAnswer, box: string | null, capability: string | null]>([
  ['openat', 'allowed', null, null],
  ['mount', 'refused', 'capability', 'CAP_SYS_ADMIN'],
  ['unshare', 'refused', 'namespace', null],
  ['keyctl', 'refused', 'shared', null],
  ['ptrace', 'refused', null, null],
  ['io_uring_setup', 'absent', 'absent', null],
  ['socketpair', 'arguments', null, null],
  ['chmod', 'attributes', null, null],
])('%s', (call, native, box, capability) => {
  expect(hostCalls.get(call)).toEqual({ native, box, capability })
})

/** Loops: those that end, those that do not, and callbacks. */
import { expect, test } from 'vitest'
import { check, outcome } from './testing/check.ts'

test.each([
  ['a counted loop', 'r0 = 0\nloop:\nr0 += 1\nif r0 < 100 goto loop\nexit', 'ok'],
  ['a loop without progress', 'r0 = 0\nloop:\ngoto loop', 'infinite loop detected at insn 1'],
  ['code that nothing reaches', 'r0 = 0\nexit\nr0 = 1\nexit', 'unreachable insn 2'],
  ['an end without exit', 'r0 = 0\nif r0 == 0 goto pc-1', 'last insn is not an exit or jmp'],
  ['a jump out of the program', 'r0 = 0\ngoto pc+4\nexit', 'jump out of range from insn 1 to 6'],
  ['may_goto around', 'r0 = 0\nloop:\nmay_goto out\nr0 += 1\ngoto loop\nout:\nr0 = 0\nexit', 'ok'],
  ['recursion', 'call f\nr0 = 0\nexit\nf:\ncall f\nr0 = 0\nexit', 'the call stack of 9 frames is too deep'],
])('%s: %s', (_, code, expected) => {
  expect(outcome({ code })).toContain(expected)
})

test('a loop of two million', () => {
  const { ok, log } = check({ code: 'r0 = 0\nloop:\nr0 += 1\nif r0 < 2000000 goto loop\nexit', logLevel: 0 })
  expect(ok).toBe(false)
  expect(log).toContain('BPF program is too large. Processed 1000001 insn')
})

const loop = (body: string): string =>
  'r1 = 10\nr2 = &body\nr3 = r10\nr3 += -8\n*(u64 *)(r10 -8) = 0\nr4 = 0\ncall bpf_loop\n' +
    `r0 = *(u64 *)(r10 -8)\nr0 = 0\nexit\nbody:\n${body}`

test.each([
  ['a callback that counts on the caller\'s stack', 'r3 = *(u64 *)(r2 +0)\nr3 += 1\n*(u64 *)(r2 +0) = r3\nr0 = 0\nexit',
    'ok'],
  ['a callback that returns 2', 'r0 = 2\nexit',
    'At callback return the register R0 has smin=2 smax=2 should have been in [0, 1]'],
  ['a callback that writes behind its argument', '*(u64 *)(r2 +8) = 0\nr0 = 0\nexit',
    'invalid write to stack R2 off=0 size=8'],
])('%s', (_, body, expected) => {
  expect(outcome({ code: loop(body), functions: [11] })).toContain(expected)
})

test('a loop with one callback and no flags may be compiled in place', () => {
  expect(check({ code: loop('r0 = 0\nexit'), functions: [11] }).aux!.inlineLoops).toEqual(new Map([[7, 1]]))
})

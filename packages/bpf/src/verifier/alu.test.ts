/** Arithmetic: what may be done to which registers. */
import { expect, test } from 'vitest'
import { outcome } from './testing/check.ts'

test.each([
  ['a register that was never written', 'r0 = r2\nexit', 'R2 !read_ok'],
  ['the frame pointer', 'r10 = 0\nr0 = 0\nexit', 'frame pointer is read only'],
  ['a program without a result', 'exit', 'R0 !read_ok'],
  ['division by the constant 0', 'r0 = 1\nr0 /= 0\nexit', 'div by zero'],
  ['division by a register that may be 0', 'r0 = 1\ncall bpf_get_prandom_u32\nr1 = 7\nr1 /= r0\nexit', 'ok'],
  ['a shift by the width', 'r0 = 1\nr0 <<= 64\nexit', 'invalid shift 64'],
  ['a 32-bit shift by 32', 'r0 = 1\nw0 <<= 32\nexit', 'invalid shift 32'],
  ['the sum of two pointers', 'r0 = r1\nr0 += r10\nexit', 'R0 pointer += pointer prohibited'],
  ['the difference of two pointers', 'r0 = r10\nr0 -= r10\nexit', 'ok'],
  ['a multiplied pointer', 'r2 = r10\nr2 *= 2\nr0 = 0\nexit', 'R2 pointer arithmetic with *= operator prohibited'],
  ['a masked pointer', 'r2 = r10\nr2 &= -8\nr0 = 0\nexit', 'R2 bitwise operator &= on pointer prohibited'],
  ['32-bit arithmetic on a pointer', 'r2 = r10\nw2 += 1\nr0 = 0\nexit', 'R2 32-bit pointer arithmetic prohibited'],
  ['a number minus a pointer', 'r2 = 8\nr2 -= r10\nr0 = 0\nexit', 'R2 tried to subtract pointer from scalar'],
  ['a variable subtracted from the stack pointer', 'r2 = r10\nr3 = 8\nr2 -= r3\nr0 = 0\nexit',
    'R2 subtraction from stack pointer prohibited'],
  ['an offset beyond 2^29', 'r2 = r10\nr2 += 0x20000000\nr0 = 0\nexit',
    'math between fp pointer and 536870912 is not allowed'],
  ['an unbounded offset', 'call bpf_get_prandom_u32\nr0 <<= 32\nr2 = r10\nr2 += r0\nr0 = 0\nexit',
    'math between fp pointer and register with unbounded min value is not allowed'],
  ['a modified context', 'r1 += 4\nr0 = *(u32 *)(r1 +0)\nexit', 'dereference of modified ctx ptr R1 off=4 disallowed'],
])('%s: %s', (_, code, expected) => {
  expect(outcome({ code })).toContain(expected)
})

/** Stack: bounds, alignment, what a slot keeps and what a load of it gives. */
import { EACCES, EINVAL } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { check, outcome } from './testing/check.ts'

test.each([
  ['a store above the frame', '*(u64 *)(r10 +0) = r1\nr0 = 0\nexit', 'invalid write to stack R10 off=0 size=8'],
  ['a store below 512 bytes', '*(u64 *)(r10 -520) = r1\nr0 = 0\nexit', 'invalid write to stack R10 off=-520 size=8'],
  ['a store that is not aligned', '*(u64 *)(r10 -12) = r1\nr0 = 0\nexit', 'misaligned stack access off 0+0+-12 size 8'],
  ['half a pointer', '*(u32 *)(r10 -4) = r1\nr0 = 0\nexit', 'invalid size of register spill'],
  ['half of a saved pointer', '*(u64 *)(r10 -8) = r1\nr0 = *(u32 *)(r10 -8)\nexit', 'invalid size of register fill'],
  ['a saved context is one when it comes back',
    '*(u64 *)(r10 -8) = r1\nr2 = *(u64 *)(r10 -8)\nr0 = *(u32 *)(r2 +0)\nexit', 'ok'],
  ['a saved context written over is none',
    '*(u64 *)(r10 -8) = r1\n*(u8 *)(r10 -8) = 0\nr2 = *(u64 *)(r10 -8)\nr0 = *(u32 *)(r2 +0)\nexit',
    "R2 invalid mem access 'scalar'"],
  ['a pointer to the stack returned by a function', 'call f\nr0 = 0\nexit\nf:\nr0 = r10\nexit',
    'cannot return stack pointer to the caller'],
  ['a pointer to its own stack left in the caller',
    'r1 = r10\nr1 += -8\ncall f\nr0 = 0\nexit\nf:\n*(u64 *)(r1 +0) = r10\nr0 = 0\nexit',
    'cannot spill pointers to stack into stack frame of the caller'],
  ['three frames of 200 bytes',
    '*(u64 *)(r10 -200) = 0\ncall f\nr0 = 0\nexit\nf:\n*(u64 *)(r10 -200) = 0\ncall g\nr0 = 0\nexit\n' +
    'g:\n*(u64 *)(r10 -200) = 0\nr0 = 0\nexit', 'combined stack size of 3 calls is 624. Too large'],
])('%s: %s', (_, code, expected) => {
  expect(outcome({ code })).toContain(expected)
})

test('a slice of a dynptr that is stored over the dynptr is a number when it comes back', () => {
  const slice = `r1 = map[0]
r2 = r10
r2 += -4
*(u32 *)(r10 -4) = 0
call bpf_map_lookup_elem
if r0 == 0 goto out
r1 = r0
r2 = 16
r3 = 0
r4 = r10
r4 += -24
call bpf_dynptr_from_mem
r1 = r10
r1 += -24
r2 = 0
r3 = 8
call bpf_dynptr_data
if r0 == 0 goto out
r7 = r0
`
  const end = 'r8 = *(u64 *)(r7 +0)\nout:\nr0 = 0\nexit'
  const section = 'lsm/file_open'
  expect(outcome({ code: `${slice}${end}`, section })).toBe('ok')
  expect(outcome({ code: `${slice}*(u64 *)(r10 -24) = r7\nr7 = *(u64 *)(r10 -24)\n${end}`, section }))
    .toContain("R7 invalid mem access 'scalar'")
  expect(outcome({ code: `${slice}*(u32 *)(r10 -24) = r7\nout:\nr0 = 0\nexit`, section })).toBe('ok')
})

test('a constant keeps its value on the stack, whole and in its low half', () => {
  const { log } =
    check({ code: '*(u64 *)(r10 -8) = 7\nr0 = *(u64 *)(r10 -8)\nr1 = *(u32 *)(r10 -8)\nexit', logLevel: 2 })
  expect(log).toContain('R0_w=7')
  expect(log).toContain('R1_w=7')
})

const fill = (off: number, size: number) =>
  `r1 = r10\nr1 += ${off}\nr2 = ${size}\nr3 = 0\nr4 = 0\ncall bpf_probe_read_kernel\nr0 = 0\nexit`

test.each([
  ['below the frame', -520, 8, -EACCES],
  ['over its upper end', -4, 8, -EINVAL],
  ['inside', -8, 8, 0],
])('memory that a helper fills, %s', (_, off, size, errno) => {
  expect(check({ code: fill(off, size), section: 'lsm/file_open' }).errno).toBe(errno)
})

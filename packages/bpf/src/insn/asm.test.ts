/** Text and instructions, there and back. */
import { expect, test } from 'vitest'
import { assemble, AsmError } from './asm.ts'
import { disasm } from './disasm.ts'

test.each([
  'r0 = 0', 'w1 = -5', 'r2 = r1', 'w2 = (s16)w1', 'r2 = (s32)r1', 'r1 += 1', 'w0 s%= 10', 'r0 s/= r1', 'r0 s>>= 3',
  'r0 = -r0', 'w3 = -w3', 'r0 = be16 r0', 'r0 = le32 r0', 'r0 = bswap64 r0', 'r2 = addr_space_cast(r1, 0, 1)',
  'r2 = *(u32 *)(r10 -8)', 'r2 = *(s8 *)(r1 +0)', '*(u64 *)(r10 -8) = r1', '*(u32 *)(r10 -4) = 7',
  'lock *(u64 *)(r10 -8) += r1', 'r1 = atomic_fetch_and((u32 *)(r10 -8), r1)',
  'r0 = atomic64_cmpxchg((u64 *)(r10 -8), r0, r1)', 'r1 = atomic64_xchg((u64 *)(r10 -8), r1)', 'r0 = *(u32 *)skb[4]',
  'r0 = *(u8 *)skb[r1 + 2]', 'goto pc+7', 'gotol pc-2', 'may_goto pc-2', 'if r3 == r4 goto pc+0',
  'if w3 s<= w4 goto pc+0', 'if r2 < 0xffffffff goto pc-3', 'if r2 & 0x8 goto pc+1', 'call bpf_loop#181', 'call pc+6',
  'exit',
])('`%s` is printed as it was read', (line) => {
  const text = disasm(assemble(line))
  expect(text.replace(/^0: \(..\) /, '').trimEnd()).toBe(line)
  expect(disasm(assemble(text))).toBe(text)
})

test('labels, wide loads, maps and functions', () => {
  const code = assemble(`
    r1 = map[1]
    r2 = map[0] + 8
    r3 = &twice
    r4 = 0x1122334455667788 ll
  again:
    r0 += 1              ; counts
    if r0 < 5 goto again
    call twice
    exit
  twice:
    r0 += r0
    exit
  `)
  expect(code.length).toBe(14)
  expect([code.src[0], code.imm[0], code.imm[1]]).toEqual([1, 1, 0])
  expect([code.src[2], code.imm[2], code.imm[3]]).toEqual([2, 0, 8])
  expect([code.src[4], code.imm[4]]).toEqual([4, 7])
  expect([code.imm[6], code.imm[7]]).toEqual([0x55667788, 0x11223344])
  expect(code.off[9]).toBe(-2)
  expect([code.src[10], code.imm[10]]).toEqual([1, 1])
})

test.each([
  'r0 = nothing', 'if r0 ~ 1 goto pc+1', 'goto nowhere', 'r1 = *(u24 *)(r2 +0)', 'x:\nx:',
])('`%s` is refused', (text) => {
  expect(() => assemble(text)).toThrow(AsmError)
})

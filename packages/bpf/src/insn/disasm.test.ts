/** Texts of the verifier's log, an instruction of each shape. */
import { expect, test } from 'vitest'
import { decodeCode } from './code.ts'
import { disasm, disasmSlot } from './disasm.ts'

const codeOf = (hex: string) => decodeCode(Uint8Array.from(hex.match(/../g)!, (byte) => Number.parseInt(byte, 16)))

test.each([
  ['b700000000000000', '(b7) r0 = 0'],
  ['b701000000000080', '(b7) r1 = -2147483648'],
  ['bf12000000000000', '(bf) r2 = r1'],
  ['bc12000000000000', '(bc) w2 = w1'],
  ['bf12080000000000', '(bf) r2 = (s8)r1'],
  ['bc12100000000000', '(bc) w2 = (s16)w1'],
  ['bf12200000000000', '(bf) r2 = (s32)r1'],
  ['bf12010001000000', '(bf) r2 = addr_space_cast(r1, 0, 1)'],
  ['0701000001000000', '(07) r1 += 1'],
  ['1f10000000000000', '(1f) r0 -= r1'],
  ['3f10000000000000', '(3f) r0 /= r1'],
  ['3f10010000000000', '(3f) r0 s/= r1'],
  ['940001000a000000', '(94) w0 s%= 10'],
  ['c700000003000000', '(c7) r0 s>>= 3'],
  ['8700000000000000', '(87) r0 = -r0'],
  ['8400000000000000', '(84) w0 = -w0'],
  ['dc00000010000000', '(dc) r0 = be16 r0'],
  ['d400000020000000', '(d4) r0 = le32 r0'],
  ['d700000040000000', '(d7) r0 = bswap64 r0'],
  ['61a2f8ff00000000', '(61) r2 = *(u32 *)(r10 -8)'],
  ['9112000000000000', '(91) r2 = *(s8 *)(r1 +0)'],
  ['7b1af8ff00000000', '(7b) *(u64 *)(r10 -8) = r1'],
  ['620afcff07000000', '(62) *(u32 *)(r10 -4) = 7'],
  ['db1af8ff00000000', '(db) lock *(u64 *)(r10 -8) += r1'],
  ['c31af8ff51000000', '(c3) r1 = atomic_fetch_and((u32 *)(r10 -8), r1)'],
  ['db1af8fff1000000', '(db) r0 = atomic64_cmpxchg((u64 *)(r10 -8), r0, r1)'],
  ['db1af8ffe1000000', '(db) r1 = atomic64_xchg((u64 *)(r10 -8), r1)'],
  ['2000000004000000', '(20) r0 = *(u32 *)skb[4]'],
  ['5010000002000000', '(50) r0 = *(u8 *)skb[r1 + 2]'],
  ['0500070000000000', '(05) goto pc+7'],
  ['06000000feffffff', '(06) gotol pc-2'],
  ['e500feff00000000', '(e5) may_goto pc-2'],
  ['1d43000000000000', '(1d) if r3 == r4 goto pc+0'],
  ['1e43000000000000', '(1e) if w3 == w4 goto pc+0'],
  ['a502fdffffffffff', '(a5) if r2 < 0xffffffff goto pc-3'],
  ['8500000001000000', '(85) call bpf_map_lookup_elem#1'],
  ['85000000b5000000', '(85) call bpf_loop#181'],
  ['850000001032ad0b', '(85) call unknown#195899920'],
  ['8510000006000000', '(85) call pc+6'],
  ['85200000e8030000', '(85) call bpf_task_acquire#1000'],
  ['9500000000000000', '(95) exit'],
  ['ff00000000000000', '(ff) r0 (null) r0'],
])('%s is `%s`', (hex, text) => {
  expect(disasmSlot(codeOf(hex), 0, { kfunc: () => 'bpf_task_acquire' })).toBe(text)
})

test('a wide load takes two slots and one line', () => {
  const code = codeOf('18010000efbeadde00000000000000809500000000000000')
  expect(disasm(code)).toBe('0: (18) r1 = 0x80000000deadbeef\n2: (95) exit\n')
})

test('addresses are hidden from those who may not see them, constants are not', () => {
  const mayNot = { mayLeak: false }
  expect(disasmSlot(codeOf('18110000050000000000000000000000'), 0, mayNot)).toBe('(18) r1 = 0x0')
  expect(disasmSlot(codeOf('18010000050000000000000000000000'), 0, mayNot)).toBe('(18) r1 = 0x5')
})

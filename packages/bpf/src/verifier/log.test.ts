/** The log: what stands where at each level. */
import { expect, test } from 'vitest'
import { check } from './testing/check.ts'

const code = 'r0 = 0\nif r1 == 0 goto pc+0\nexit'

test('level 1 keeps the last line of a program that is accepted', () => {
  const { log } = check({ code })
  expect(log).toMatch(
    /^processed 4 insns \(limit 1000000\) max_states_per_insn 0 total_states \d+ peak_states \d+ mark_read \d+\n$/)
})

test('level 2 has every state, behind the instruction from column 40 on', () => {
  const lines = check({ code: 'r0 = 7\nr6 = r0\n*(u64 *)(r10 -8) = r0\nexit', logLevel: 2 }).log.split('\n')
  expect(lines.slice(0, 6)).toEqual([
    'func#0 @0',
    '0: R1=ctx() R10=fp0',
    '0: (b7) r0 = 7                        ; R0_w=7',
    '1: (bf) r6 = r0                       ; R0_w=7 R6_w=7',
    '2: (7b) *(u64 *)(r10 -8) = r0         ; R0_w=7 R10=fp0 fp-8_w=7',
    '3: (95) exit',
  ])
})

test('level 1 shows the path to a refusal, not the paths that were safe', () => {
  const { log } = check({
    code: 'call bpf_get_prandom_u32\nif r0 == 0 goto bad\nr0 = 1\nexit\nbad:\nr0 = *(u64 *)(r0 +0)\nexit',
  })
  expect(log).not.toContain('r0 = 1')
  expect(log).toContain("R0 invalid mem access 'scalar'")
})

test.each([
  ['r1 = 0x10000 ll', 'R1_w=0x10000'],
  ['r1 = -32769', 'R1_w=0xffffffffffff7fff'],
  ['r1 = map[1]', 'R1_w=map_ptr(map=table,ks=8,vs=48)'],
  ['r1 = map[3] + 8', 'R1_w=map_value(map=constants,ks=4,vs=16,off=8)'],
  ['r2 = r10\nr2 += -24', 'R2_w=fp-24'],
])('%s is shown as %s', (line, expected) => {
  expect(check({ code: `${line}\nr0 = 0\nexit`, logLevel: 2 }).log).toContain(expected)
})

test('the stack of each function is told with the statistics', () => {
  const text = '*(u64 *)(r10 -24) = 0\ncall f\nr0 = 0\nexit\nf:\n*(u8 *)(r10 -1) = 0\nr0 = 0\nexit'
  const { log } = check({ code: text, logLevel: 4 })
  expect(log).toContain('stack depth 24+1')
})

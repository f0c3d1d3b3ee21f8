/** Pruning: a path ends where nothing that is still to come can tell it from one that was proven safe. */
import { expect, test } from 'vitest'
import { check } from './testing/check.ts'

/** A state at every prune point, so that short programs have some to compare with. */
const EVERY_POINT = 8

/** Two paths with r6 = 1 and r6 = 0 meet at slot 4. */
const meet = (after: string): string => `call bpf_get_prandom_u32\nr6 = 0\nif r0 == 0 goto pc+1\nr6 = 1\n${after}`

const log = (after: string): string => check({ code: meet(after), flags: EVERY_POINT, logLevel: 2 }).log

test('a register that nobody reads does not matter', () => {
  expect(log('r0 = 0\nexit')).toContain('from 2 to 4: safe')
})

test('a register that is only handed on does not matter either', () => {
  expect(log('r0 = r6\nexit')).toContain('from 2 to 4: safe')
})

test('a register whose value decides an address does', () => {
  const text = log('r1 = r10\nr6 <<= 3\nr1 += -16\nr1 += r6\n*(u8 *)(r1 +0) = 0\nr0 = 0\nexit')
  expect(text).not.toContain('from 2 to 4: safe')
  expect(text).toContain('mark_precise: frame0: regs=r6 stack= before 5: (67) r6 <<= 3')
})

test('the other path is refused when its own value is wrong', () => {
  const code = meet('r1 = r10\nr6 <<= 3\nr1 += -8\nr1 += r6\n*(u8 *)(r1 +0) = 0\nr0 = 0\nexit')
  const verdict = check({ code, flags: EVERY_POINT })
  expect(verdict.ok).toBe(false)
  expect(verdict.log).toContain('invalid write to stack R1 off=0 size=1')
})

test('a value saved on the stack and read back is followed through the stack', () => {
  const text = log(`*(u64 *)(r10 -8) = r6
    r3 = *(u64 *)(r10 -8)
    r3 <<= 3
    r1 = r10
    r1 += -24
    r1 += r3
    *(u8 *)(r1 +0) = 0
    r0 = 0
    exit`)
  expect(text).not.toContain('from 2 to 4: safe')
  expect(text).toContain('stack=-8 before 4: (7b) *(u64 *)(r10 -8) = r6')
})

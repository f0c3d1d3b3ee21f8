/** Branches: what each side learns, and where both are not possible. */
import { describe, expect, test } from 'vitest'
import { check, outcome } from './testing/check.ts'

/** R0: a value of map 0, or the program has ended. */
const lookUp = '*(u32 *)(r10 -4) = 0\nr2 = r10\nr2 += -4\nr1 = map[0]\ncall bpf_map_lookup_elem\n'

test.each([
  ['a look-up that is not tested', `${lookUp}r0 = *(u64 *)(r0 +0)\nexit`, "R0 invalid mem access 'map_value_or_null'"],
  ['a tested look-up', `${lookUp}if r0 == 0 goto out\nr0 = *(u64 *)(r0 +8)\nout:\nexit`, 'ok'],
  ['the wrong side of the test', `${lookUp}if r0 != 0 goto out\nr0 = *(u64 *)(r0 +8)\nout:\nr0 = 0\nexit`,
    "R0 invalid mem access 'scalar'"],
  ['a copy of a tested look-up', `${lookUp}r6 = r0\nif r0 == 0 goto out\nr0 = *(u64 *)(r6 +8)\nout:\nexit`, 'ok'],
  ['behind the value', `${lookUp}if r0 == 0 goto out\nr0 = *(u64 *)(r0 +16)\nout:\nexit`,
    'invalid access to map value, value_size=16 off=16 size=8'],
  ['a bounded index',
    `call bpf_get_prandom_u32\nr6 = r0\n${lookUp}if r0 == 0 goto out\nif r6 > 8 goto out\nr0 += r6\n` +
      'r0 = *(u64 *)(r0 +0)\nout:\nr0 = 0\nexit', 'ok'],
  ['an index one too large',
    `call bpf_get_prandom_u32\nr6 = r0\n${lookUp}if r0 == 0 goto out\nif r6 > 9 goto out\nr0 += r6\n` +
      'r0 = *(u64 *)(r0 +0)\nout:\nr0 = 0\nexit',
    'R0 max value is outside of the allowed memory range'],
  ['a signed test of an index',
    `call bpf_get_prandom_u32\nr6 = r0\nr6 <<= 32\nr6 s>>= 32\n${lookUp}if r0 == 0 goto out\n` +
      'if r6 s> 8 goto out\nr0 += r6\nr0 = *(u64 *)(r0 +0)\nout:\nr0 = 0\nexit',
    'value -2147483648 makes map_value pointer be out of bounds'],
  ['an index that was masked',
    `call bpf_get_prandom_u32\nr6 = r0\nr6 &= 8\n${lookUp}if r0 == 0 goto out\nr0 += r6\n` +
      'r0 = *(u64 *)(r0 +0)\nout:\nr0 = 0\nexit', 'ok'],
])('%s: %s', (_, code, expected) => {
  expect(outcome({ code })).toContain(expected)
})

const pointers: Record<string, { make: string, isNull?: 'maybe' | 'never' | 'untold' }> = {
  'a map value': { make: `${lookUp}r6 = r0\nif r6 == 0 goto out`, isNull: 'never' },
  'a map value that is not tested': { make: `${lookUp}r6 = r0`, isNull: 'maybe' },
  'a map': { make: 'r6 = map[0]', isNull: 'never' },
  'a map value that was moved': { make: `${lookUp}r6 = r0\nif r6 == 0 goto out\nr6 += -8`, isNull: 'never' },
  'the frame': { make: 'r6 = r10', isNull: 'untold' },
  'the context': { make: 'r6 = r1', isNull: 'untold' },
}

describe.each(Object.entries(pointers))('%s compared with 0', (_, { make, isNull }) => {
  /** Which of the two sides the walk came to, told by what is written there. */
  const sides = (compare: string): string => {
    const code = `${make}\n${compare}\nr0 = 11\ngoto out\nthere:\nr0 = 22\nout:\nr0 = 0\nexit`
    const verdict = check({ code, flags: 128, logLevel: 2 })
    expect(verdict.log).toContain('processed')
    return [/r0 = 11/.test(verdict.log) ? 'here' : '', /r0 = 22/.test(verdict.log) ? 'there' : ''].join(' ').trim()
  }
  const signs = ['==', '!=', '>', '>=', '<', '<=', 's>', 's>=', 's<', 's<=', '&']

  test.each(signs)('%s', (sign) => {
    const decided = isNull !== 'never' ? 'here there' : sign === '==' ? 'here' : sign === '!=' ? 'there' : 'here there'
    expect(sides(`if r6 ${sign} 0 goto there`)).toBe(decided)
    expect(sides(`r8 = 0\nif r6 ${sign} r8 goto there`)).toBe(decided)
    expect(sides(`r8 = 0\nif r8 ${sign} r6 goto there`)).toBe(decided)
    // half of an address may be 0
    expect(sides(`if w6 ${sign} 0 goto there`)).toBe('here there')
    expect(sides(`r8 = 0\nif w6 ${sign} w8 goto there`)).toBe('here there')
    expect(sides(`r8 = 0\nif w8 ${sign} w6 goto there`)).toBe('here there')
  })
})

describe('a look-up that equals another pointer', () => {
  const equal = (make: string, compare = 'if r6 != r7 goto out') =>
    outcome({ code: `r9 = r1\n${lookUp}r6 = r0\n${make}\n${compare}\nr0 = *(u64 *)(r6 +0)\nout:\nr0 = 0\nexit` })
  const tested = `${lookUp}r7 = r0\nif r7 == 0 goto out`

  test.each([
    ['that was tested', tested, 'ok'],
    ['to a map', 'r7 = map[0]', 'ok'],
    ['that was not tested', `${lookUp}r7 = r0`, "R6 invalid mem access 'map_value_or_null'"],
    ['to the frame, which the kernel does not take for certain', 'r7 = r10',
      "R6 invalid mem access 'map_value_or_null'"],
    ['to the context', 'r7 = r9', "R6 invalid mem access 'map_value_or_null'"],
  ])('%s', (_, make, expected) => {
    expect(equal(make)).toContain(expected)
  })

  test('half of it tells nothing', () => {
    expect(equal(tested, 'if w6 != w7 goto out')).toContain("R6 invalid mem access 'map_value_or_null'")
  })
})

test('a constant of a frozen map decides a branch, and the other side is dead', () => {
  const verdict =
    check({ code: 'r1 = map[3]+0\nr0 = *(u8 *)(r1 +4)\nif r0 == 5 goto out\nr0 = *(u64 *)(r0 +0)\nout:\nr0 = 0\nexit' })
  expect(verdict.ok).toBe(true)
  expect(verdict.aux!.reached[4]).toBe(0)
})

test('what is learnt of one register is known of its copy', () => {
  const { log } =
    check({ code: 'call bpf_get_prandom_u32\nr6 = r0\nif r0 > 3 goto out\nr1 = r6\nout:\nr0 = 0\nexit', logLevel: 2 })
  expect(log).toMatch(/R1_w=scalar\(id=1,smin=smin32=0,smax=umax=smax32=umax32=3,var_off=\(0x0; 0x3\)\)/)
})

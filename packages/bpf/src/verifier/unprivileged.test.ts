/** Loaders without CAP_BPF or CAP_PERFMON: no addresses, no unwritten memory, no loops, one mask an instruction. */
import { describe, expect, test } from 'vitest'
import { check, outcome } from './testing/check.ts'

const nobody = { bpf: false, perfmon: false, bypass_spec: false }
const withBpf = { ...nobody, bpf: true }
const withPerfmon = { bpf: false, perfmon: true, bypass_spec: true }

/** R0 is an element of an array, 16 bytes; where there is none the program has ended. */
const element = `
*(u32 *)(r10 -4) = 0
r2 = r10
r2 += -4
r1 = map[0]
call bpf_map_lookup_elem
if r0 == 0 goto out
`
const end = '\nr0 = 0\nout:\nr0 = 0\nexit'
/** R6 is a number from 0 to 8 that the context tells. */
const index = 'r6 = *(u32 *)(r1 +0)\nr6 &= 8'

describe('what root may and nobody else', () => {
  test.each([
    ['return an address', 'r0 = r10\nexit', 'R0 leaks addr as return value'],
    ['store one in a map', `${element}*(u64 *)(r0 +0) = r10${end}`, 'R10 leaks addr into map'],
    ['store one in the context', '*(u64 *)(r1 +48) = r10\nr0 = 0\nexit', 'R10 leaks addr into ctx'],
    ['add one atomically', `${element}lock *(u64 *)(r0 +0) += r10${end}`, 'R10 leaks addr into mem'],
    ['pass one to a helper', `${element}r6 = r0\nr2 = r10\nr2 += -4\nr1 = map[0]\nr3 = r6\nr4 = r6
      call bpf_map_update_elem${end}`, 'R4 leaks addr into helper function'],
    ['compare two', 'if r1 == r10 goto +0\nr0 = 0\nexit', 'R10 pointer comparison prohibited'],
    ['compare one with a number', 'if r1 == 7 goto +0\nr0 = 0\nexit', 'R1 pointer comparison prohibited'],
    ['subtract one from another', 'r2 = r10\nr2 -= r1\nr0 = 0\nexit', 'R2 pointer -= pointer prohibited'],
    ['keep half of one', 'w2 = w10\nr0 = 0\nexit', 'R10 partial copy of pointer'],
    ['negate one', 'r2 = r10\nr2 = -r2\nr0 = 0\nexit', 'R2 pointer arithmetic prohibited'],
    ['overwrite half of one', '*(u64 *)(r10 -8) = r1\n*(u32 *)(r10 -8) = 0\nr0 = 0\nexit',
      'attempt to corrupt spilled pointer on stack'],
    ['read what nobody wrote', '*(u64 *)(r10 -16) = 0\nr0 = *(u64 *)(r10 -8)\nexit',
      'invalid read from stack off -8+0 size 8'],
    ['read below what was used', 'r0 = *(u64 *)(r10 -8)\nexit', 'invalid read from stack R10 off=-8 size=8'],
    ['loop', 'r0 = 0\nagain:\nr0 += 1\nif r0 < 3 goto again\nexit', 'back-edge from insn 2 to 1'],
    ['step off the stack', 'r1 = r10\nr1 += -520\nr0 = 0\nexit', 'R1 stack pointer arithmetic goes out of range'],
    ['step out of a map', `${element}r0 += 16${end}`, 'R0 pointer arithmetic of map value goes out of range'],
  ])('%s', (_, code, text) => {
    expect(outcome({ code })).toBe('ok')
    expect(outcome({ code, rights: nobody })).toContain(text)
  })
})

test('nobody looks into a map', () => {
  const code = 'r1 = map[0]\nr0 = *(u32 *)(r1 +0)\nr0 = 0\nexit'
  expect(outcome({ code, rights: nobody }))
    .toContain("'struct bpf_array' access is allowed only to CAP_PERFMON and CAP_SYS_ADMIN")
})

describe('what runs ahead', () => {
  test.each([
    ['a pointer to the packet moves by a register', `${index}\nr1 += r6\nr0 = 0\nexit`,
      'R1 has pointer with unsupported alu operation, pointer arithmetic with it prohibited for !root'],
    ['the stack pointer moves by what may vary', `${index}\nr2 = r10\nr2 += -16\nr2 += r6\nr0 = 0\nexit`,
      'R2 variable stack access prohibited for !root'],
    ['an offset of either sign', `r6 = *(u32 *)(r1 +0)\nr6 <<= 32\nr6 s>>= 32\nif r6 s> 4 goto out
      if r6 s< -4 goto out${element}r0 += 8\nr0 += r6${end}`, 'R6 has unknown scalar with mixed signed bounds'],
    ['numbers are added where another path adds to a pointer',
      `${index}\nr7 = 1\n${element}if r6 == 0 goto plus\nr0 = 2\nplus:\nr0 += r6${end}`,
      'R0 tried to add from different maps, paths or scalars'],
    ['tail calls of two arrays by one instruction',
      `r6 = *(u32 *)(r1 +0)\nr2 = map[4]\nif r6 == 0 goto +2\nr2 = map[5]\nr3 = 0
      call bpf_tail_call\nr0 = 0\nexit`, 'tail_call abusing map_ptr'],
  ])('%s', (_, code, text) => {
    expect(outcome({ code, rights: nobody })).toContain(text)
    // a machine without mitigations
    expect(outcome({ code, rights: { ...nobody, bypass_spec: true } })).not.toContain(text)
  })

  test('whose arrays a tail call names is what counts, not who makes it', () => {
    const between = (one: number, other: number): string => `r6 = *(u32 *)(r1 +0)\nr2 = map[${one}]
      if r6 == 0 goto +2\nr2 = map[${other}]\nr3 = 0\ncall bpf_tail_call\nr0 = 0\nexit`
    expect(outcome({ code: between(5, 6) })).toContain('tail_call abusing map_ptr')
    expect(outcome({ code: between(7, 7), rights: nobody })).toBe('ok')
    expect(outcome({ code: between(6, 6), rights: nobody })).toBe('ok')
    expect(outcome({ code: between(6, 6) })).toBe('ok')
    expect(outcome({ code: between(5, 7) })).toBe('ok')
  })

  test('a guess is walked too, and told apart in the log', () => {
    const code = 'r0 = 0\nif r0 == 0 goto +1\nr0 = *(u64 *)(r1 +4096)\nr0 = 0\nexit'
    expect(outcome({ code })).toBe('ok')
    const log = outcome({ code, rights: nobody, logLevel: 2 })
    expect(log).toContain('from 1 to 2 (speculative execution): R0_w=')
    expect(log).toContain('invalid bpf_context access off=4096 size=8')
  })

  test('what only a guess reaches is not compiled as if it ran', () => {
    const { ok, aux } = check({ code: 'r0 = 0\nif r0 == 0 goto +1\nr0 = 1\nexit', rights: nobody })
    expect([ok, aux?.reached[2], aux?.reached[3]]).toEqual([true, 0, 1])
  })
})

describe('CAP_BPF', () => {
  const call = 'r0 = 0\ncall +1\nexit\nr0 = 1\nexit'
  test.each([
    ['calls of functions', { code: call, functions: [3] }, 'loading/calling other bpf or kernel functions are allowed'],
    ['other types', { code: 'r0 = 0\nexit', section: 'tc' }, 'programs of this type are for loaders with CAP_BPF'],
    ['packets of control groups', { code: 'r0 = *(u32 *)(r1 +76)\nr0 = 0\nexit', section: 'cgroup_skb' },
      'invalid bpf_context access off=76 size=4'],
    ['helpers', { code: 'call bpf_jiffies64\nr0 = 0\nexit' }, 'program of this type cannot use helper'],
    ['4097 instructions', { code: `r0 = 0\n${'r0 = 1\n'.repeat(4095)}exit` }, 'more than 4096 instructions'],
  ])('%s need it', (_, one, text) => {
    expect(outcome({ ...one, rights: nobody })).toContain(text)
    expect(outcome({ ...one, rights: withPerfmon })).toContain(text)
    expect(outcome({ ...one, rights: withBpf })).toBe('ok')
  })

  test('does not show addresses, and programs on hooks see them', () => {
    expect(outcome({ code: 'r0 = r10\nexit', rights: withBpf })).toContain('R0 leaks addr as return value')
    expect(outcome({ code: 'r0 = 0\nexit', section: 'lsm/file_open', rights: withBpf }))
      .toContain('programs of this type are for loaders with CAP_PERFMON')
  })
})

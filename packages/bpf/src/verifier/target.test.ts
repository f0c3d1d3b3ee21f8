/** What programs attach to: which functions and hooks, by which attach type, and what they find there. */
import { describe, expect, test } from 'vitest'
import { Btf } from '../btf/btf.ts'
import { BtfWriter } from '../btf/btf-writer.ts'
import { TypeBuilder } from '../vmlinux/type-builder.ts'
import { check, outcome } from './testing/check.ts'

const end = 'r0 = 0\nexit'

/** A kernel with functions of every shape that a trampoline cannot be made for, and some that it can. */
const odd = (() => {
  const bodies = new Map([
    ['struct small', 'long a'], ['struct two', 'long a; long b'], ['struct three', 'long a; long b; long c'],
    ['union either', 'long a; int b'], ['struct file', 'int f_mode'],
  ])
  const builder = new TypeBuilder(new BtfWriter(), bodies, {})
  for (const text of [
    'int takes_nothing(void)', 'void answers_nothing(struct file *file)', 'int takes_two(struct two pair, int more)',
    'int takes_three(struct three all)', 'int takes_union(union either one)', 'struct small answers_struct(int a)',
    'union either answers_union(int a)', 'int bpf_lsm_file_open(struct file *file)',
    'int takes_any(int a, ...)', 'void bpf_lsm_file_release(struct file *file)', 'int migrate_disable(void)',
    `int takes_many(${Array.from({ length: 13 }, (_, i) => `int a${i}`).join(', ')})`,
  ]) builder.func(text)
  const { writer } = builder
  const type = writer.add({
    kind: 'func_proto', name: '', type: 0, isVariadic: false,
    params: [{ name: '', type: 0 }, { name: '', type: builder.id({ kind: 'union', name: 'either' }) }],
  })
  writer.add({ kind: 'typedef', name: 'btf_trace_union', type })
  return new Btf(writer.toBytes())
})()

const at = (section: string, code = end, more: object = {}) => outcome({ section, code, kernelBtf: odd, ...more })

describe.each(['fentry', 'fexit'])('%s', (kind) => {
  test.each([
    ['takes_nothing', 'ok'],
    ['answers_nothing', 'ok'],
    ['takes_two', 'ok'],
    ['takes_three', 'The function takes_three arg0 type STRUCT is unsupported.'],
    ['takes_union', 'The function takes_union arg0 type UNION is unsupported.'],
    ['answers_struct', 'The function answers_struct return type STRUCT is unsupported.'],
    ['answers_union', 'The function answers_union return type UNION is unsupported.'],
    ['takes_any', 'The function takes_any with variable args is unsupported.'],
    ['takes_many', 'The function takes_many has 13 arguments. Too many.'],
  ])('%s', (name, expected) => {
    expect(at(`${kind}/${name}`)).toContain(expected)
  })

  test('not on what a trampoline calls itself', () => {
    expect(check({ section: `${kind}/migrate_disable`, code: end, kernelBtf: odd }).errno).toBe(-22)
  })
})

describe('a tracing program of another attach type', () => {
  const known = [23, 24, 25, 26, 28, 27, 43]
  test.each(Array.from({ length: 60 }, (_, type) => type).filter((type) => !known.includes(type)))('%d', (attach) => {
    expect(check({ section: 'fentry/takes_nothing', code: end, kernelBtf: odd, attach }).errno).toBe(-22)
    expect(check({ section: 'lsm/file_open', code: end, kernelBtf: odd, attach }).errno).toBe(-22)
  })
})

describe('behind the arguments', () => {
  const word = (off: number) => `r2 = *(u64 *)(r1 +${off})\n${end}`
  test.each([
    ['lsm/file_open', 8, 'ok'],
    ['lsm/file_open', 16, "doesn't have 3-th argument"],
    ['lsm/file_release', 8, "doesn't have 3-th argument"],
    ['fexit/answers_nothing', 8, "doesn't have 3-th argument"],
    ['fexit/takes_nothing', 0, 'ok'],
    ['fentry/takes_nothing', 0, "doesn't have 1-th argument"],
    ['fexit/takes_two', 16, 'ok'],
    ['fexit/takes_two', 24, 'ok'],
    ['fexit/takes_two', 32, "doesn't have 4-th argument"],
    ['tp_btf/union', 0, "func 'btf_trace_union' arg0 'either' has type UNION. Only pointer access is allowed"],
  ])('%s, byte %d', (section, off, expected) => {
    expect(at(section, word(off))).toContain(expected)
  })
})

describe('what the kernel lets programs of hooks do', () => {
  test.each([
    ['write over an argument', '*(u64 *)(r1 +0) = 0'],
    ['write a register there', '*(u64 *)(r1 +0) = r10'],
    ['write half of the result', '*(u32 *)(r1 +8) = 0'],
    ['move a pointer by the result', 'r2 = *(u64 *)(r1 +8)\nr3 = r10\nr3 += -8\nr3 += r2'],
  ])('%s', (_, code) => {
    expect(at('lsm/file_open', `${code}\n${end}`)).toBe('ok')
  })

  test.each([
    ['half of a pointer', '*(u32 *)(r1 +0) = 0', 'size 4 must be 8'],
    ['behind them', '*(u64 *)(r1 +16) = 0', "doesn't have 3-th argument"],
    ['a place between two', '*(u32 *)(r1 +4) = 0', 'offset 4 is not multiple of 8'],
  ])('but not write over %s', (_, code, expected) => {
    expect(at('lsm/file_open', `${code}\n${end}`)).toContain(expected)
  })

  test('nor may any other tracing program', () => {
    expect(at('fentry/answers_nothing', `*(u64 *)(r1 +0) = 0\n${end}`)).toContain('invalid bpf_context access')
  })
})

describe('bpf_get_func_ip', () => {
  test.each([
    ['fentry/takes_nothing', 'ok'], ['fexit/takes_nothing', 'ok'], ['kprobe', 'ok'],
    ['lsm/file_open', 'func bpf_get_func_ip#173 not supported for program type 29'],
    ['tp_btf/union', 'func bpf_get_func_ip#173 supported only for fentry/fexit/fmod_ret programs'],
    ['tracepoint', 'not supported for program type 5'], ['perf_event', 'not supported for program type 7'],
    ['raw_tp', 'not supported for program type 17'], ['syscall.s', 'not supported for program type 31'],
  ])('%s', (section, expected) => {
    expect(at(section, `call bpf_get_func_ip\n${end}`)).toContain(expected)
  })
})

test('bpf_override_return is there where errors may be injected', () => {
  const code = `r2 = 0\ncall bpf_override_return\n${end}`
  expect(outcome({ section: 'kprobe', code })).toContain('cannot use helper bpf_override_return#58')
  expect(outcome({ section: 'kprobe', code, errorInjection: true })).toBe('ok')
})

test('a device of a device map is not written', () => {
  const code = (access: string) => [
    '*(u32 *)(r10 -4) = 0', 'r2 = r10', 'r2 += -4', 'r1 = map[8]', 'call bpf_map_lookup_elem', 'if r0 == 0 goto out',
    access, 'out:', end,
  ].join('\n')
  expect(outcome({ section: 'xdp', code: code('r1 = *(u32 *)(r0 +0)') })).toBe('ok')
  expect(outcome({ section: 'xdp', code: code('*(u32 *)(r0 +0) = 0') })).toContain('write into map forbidden')
})

test.each([
  // the kernel compares an offset with the size of a pointer, as unsigned numbers
  ['before the record', 'u64', -8, 'ok'], ['half of it', 'u32', -4, 'ok'], ['further before', 'u64', -32760, 'ok'],
  ['before the record, not aligned', 'u64', -4, 'invalid bpf_context access off=-4 size=8'],
  ['the registers, which are hidden', 'u64', 0, 'invalid bpf_context access off=0 size=8'],
  ['the first field', 'u64', 8, 'ok'], ['the last field', 'u32', 8188, 'ok'],
  ['behind the record', 'u64', 8192, 'invalid bpf_context access off=8192 size=8'],
])('a tracepoint reads %s (%s at %i): %s', (_what, width, off, expected) => {
  const sign = off < 0 ? '' : '+'
  expect(outcome({ section: 'tracepoint', code: `r0 = *(${width} *)(r1 ${sign}${off})\n${end}` })).toContain(expected)
})

test.each(['kprobe', 'raw_tp', 'perf_event', 'xdp', 'fentry/security_file_open', 'lsm/file_open'])(
  '%s reads nothing before its context', (section) => {
    expect(outcome({ section, code: `r0 = *(u64 *)(r1 -8)\n${end}` })).toContain('off=-8 size=8')
  })

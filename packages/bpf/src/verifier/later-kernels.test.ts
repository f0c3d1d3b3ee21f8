/** Programs that 6.12, 6.18 and 7.3 answer differently: one case a difference, with the last line of each log. */
import { BTF_FUNC_GLOBAL } from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import type { Btf } from '../btf/btf.ts'
import { Btf as Types } from '../btf/btf.ts'
import { BtfWriter } from '../btf/btf-writer.ts'
import type { Code } from '../insn/code.ts'
import { check } from './testing/check.ts'

const LSM_CGROUP = 43
const random = 'call bpf_get_prandom_u32'
/** r7 is a value of 16 bytes. */
const value = '*(u32 *)(r10 -4) = 9\nr2 = r10\nr2 += -4\nr1 = map[0]\ncall bpf_map_lookup_elem\nif r0 == 0 goto out\n' +
  'r7 = r0\n'
const end = '\nout:\nr0 = 0\nexit'
const UNBOUNDED = 'math between map_value pointer and register with unbounded min value is not allowed'
const deep = (frames: number): string =>
  `call f1\nr0 = 0\nexit\n${Array.from({ length: frames }, (_, at) =>
    `f${at + 1}:\n${at + 1 === frames ? '' : `call f${at + 2}\n`}r0 = 0\nexit\n`).join('')}`

/** Types of `int global(long *)`, of which the argument has the tags. */
const takesLong = (...tags: string[]): { readonly typeId: number; readonly types: Btf } => {
  const writer = new BtfWriter()
  const int = (name: string, size: number): number =>
    writer.add({ kind: 'int', name, size, bits: size * 8, bitOffset: 0, isSigned: true, isChar: false, isBool: false })
  const [result, long] = [int('int', 4), int('long', 8)]
  const params = [{ name: 'a', type: writer.add({ kind: 'ptr', name: '', type: long }) }]
  const type = writer.add({ kind: 'func_proto', name: '', type: result, params, isVariadic: false })
  const typeId = writer.add({ kind: 'func', name: 'global', type, linkage: BTF_FUNC_GLOBAL })
  for (const name of tags) writer.add({ kind: 'decl_tag', name, type: typeId, component: 0 })
  return { typeId, types: new Types(writer.toBytes()) }
}

const jumpsByRegister = (code: Code): void => {
  code.op[0] = 0x0d
}

interface Case {
  readonly title: string
  readonly code: string
  readonly section?: string
  readonly attach?: number
  readonly functions?: readonly number[]
  readonly global?: { readonly start: number; readonly typeId: number; readonly types: Btf }
  readonly change?: (code: Code) => void
  /** Accepted (`ok`), or a part of the last line. */
  readonly answers: readonly [in612: string, in618: string, in73: string]
}

const cases: readonly Case[] = [
  {
    title: 'a hook answers the negation of a number', section: 'lsm/file_open',
    code: `${random}\nr0 &= 0xfff\nr0 = -r0\nexit`, answers: ['unknown scalar value', 'ok', 'ok'],
  },
  {
    title: 'a negation that is too small', section: 'lsm/file_open', code: `${random}\nr0 &= 0x1fff\nr0 = -r0\nexit`,
    answers: ['unknown scalar value', 'smin=-8191', 'smin=-8191'],
  },
  {
    title: 'an offset is a quotient',
    code: `${value}${random}\nw0 = w0\nr0 /= 0x20000000\nr7 += r0\nr0 = *(u8 *)(r7 +0)${end}`,
    answers: [UNBOUNDED, UNBOUNDED, 'ok'],
  },
  {
    title: 'an offset is a remainder', code: `${value}${random}\nr0 %= 16\nr7 += r0\nr0 = *(u8 *)(r7 +0)${end}`,
    answers: [UNBOUNDED, UNBOUNDED, 'ok'],
  },
  {
    title: 'a remainder that is too large', code: `${value}${random}\nr0 %= 17\nr7 += r0\nr0 = *(u8 *)(r7 +0)${end}`,
    answers: [UNBOUNDED, UNBOUNDED, 'max value is outside'],
  },
  {
    title: 'a pointer before its value, read behind its start',
    code: `${value}r7 += -4\nr0 = *(u32 *)(r7 +8)${end}`, answers: ['ok', 'ok', 'unbounded memory access'],
  },
  {
    title: 'may_goto to the next instruction', code: 'may_goto next\nnext:\nr0 = 0\nexit',
    answers: ['invalid may_goto off 0', 'ok', 'ok'],
  },
  {
    title: 'a known key of an array', answers: ["invalid mem access 'map_value_or_null'", 'ok', 'ok'],
    code: 'r1 = 3\n*(u32 *)(r10 -8) = r1\nr2 = r10\nr2 += -8\nr1 = map[0]\ncall bpf_map_lookup_elem\n' +
      'r0 = *(u64 *)(r0 +0)\nr0 = 0\nexit',
  },
  {
    title: 'a known key that is not in the array',
    code: 'r1 = 4\n*(u32 *)(r10 -8) = r1\nr2 = r10\nr2 += -8\nr1 = map[0]\ncall bpf_map_lookup_elem\n' +
      'r0 = *(u64 *)(r0 +0)\nr0 = 0\nexit',
    answers: ["'map_value_or_null'", "'map_value_or_null'", "'map_value_or_null'"],
  },
  {
    title: 'a kprobe stores to its registers', section: 'kprobe', code: '*(u64 *)(r1 +0) = 0\nr0 = 0\nexit',
    answers: ['invalid bpf_context access', 'ok', 'ok'],
  },
  {
    title: 'a context pointer is moved', section: 'kprobe', code: 'r1 += 8\nr0 = *(u64 *)(r1 +0)\nexit',
    answers: ['dereference of modified ctx ptr', 'dereference of modified ctx ptr', 'ok'],
  },
  {
    title: 'bpf_set_retval takes a pointer', section: 'lsm/file_open', attach: LSM_CGROUP,
    code: 'call bpf_set_retval\nr0 = 1\nexit', answers: ['ok', 'ok', 'R1 is not a scalar'],
  },
  {
    title: 'bpf_set_retval takes a number that is no errno', section: 'lsm/file_open', attach: LSM_CGROUP,
    code: 'r1 = 5\ncall bpf_set_retval\nr0 = 1\nexit',
    answers: ['ok', 'ok', 'At bpf_set_retval the register R1 has smin=5'],
  },
  {
    title: 'two frames of 304 bytes', section: 'kprobe', functions: [4],
    code: '*(u64 *)(r10 -304) = 0\ncall f1\nr0 = 0\nexit\nf1:\n*(u64 *)(r10 -304) = 0\nr0 = 0\nexit',
    answers: ['combined stack size of 2 calls is 608', 'ok', 'ok'],
  },
  { title: 'nine calls in each other', code: deep(9), answers: ['too deep', 'too deep', 'ok'] },
  {
    title: 'a function calls itself', code: 'call f1\nr0 = 0\nexit\nf1:\ncall f1\nr0 = 0\nexit',
    answers: ['too deep', 'too deep', 'recursive call from () to ()'],
  },
  {
    title: 'functions call each other where the walk does not come',
    code: `${random}\nr0 &= 7\nif r0 < 9 goto out\ncall f1\nout:\nr0 = 0\nexit\n` +
      'f1:\ncall f2\nr0 = 0\nexit\nf2:\ncall f1\nr0 = 0\nexit',
    answers: ['too deep', 'too deep', 'recursive call from () to ()'],
  },
  {
    title: 'a number 0 where no NULL may be', global: { start: 4, ...takesLong('arg:nonnull') },
    code: 'r1 = 0\ncall f1\nr0 = 0\nexit\nf1:\nr0 = 0\nexit', answers: ['ok', 'ok', 'Caller passes invalid args'],
  },
  {
    title: 'a number 0 where NULL may be', global: { start: 4, ...takesLong() },
    code: 'r1 = 0\ncall f1\nr0 = 0\nexit\nf1:\nr0 = 0\nexit', answers: ['ok', 'ok', 'ok'],
  },
  {
    title: 'a jump to the address in a register', change: jumpsByRegister, code: 'r0 = 0\nr0 = 0\nexit',
    answers: ['unknown opcode 0d', 'unknown opcode 0d', 'no jump tables found for subprog starting at 0'],
  },
  {
    title: 'a jump to the address in a register behind a branch that is never taken',
    code: 'r0 = 0\nif r0 == 0 goto out\nr0 = 0\nr0 = 0\nout:\nexit',
    change: (code) => { code.op[2] = 0x0d },
    answers: ['unknown opcode 0d', 'unknown opcode 0d', 'no jump tables found for subprog starting at 0'],
  },
  {
    title: 'LSM programs that sleep on a tracepoint', section: 'lsm_tp.s/sched_switch', code: 'r0 = 0\nexit',
    answers: ['ok', 'ok', 'Sleepable program cannot attach to non-faultable tracepoint sched_switch'],
  },
  {
    title: 'LSM programs that sleep on a tracepoint of system calls', section: 'lsm_tp.s/sys_enter',
    code: 'r0 = 0\nexit', answers: ['ok', 'ok', 'ok'],
  },
  {
    title: 'programs on file_alloc_security', section: 'lsm/file_alloc_security', code: 'r0 = 0\nexit',
    answers: ['ok', 'ok', 'points to disabled hook'],
  },
  {
    title: 'programs that sleep on inode_removexattr', section: 'lsm.s/inode_removexattr', code: 'r0 = 0\nexit',
    answers: ['is not sleepable', 'ok', 'ok'],
  },
]

const lastLine = (log: string): string =>
  log.split('\n').findLast((line) => line !== '' && !line.startsWith('processed ')) ?? ''

describe.each(['6.12', '6.18', '7.3'] as const)('%s', (kernel) => {
  test.each(cases)('$title', ({ answers, code, section = 'socket', functions = [], attach, global, change }) => {
    const verdict = check({ code, section, functions, attach, global, change, kernel, flags: 0 })
    const expected = answers[['6.12', '6.18', '7.3'].indexOf(kernel)]!
    if (expected === 'ok') expect(verdict.ok, verdict.log).toBe(true)
    else {
      expect(verdict.ok, verdict.log).toBe(false)
      expect(lastLine(verdict.log)).toContain(expected)
    }
  })
})

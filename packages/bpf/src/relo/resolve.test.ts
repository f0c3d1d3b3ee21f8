/** CO-RE records of every kind against a kernel whose types differ. */
import * as abi from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { Btf, BtfWriter } from '../btf/index.ts'
import { decodeCode, emptyCode, encodeCode } from '../insn/code.ts'
import { TypeBuilder } from '../vmlinux/type-builder.ts'
import { parseDeclaration } from '../vmlinux/c-declaration.ts'
import { findCandidates, patch, POISON, poison, resolveCore } from './index.ts'

/** BTF of C text: struct bodies by name, made in order. */
const typesOf = (
  bodies: Record<string, string>, extra: (writer: BtfWriter, id: (text: string) => number) => void = () => {},
): Btf => {
  const writer = new BtfWriter()
  const builder = new TypeBuilder(
    writer, new Map(Object.entries(bodies)), { u64: 'unsigned long long v', name_t: 'char v' },
  )
  const id = (text: string): number => builder.id(parseDeclaration(`${text} x`).type)
  for (const name of Object.keys(bodies)) id(name)
  extra(writer, id)
  return new Btf(writer.toBytes())
}

const int = {
  kind: 'int', name: 'unsigned int', size: 4, bits: 32, bitOffset: 0, isSigned: false, isChar: false, isBool: false,
} as const

const local = typesOf({
  'struct inner': 'int a; int b',
  'struct s': 'int first; struct inner in; int list[4]; struct s *next; short moved; unsigned int narrow; ' +
    'char kind; signed char sc; long grown',
  'struct s___old': 'int removed; int first',
  'struct gone': 'int x',
  'struct dup': 'int x',
  'union u': 'int i; long l',
}, (writer) => {
  writer.add({
    kind: 'enum', name: 'color', size: 4, isSigned: false,
    values: [{ name: 'RED', value: 0n }, { name: 'BLUE', value: 1n }, { name: 'GREY', value: 9n }],
  })
  const word = writer.add(int)
  writer.add({ kind: 'struct', name: 'bits', size: 4, members: [
    { name: 'low', type: word, bitOffset: 0, bitSize: 5 }, { name: 'high', type: word, bitOffset: 5, bitSize: 7 }] })
})

const kernel = typesOf({
  'struct inner': 'int z; int b; int a',
  'struct anon_part': 'short moved; struct inner in',
  'struct s': 'long before; struct anon_part ; int first; int list[2]; struct s *next; unsigned short narrow; ' +
    'long kind; int sc; int grown',
  'struct dup': 'int x',
  'struct dup___two': 'int y; int x',
  'union u': 'int i; long l; u64 w[2]',
}, (writer) => {
  writer.add({
    kind: 'enum', name: 'color', size: 4, isSigned: false,
    values: [{ name: 'BLUE', value: 7n }, { name: 'RED', value: 3n }],
  })
  const word = writer.add(int)
  writer.add({ kind: 'struct', name: 'bits', size: 8, members: [
    { name: 'pad', type: word, bitOffset: 0, bitSize: 30 }, { name: 'high', type: word, bitOffset: 30, bitSize: 4 },
    { name: 'low', type: word, bitOffset: 34, bitSize: 5 }] })
})

const resolve = (type: string, path: string, kind: number) =>
  resolveCore(local, { slot: 0, type: local.find(type), path, kind }, kernel)

test.each([
  // struct s of the kernel: before 0, moved 8, in 12 (z 12, b 16, a 20), first 24, list 28, next 40, narrow 48, kind
  // 56, sc 64, grown 68
  { what: 'a member that moved', type: 's', path: '0:0', kind: abi.BPF_CORE_FIELD_BYTE_OFFSET, before: 0n, after: 24n },
  {
    what: 'a member of a member that moved', type: 's', path: '0:1:0', kind: abi.BPF_CORE_FIELD_BYTE_OFFSET,
    before: 4n, after: 20n,
  },
  {
    what: 'a member in an anonymous struct now', type: 's', path: '0:4', kind: abi.BPF_CORE_FIELD_BYTE_OFFSET,
    before: 40n, after: 8n,
  },
  { what: 'an element', type: 's', path: '0:2:1', kind: abi.BPF_CORE_FIELD_BYTE_OFFSET, before: 16n, after: 32n },
  {
    what: 'the second struct of an array', type: 's', path: '1:0', kind: abi.BPF_CORE_FIELD_BYTE_OFFSET, before: 64n,
    after: 96n,
  },
  { what: 'size of a member', type: 's', path: '0:5', kind: abi.BPF_CORE_FIELD_BYTE_SIZE, before: 4n, after: 2n },
  { what: 'a member that is there', type: 's', path: '0:0', kind: abi.BPF_CORE_FIELD_EXISTS, before: 1n, after: 1n },
  {
    what: 'a member that is not', type: 's___old', path: '0:0', kind: abi.BPF_CORE_FIELD_EXISTS, before: 1n, after: 0n,
  },
  {
    what: 'a flavour\'s member', type: 's___old', path: '0:1', kind: abi.BPF_CORE_FIELD_BYTE_OFFSET, before: 4n,
    after: 24n,
  },
  { what: 'signedness', type: 's', path: '0:7', kind: abi.BPF_CORE_FIELD_SIGNED, before: 1n, after: 1n },
  {
    what: 'a bit-field\'s load', type: 'bits', path: '0:1', kind: abi.BPF_CORE_FIELD_BYTE_OFFSET, before: 0n, after: 0n,
  },
  {
    what: 'its width when it straddles a word', type: 'bits', path: '0:1', kind: abi.BPF_CORE_FIELD_BYTE_SIZE,
    before: 4n, after: 8n,
  },
  { what: 'its left shift', type: 'bits', path: '0:1', kind: abi.BPF_CORE_FIELD_LSHIFT_U64, before: 52n, after: 30n },
  {
    what: 'the left shift of a field behind the first word', type: 'bits', path: '0:0',
    kind: abi.BPF_CORE_FIELD_LSHIFT_U64, before: 59n, after: 57n,
  },
  { what: 'its right shift', type: 'bits', path: '0:1', kind: abi.BPF_CORE_FIELD_RSHIFT_U64, before: 57n, after: 60n },
  {
    what: 'the place of a field in the next word', type: 'bits', path: '0:0', kind: abi.BPF_CORE_FIELD_BYTE_OFFSET,
    before: 0n, after: 4n,
  },
  { what: 'a type that is there', type: 's', path: '0', kind: abi.BPF_CORE_TYPE_EXISTS, before: 1n, after: 1n },
  { what: 'a type that is not', type: 'gone', path: '0', kind: abi.BPF_CORE_TYPE_EXISTS, before: 1n, after: 0n },
  { what: 'size of a type that is not', type: 'gone', path: '0', kind: abi.BPF_CORE_TYPE_SIZE, before: 4n, after: 0n },
  { what: 'size of a type', type: 'u', path: '0', kind: abi.BPF_CORE_TYPE_SIZE, before: 8n, after: 16n },
  { what: 'a type that matches', type: 'u', path: '0', kind: abi.BPF_CORE_TYPE_MATCHES, before: 1n, after: 1n },
  {
    what: 'a type that has lost members', type: 's', path: '0', kind: abi.BPF_CORE_TYPE_MATCHES, before: 1n, after: 0n,
  },
  { what: 'an enumerator', type: 'color', path: '1', kind: abi.BPF_CORE_ENUMVAL_VALUE, before: 1n, after: 7n },
  {
    what: 'an enumerator that is not', type: 'color', path: '2', kind: abi.BPF_CORE_ENUMVAL_EXISTS, before: 1n,
    after: 0n,
  },
])('$what', ({ type, path, kind, before, after }) => {
  expect(resolve(type, path, kind)).toMatchObject({ before, after })
})

test.each([
  {
    what: 'a member that is gone', type: 's___old', path: '0:0', kind: abi.BPF_CORE_FIELD_BYTE_OFFSET,
    why: '`s___old.removed`: the kernel\'s type does not have it',
  },
  {
    what: 'an element beyond the kernel\'s array', type: 's', path: '0:2:3', kind: abi.BPF_CORE_FIELD_BYTE_OFFSET,
    why: '`s.list[3]`: the kernel\'s type does not have it',
  },
  {
    what: 'a type that is gone', type: 'gone', path: '0:0', kind: abi.BPF_CORE_FIELD_BYTE_OFFSET,
    why: '`gone.x`: the kernel has no such type',
  },
  {
    what: 'an enumerator that is gone', type: 'color', path: '2', kind: abi.BPF_CORE_ENUMVAL_VALUE,
    why: '`color.GREY`: the kernel\'s type does not have it',
  },
  {
    what: 'kernel types that disagree', type: 'dup', path: '0:0', kind: abi.BPF_CORE_FIELD_BYTE_OFFSET,
    why: 'several kernel types `dup` disagree: 0 and 4',
  },
])('$what is unresolved', ({ type, path, kind, why }) => {
  expect(resolve(type, path, kind)).toEqual({ why })
})

test('a kernel type that lacked one member is not asked about the next', () => {
  const halves = typesOf({ 'struct s___one': 'int first', 'struct s___two': 'int moved' })
  const record = (path: string) => ({ slot: 0, type: local.find('s'), path, kind: abi.BPF_CORE_FIELD_BYTE_OFFSET })
  const candidates = findCandidates(local, local.find('s'), halves)
  expect(resolveCore(local, record('0:0'), halves, candidates)).toMatchObject({ after: 0n })
  expect(resolveCore(local, record('0:4'), halves, candidates)).toHaveProperty('why')
  expect(resolveCore(local, record('0:4'), halves)).toMatchObject({ after: 0n })
})

test('ids of types are the program\'s and the kernel\'s', () => {
  expect(resolve('s', '0', abi.BPF_CORE_TYPE_ID_LOCAL)).toMatchObject({ after: BigInt(local.find('s')) })
  expect(resolve('s', '0', abi.BPF_CORE_TYPE_ID_TARGET)).toMatchObject({ after: BigInt(kernel.find('s')) })
})

test.each([
  ['no path', 's', '', abi.BPF_CORE_FIELD_EXISTS],
  ['a member there is none of', 's', '0:99', abi.BPF_CORE_FIELD_EXISTS],
  ['members of a number', 's', '0:0:1', abi.BPF_CORE_FIELD_EXISTS],
  ['an element outside the program\'s own array', 's', '0:2:9', abi.BPF_CORE_FIELD_EXISTS],
  ['an enumerator there is none of', 'color', '9', abi.BPF_CORE_ENUMVAL_EXISTS],
  ['a kind there is none of', 's', '0', 13],
])('%s is refused', (_, type, path, kind) => {
  expect(() => resolve(type, path, kind)).toThrow(expect.objectContaining({ code: 'bad-relocation' }))
})

describe('instructions', () => {
  const insn = (op: number, off: number, imm: number, more = 0) => {
    const code = emptyCode(1 + more)
    code.op[0] = op
    code.off[0] = off
    code.imm[0] = imm
    return code
  }
  const value = (before: bigint, after: bigint, sizes: [number, number] = [0, 0], isMisfit = false) =>
    ({ before, after, sizeBefore: sizes[0], sizeAfter: sizes[1], isMisfit, isExact: true })

  test.each([
    { what: 'a constant', code: insn(0xb7, 0, 8), value: value(8n, 24n), op: 0xb7, off: 0, imm: 24 },
    { what: 'a load', code: insn(0x61, 8, 0), value: value(8n, 24n, [4, 4]), op: 0x61, off: 24, imm: 0 },
    { what: 'a narrower load', code: insn(0x61, 8, 0), value: value(8n, 24n, [4, 2]), op: 0x69, off: 24, imm: 0 },
    { what: 'a wide constant', code: insn(0x18, 0, 8, 1), value: value(8n, -1n), op: 0x18, off: 0, imm: -1 },
  ])('$what', ({ code, value: resolution, op, off, imm }) => {
    expect(patch(code, 0, resolution)).toBeNull()
    expect([code.op[0], code.off[0], code.imm[0]]).toEqual([op, off, imm])
  })

  test.each([
    ['a signed field of another width', insn(0x61, 8, 0), value(8n, 24n, [4, 8], true), /8 bytes where 4 are loaded/],
    ['an offset that no load has room for', insn(0x61, 8, 0), value(8n, 40000n), /does not fit/],
  ])('%s cannot be patched', (_, code, resolution, why) => {
    expect(patch(code, 0, resolution)).toMatch(why)
  })

  test.each([
    ['another constant', insn(0xb7, 0, 9), value(8n, 24n)],
    ['a constant in a register', insn(0xbf, 0, 8), value(8n, 24n)],
    ['a jump', insn(0x05, 0, 8), value(8n, 24n)],
    ['half a wide constant', insn(0x18, 0, 8), value(8n, 24n)],
  ])('%s is no record\'s instruction', (_, code, resolution) => {
    expect(() => patch(code, 0, resolution)).toThrow(expect.objectContaining({ code: 'bad-relocation' }))
  })

  test('poison takes both halves of a wide constant', () => {
    const code = insn(0x18, 0, 8, 1)
    poison(code, 0)
    expect([...code.op, ...code.imm]).toEqual([0x85, 0x85, POISON, POISON])
    expect(decodeCode(encodeCode(code))).toEqual(code)
  })
})

/** Types written and read back, and bytes that are none. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { BpfError } from '../error.ts'
import { vmlinuxBytes } from '../vmlinux/index.ts'
import { Btf, BtfWriter } from './index.ts'
import type { NewType } from './index.ts'

const int = {
  kind: 'int', name: 'int', size: 4, bits: 32, bitOffset: 0, isSigned: true, isChar: false, isBool: false,
} as const

/** One of each kind; ids are places in the list, from 1. */
const all: readonly NewType[] = [
  int,
  { kind: 'ptr', name: '', type: 4 },
  { kind: 'array', name: '', type: 1, indexType: 1, length: 5 },
  { kind: 'struct', name: 'node', size: 16, members: [
    { name: 'next', type: 2, bitOffset: 0, bitSize: 0 },
    { name: 'bits', type: 1, bitOffset: 64, bitSize: 3 },
    { name: '', type: 5, bitOffset: 96, bitSize: 0 },
  ] },
  { kind: 'union', name: '', size: 4, members: [{ name: 'one', type: 1, bitOffset: 0, bitSize: 0 }] },
  {
    kind: 'enum', name: 'sign', size: 4, isSigned: true,
    values: [{ name: 'MINUS', value: -1n }, { name: 'PLUS', value: 1n }],
  },
  { kind: 'fwd', name: 'later', isUnion: true },
  { kind: 'typedef', name: 'number', type: 9 },
  { kind: 'const', name: '', type: 10 },
  { kind: 'volatile', name: '', type: 1 },
  { kind: 'restrict', name: '', type: 2 },
  { kind: 'func_proto', name: '', type: 8, params: [{ name: 'first', type: 2 }], isVariadic: true },
  { kind: 'func', name: 'act', type: 12, linkage: 1 },
  { kind: 'var', name: 'state', type: 3, linkage: 1 },
  { kind: 'datasec', name: '.data', size: 20, vars: [{ type: 14, offset: 0, size: 20 }] },
  { kind: 'float', name: 'double', size: 8 },
  { kind: 'decl_tag', name: 'first of two', type: 13, component: 0 },
  { kind: 'type_tag', name: 'user', type: 4 },
  { kind: 'enum64', name: 'wide', size: 8, isSigned: false, values: [{ name: 'TOP', value: 0xffff_ffff_ffff_ffffn }] },
  { kind: 'decl_tag', name: 'second', type: 13, component: -1 },
]

const bytesOf = (types: readonly NewType[]): Uint8Array => {
  const writer = new BtfWriter()
  for (const type of types) writer.add(type)
  return writer.toBytes()
}
const btf = new Btf(bytesOf(all))

test.each(['é', 'größe', '名', 'plain'])('a type is found by a name in UTF-8: %s', (name) => {
  const types = new Btf(bytesOf([int, { ...int, name }]))
  expect(types.find(name)).toBe(2)
  expect(types.findAll(name)).toEqual([2])
  expect(types.find(`${name}x`)).toBe(0)
})

test.each(
  all.map((type, index) => [type.kind, index + 1, type] as const),
)('%s is read as it was written', (_, id, type) => {
  expect(btf.type(id)).toEqual({ ...type, id })
  expect(btf.type(id)).toBe(btf.type(id))
})

test('types are found by name and kind, flavours by what they stand for', () => {
  expect(btf.find('node')).toBe(4)
  expect(btf.find('node', 'union')).toBe(0)
  expect(btf.find('')).toBe(0)
  const flavoured = new Btf(
    bytesOf([int, { ...int, name: 'int___old' }, { ...int, name: 'int____' }, { ...int, name: '___int' }]),
  )
  expect(flavoured.findEssential('int')).toEqual([1, 2])
  expect(flavoured.findEssential('int___new')).toEqual([1, 2])
})

test('sizes go through names, modifiers and arrays', () => {
  expect([3, 4, 8, 14, 15, 2].map((id) => btf.size(id))).toEqual([20, 16, 4, 20, 20, 8])
  expect([0, 7, 12, 13].map((id) => btf.size(id))).toEqual([-1, -1, -1, -1])
  expect(btf.resolve(8)).toBe(1)
  expect(btf.tags(13).map(({ name, component }) => [name, component])).toEqual([['first of two', 0], ['second', -1]])
  expect(btf.proto(13)!.params.map(({ name }) => name)).toEqual(['first'])
})

describe('what is no BTF', () => {
  const patched = (at: number, value: number, bytes = bytesOf(all)): Uint8Array => {
    new DataView(bytes.buffer).setUint32(at, value, true)
    return bytes
  }
  const wordOf = (id: number, word: number): number => {
    let at = 24
    for (const type of all.slice(0, id - 1)) at += (bytesOf([type]).length - 24 - stringsOf([type]))
    return at + word * 4
  }
  const stringsOf = (types: readonly NewType[]): number => new DataView(bytesOf(types).buffer).getUint32(20, true)

  test.each([
    ['another magic', patched(0, 0x0001beef), 'not-btf'],
    ['big-endian', patched(0, 0x01009feb), 'unsupported'],
    ['a type section beyond the end', patched(12, 1 << 20), 'bad-btf'],
    ['types off their boundary', patched(8, 2), 'bad-btf'],
    ['no strings', patched(20, 0), 'bad-btf'],
    ['a kind there is none of', patched(wordOf(2, 1), 31 << 24), 'bad-btf'],
    ['a name beyond the strings', patched(wordOf(4, 0), 1 << 20), 'bad-btf'],
    ['a type beyond the types', patched(wordOf(2, 2), 99), 'bad-btf'],
    ['more members than there are', patched(wordOf(4, 1), ((4 << 24) | 0xffff) >>> 0), 'bad-btf'],
    ['an integer of 3 bytes', patched(wordOf(1, 2), 3), 'bad-btf'],
    ['a member behind its struct', patched(wordOf(5, 5), 999), 'bad-btf'],
  ])('%s', (_, bytes, code) => {
    expect(() => new Btf(bytes)).toThrow(expect.objectContaining({ name: 'BpfError', code }))
  })

  test('names that only name each other end', () => {
    const loop = new Btf(bytesOf([{ kind: 'typedef', name: 'a', type: 2 }, { kind: 'typedef', name: 'b', type: 1 }]))
    expect(() => loop.resolve(1)).toThrow(BpfError)
    expect(() => loop.size(1)).toThrow(BpfError)
  })

  test('an array of arrays of 4 GiB has no size', () => {
    const huge = { kind: 'array', name: '', indexType: 1, length: 0xffff_ffff } as const
    expect(() => new Btf(bytesOf([int, { ...huge, type: 1 }, { ...huge, type: 2 }])).size(3)).toThrow(/4 GiB/)
  })
})

const hasBpftool = spawnSync('bpftool', ['version']).status === 0
const dump = (bytes: Uint8Array): string => {
  const folder = mkdtempSync(join(tmpdir(), 'lsmkit-btf-'))
  try {
    writeFileSync(join(folder, 'types.btf'), bytes)
    return spawnSync(
      'bpftool', ['btf', 'dump', 'file', join(folder, 'types.btf')], { encoding: 'utf8', maxBuffer: 1 << 28 },
    ).stdout
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test.skipIf(!hasBpftool)('bpftool reads what is written (skipped: bpftool is not installed)', () => {
  const lines = dump(vmlinuxBytes()).split('\n')
  expect(lines.some((line) => line.includes("FUNC 'bpf_lsm_file_open'"))).toBe(true)
  expect(dump(bytesOf(all)).split('\n').filter((line) => line.startsWith('['))).toHaveLength(all.length)
})

const real = new URL('../../../../../shared/data/vmlinux.btf', import.meta.url)
const readReal = (): Uint8Array | null => {
  try {
    return readFileSync(process.env.LSMKIT_VMLINUX_BTF ?? real)
  } catch {
    return null
  }
}
const realBytes = readReal()

test.skipIf(!realBytes || !hasBpftool)(
  'a kernel\'s own types survive being written again (skipped: LSMKIT_VMLINUX_BTF is not set, or no bpftool)', () => {
    expect(dump(BtfWriter.from(new Btf(realBytes!)).toBytes())).toBe(dump(realBytes!))
  })

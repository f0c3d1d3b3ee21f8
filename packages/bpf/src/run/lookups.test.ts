/** Compiled look-ups beside those of the maps: every key size, hits and misses, arrays and hashes; probe reads. */
import { BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_LRU_HASH, EFAULT } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { assemble } from '../insn/asm.ts'
import type { BpfObject, MapSpec, ProgramSpec } from '../object/bpf-object.ts'
import { ProgramBuilder } from './program-builder.ts'

const mapSpec = (type: number, keySize: number): MapSpec => ({
  name: 'm', symbol: 'm', type, keySize, valueSize: 8, maxEntries: 64, flags: 0, extra: 0n, pinning: 0, keyTypeId: 0,
  valueTypeId: 0, data: null, frozen: false, inner: null, slots: new Map(), structOpsTypeId: 0,
})

const programSpec = (text: string): ProgramSpec => ({
  name: 'p', section: 'raw_tp', type: 17, expectedAttachType: 0, sleepable: false, flags: 0, attachTo: null,
  attachBtfId: 0, autoload: true, code: assemble(text), subprograms: [], lines: [], tags: [], poisoned: new Map(),
  broken: null,
})

const open = (engine: 'jit' | 'interpreter', text: string, maps: MapSpec[]) => {
  const programBuilder = new ProgramBuilder({ engine, memory: { readOnly: 1 << 20, data: 1 << 20 } })
  const object: BpfObject = { name: 'o', license: 'GPL', maps, programs: [programSpec(text)], btf: null, externs: [] }
  const opened = programBuilder.open(object, null)
  return { programBuilder, map: opened.maps[0]!, program: opened.load(object.programs[0]!, 0) }
}

/** Copies the key at r1 into the frame, a byte at a time, looks it up and gives the value, or -1. */
const lookUp = (keySize: number): string => {
  const copies = Array.from({ length: keySize }, (_, at) => `r2 = *(u8 *)(r6 +${at})\n*(u8 *)(r10 -${96 - at}) = r2`)
  return ['r6 = r1', ...copies, 'r1 = map[0]', 'r2 = r10', 'r2 += -96', 'call bpf_map_lookup_elem',
    'if r0 == 0 goto none', 'r0 = *(u64 *)(r0 +0)', 'exit', 'none:', 'r0 = -1', 'exit'].join('\n')
}

test.each([1, 2, 3, 4, 5, 7, 8, 11, 12, 16, 31, 64])('keys of %i bytes', (keySize) => {
  for (const type of [BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_LRU_HASH]) {
    for (const engine of ['jit', 'interpreter'] as const) {
      const { programBuilder, map, program } = open(engine, lookUp(keySize), [mapSpec(type, keySize)])
      const { memory } = programBuilder.machine
      const [key, value] = [memory.alloc(keySize), memory.alloc(8)]
      const at = (n: number) => {
        for (let byte = 0; byte < keySize; byte++) memory.u8[key + byte] = (n * 7 + byte * n) & 0xff
      }
      const there = Math.min(40, 100)
      for (let n = 0; n < there; n++) {
        at(n)
        memory.view.setInt32(value, n + 1, true)
        expect(map.update(key, value, 0)).toBe(0)
      }
      for (let n = 0; n < 100; n++) {
        at(n)
        const expected = map.lookup(key)
        expect(program.run(key)).toBe(expected === 0 ? -1 : memory.view.getInt32(expected, true))
      }
    }
  }
})

test('an index inside and outside of an array', () => {
  for (const engine of ['jit', 'interpreter'] as const) {
    const { programBuilder, map, program } = open(engine, lookUp(4), [mapSpec(BPF_MAP_TYPE_ARRAY, 4)])
    const { memory } = programBuilder.machine
    const [key, value] = [memory.alloc(4), memory.alloc(8)]
    memory.view.setInt32(key, 63, true)
    memory.view.setInt32(value, 5, true)
    map.update(key, value, 0)
    expect(program.run(key)).toBe(5)
    for (const index of [64, -1]) {
      memory.view.setInt32(key, index, true)
      expect(program.run(key)).toBe(-1)
    }
  }
})

test.each([1, 3, 8, 13, 64])('probe reads of %i bytes, and of nothing', (size) => {
  const text = `r6 = r1
    r1 = r10
    r1 += -64
    r2 = ${size}
    r3 = r6
    call bpf_probe_read_kernel
    if r0 != 0 goto out
    r0 = *(u8 *)(r10 -${65 - size})
    exit
  out:
    r1 = *(u64 *)(r10 -64)
    r1 <<= ${size >= 8 ? 0 : 64 - size * 8}
    r0 += r1
    exit`
  for (const engine of ['jit', 'interpreter'] as const) {
    const { programBuilder, program } = open(engine, text, [])
    const { memory } = programBuilder.machine
    const from = memory.alloc(64)
    for (let at = 0; at < 64; at++) memory.u8[from + at] = at + 1
    expect(program.run(from)).toBe(size)
    expect(program.run(0)).toBe(-EFAULT)
    expect(program.run(0xf000_0000)).toBe(-EFAULT)
  }
})

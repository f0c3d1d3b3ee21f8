/** Lines of the sweep as recorder.c reads them: the world, then the programs, all numbers little-endian. */
import type { Btf } from '@lsmkit/bpf/btf'
import { encodeCode } from '@lsmkit/bpf/insn'
import { codeOf, linkKfuncs, targetId, typesFit } from '../../src/bpf-sweep/case.ts'
import type { SweepCase } from '../../src/bpf-sweep/case.ts'
import { functionId, worldBytes, worldMaps } from '../../src/bpf-sweep/world.ts'

const SLEEPABLE = 16

const words = (...numbers: number[]): Uint8Array => {
  const view = new DataView(new ArrayBuffer(numbers.length * 4))
  for (const [at, number] of numbers.entries()) view.setUint32(at * 4, number >>> 0, true)
  return new Uint8Array(view.buffer)
}

const sized = (bytes: Uint8Array): Uint8Array[] => [words(bytes.length), bytes]

const [INT, CONST, DECL_TAG, TYPE_TAG] = [1, 10, 17, 18]
/** Bytes behind the twelve of each type's head. */
const bytesBehind = (kind: number, count: number): number => {
  switch (kind) {
    case INT: case DECL_TAG: return 4
    case 3: return 12
    case 4: case 5: return count * 12
    case 6: case 13: return count * 8
    default: return 0
  }
}

/**
 * The world's types for a kernel whose own types have no tags, as libbpf changes them there: a tag of a type is a
 * `const`, a tag of a declaration an `int`.
 */
const typesFor = (kernel: Btf): Uint8Array => {
  if (kernel.find('btf_decl_tag_resolve', 'func') !== 0) return worldBytes
  const bytes = worldBytes.slice()
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const start = view.getUint32(4, true) + view.getUint32(8, true)
  const end = start + view.getUint32(12, true)
  const intName = view.getUint32(start, true)
  for (let at = start; at < end;) {
    const info = view.getUint32(at + 4, true)
    const kind = (info >>> 24) & 31
    if (kind === TYPE_TAG) {
      view.setUint32(at, 0, true)
      view.setUint32(at + 4, CONST << 24, true)
    } else if (kind === DECL_TAG) {
      view.setUint32(at, intName, true)
      view.setUint32(at + 4, INT << 24, true)
      view.setUint32(at + 8, 1, true)
      view.setUint32(at + 12, 8, true)
    }
    at += 12 + bytesBehind(kind, info & 0xffff)
  }
  return bytes
}

const encodeMap = (map: (typeof worldMaps)[number]): Uint8Array[] => {
  const inner = map.inner === null ? -1 : worldMaps.findIndex(({ name }) => name === map.inner!.name)
  const extra = map.extra
  return [
    words(map.type, map.keySize, map.valueSize, map.maxEntries, map.flags, inner, map.keyTypeId, map.valueTypeId,
      Number(extra & 0xffffffffn), Number(extra >> 32n)),
    ...sized(map.data ?? new Uint8Array(0)),
  ]
}

const encodeCase = (one: SweepCase, kernel: Btf): Uint8Array[] => {
  const code = codeOf(one)
  const functions = typesFit(one, code) ? one.functions : []
  linkKfuncs(one, code, kernel)
  return [
    words(one.type, one.attach, targetId(one, kernel), one.sleepable ? SLEEPABLE : 0, one.isGpl ? 1 : 0,
      one.isRoot ? 1 : 0, functions.length, code.length),
    words(...functions.flatMap(([start, name]) => [start, functionId(name)])),
    encodeCode(code),
  ]
}

export const encode = (cases: readonly SweepCase[], kernel: Btf): Uint8Array => Buffer.concat([
  ...sized(typesFor(kernel)), words(worldMaps.length), ...worldMaps.flatMap(encodeMap),
  words(cases.length), ...cases.flatMap((one) => encodeCase(one, kernel)),
])

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
  ...sized(worldBytes), words(worldMaps.length), ...worldMaps.flatMap(encodeMap),
  words(cases.length), ...cases.flatMap((one) => encodeCase(one, kernel)),
])

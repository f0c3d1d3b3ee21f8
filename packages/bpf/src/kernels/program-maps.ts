/** The maps that a program names. */
import { BPF_PSEUDO_MAP_FD, BPF_PSEUDO_MAP_VALUE } from '@lsmkit/abi'
import type { BpfObject, MapSpec, ProgramSpec } from '../object/bpf-object.ts'

const LD_IMM64 = 0x18

/** Each once, in the order of the object. */
export const mapsOf = ({ maps }: BpfObject, { code }: ProgramSpec): MapSpec[] => {
  const named = new Set<number>()
  for (let slot = 0; slot < code.length; slot++) {
    if (code.op[slot] !== LD_IMM64) continue
    if (code.src[slot] === BPF_PSEUDO_MAP_FD || code.src[slot] === BPF_PSEUDO_MAP_VALUE) named.add(code.imm[slot]!)
    slot++
  }
  return maps.filter((_, index) => named.has(index))
}

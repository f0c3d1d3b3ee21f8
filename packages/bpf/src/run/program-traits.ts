/** The traits of a program that decide which maps take it. */
import {
  BPF_F_XDP_HAS_FRAGS, BPF_FUNC_override_return, BPF_FUNC_tail_call, BPF_MAP_TYPE_CGROUP_STORAGE,
  BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE, BPF_PROG_TYPE_STRUCT_OPS, BPF_PSEUDO_MAP_FD, BPF_PSEUDO_MAP_VALUE,
} from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import type { BpfMap } from '../maps/bpf-map.ts'
import type { ProgramTraits } from '../maps/traits.ts'
import type { ProgramSpec } from '../object/bpf-object.ts'
import { isHelperCall, isPseudoCall, isPseudoFunc, LD_IMM64 } from '../verifier/shape.ts'

/** The maps that the code names, dead code included; `maps` are those of its object. */
export const mapsOf = ({ code }: ProgramSpec, maps: readonly BpfMap[]): ReadonlySet<BpfMap> => {
  const found = new Set<BpfMap>()
  for (let slot = 0; slot < code.length; slot++) {
    if (code.op[slot] !== LD_IMM64) continue
    const src = code.src[slot]
    const map = src === BPF_PSEUDO_MAP_FD || src === BPF_PSEUDO_MAP_VALUE ? maps[code.imm[slot]!] : undefined
    if (map !== undefined) found.add(map)
    slot++
  }
  return found
}

export const traitsOf = (
  spec: ProgramSpec, used: ReadonlySet<BpfMap>, kernelBtf: Btf | null, isCompiled: boolean,
): ProgramTraits => ({
  type: spec.type,
  expectedAttachType: spec.expectedAttachType,
  attachProto: attachProtoOf(spec, kernelBtf),
  isCompiled,
  hasFrags: (spec.flags & BPF_F_XDP_HAS_FRAGS) !== 0,
  overridesReturn: calls(spec, BPF_FUNC_override_return).length > 0,
  makesTailCalls: makesTailCalls(spec),
  storages: [storageOf(used, BPF_MAP_TYPE_CGROUP_STORAGE), storageOf(used, BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE)],
})

const storageOf = (used: ReadonlySet<BpfMap>, type: number): BpfMap | null =>
  [...used].find((map) => map.type === type) ?? null

/** Functions and tracepoints have one prototype where their arguments have the same types and names. */
const attachProtoOf = (spec: ProgramSpec, kernelBtf: Btf | null): number => {
  const { attachBtfId: id, type, expectedAttachType } = spec
  if (kernelBtf === null || id <= 0 || id >= kernelBtf.count) return 0
  const target = type === BPF_PROG_TYPE_STRUCT_OPS ? kernelBtf.members(id)[expectedAttachType]?.type ?? 0 : id
  return target === 0 ? 0 : kernelBtf.protoId(target)
}

/** Where the program calls a helper. */
const calls = ({ code }: ProgramSpec, helper: number): number[] => {
  const found: number[] = []
  for (let slot = 0; slot < code.length; slot++) {
    if (isHelperCall(code, slot) && code.imm[slot] === helper) found.push(slot)
    if (code.op[slot] === LD_IMM64) slot++
  }
  return found
}

/** As `tail_call_reachable`: along the calls and callbacks of its own functions, from the first one. */
const makesTailCalls = (spec: ProgramSpec): boolean => {
  const tails = calls(spec, BPF_FUNC_tail_call)
  if (tails.length === 0) return false
  const { code, subprograms } = spec
  const functionAt = (slot: number): number => subprograms.findLastIndex(({ start }) => start <= slot)
  const reached = new Set([0])
  // a set gives what is added while it is walked
  for (const index of reached) {
    const end = subprograms[index + 1]?.start ?? code.length
    for (let slot = subprograms[index]?.start ?? 0; slot < end; slot++) {
      if (isPseudoCall(code, slot) || isPseudoFunc(code, slot)) reached.add(functionAt(slot + code.imm[slot]! + 1))
      if (code.op[slot] === LD_IMM64) slot++
    }
  }
  return tails.some((slot) => reached.has(Math.max(functionAt(slot), 0)))
}

/** Maps that lead to programs have an owner: the first program that uses one decides which others may. */
import {
  BPF_MAP_TYPE_CPUMAP, BPF_MAP_TYPE_DEVMAP, BPF_MAP_TYPE_PROG_ARRAY, BPF_PROG_TYPE_EXT, BPF_PROG_TYPE_LSM,
  BPF_PROG_TYPE_STRUCT_OPS, BPF_PROG_TYPE_TRACING,
} from '@lsmkit/abi'
import type { BpfMap } from './bpf-map.ts'
import type { ProgramTraits } from './traits.ts'

/** Maps that a program may name only when it fits their owner. As in 6.12, DEVMAP_HASH asks on updates alone. */
const LEAD_TO_PROGRAMS: ReadonlySet<number> = new Set(
  [BPF_MAP_TYPE_PROG_ARRAY, BPF_MAP_TYPE_DEVMAP, BPF_MAP_TYPE_CPUMAP])

/** Types whose programs read the arguments of the function that they are attached to. */
const READ_ARGUMENTS: ReadonlySet<number> = new Set(
  [BPF_PROG_TYPE_TRACING, BPF_PROG_TYPE_LSM, BPF_PROG_TYPE_EXT, BPF_PROG_TYPE_STRUCT_OPS])

/**
 * As `bpf_prog_map_compatible` of kernel/bpf/core.c: whether the map takes the program. The first program that is asked
 * about becomes the map's owner, and stays it until the map is gone.
 */
export const takesProgram = (map: BpfMap, program: ProgramTraits): boolean => {
  if (program.overridesReturn) return false
  map.owner ??= program
  return fits(map, map.owner, program)
}

const fits = (map: BpfMap, owner: ProgramTraits, program: ProgramTraits): boolean =>
  owner.type === program.type && owner.isCompiled === program.isCompiled && owner.hasFrags === program.hasFrags &&
  (map.type !== BPF_MAP_TYPE_PROG_ARRAY || owner.expectedAttachType === program.expectedAttachType) &&
  program.storages.every((storage, at) =>
    owner.storages[at] === storage || (storage === null && !program.makesTailCalls)) &&
  (owner.attachProto === program.attachProto || !READ_ARGUMENTS.has(program.type))

/** Of the maps that a program names, the first that belongs to programs of another kind; null when all take it. */
export const refusingMap = (maps: Iterable<BpfMap>, program: ProgramTraits): BpfMap | null => {
  for (const map of maps) if (LEAD_TO_PROGRAMS.has(map.type) && !takesProgram(map, program)) return map
  return null
}

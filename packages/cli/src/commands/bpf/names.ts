/** Numbers of programs and maps as people write them. */
import { bpfAttachTypeName, bpfMapTypeName, bpfProgTypeName } from '@lsmkit/abi'
import type { BpfObject, MapSpec, ProgramSpec } from '@lsmkit/bpf/object'

const bare = (name: string, prefix: string): string => name.replace(prefix, '').toLowerCase()

export const programType = ({ type }: ProgramSpec): string => bare(bpfProgTypeName(type), 'BPF_PROG_TYPE_')
export const attachType = ({ expectedAttachType }: ProgramSpec): string =>
  bare(bpfAttachTypeName(expectedAttachType), 'BPF_')
export const mapType = ({ type }: MapSpec): string => bare(bpfMapTypeName(type), 'BPF_MAP_TYPE_')

/** `struct event`, `u32`, or nothing. */
export const typeText = ({ btf }: BpfObject, id: number): string => {
  if (!btf || id === 0) return ''
  const type = btf.type(id)
  if (type.kind === 'datasec') return ''
  if (type.kind === 'ptr') return `${typeText({ btf } as BpfObject, type.type) || 'void'} *`
  const isTagged = type.kind === 'struct' || type.kind === 'union' || type.kind === 'enum'
  return isTagged ? `${type.kind} ${type.name || '{…}'}` : type.name
}

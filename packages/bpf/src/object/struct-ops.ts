/** Programs that are members of a kernel's struct of functions: which struct, which member. */
import { BPF_PROG_TYPE_STRUCT_OPS } from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import { essentialName } from '../relo/index.ts'
import type { MapSpec, ProgramSpec } from './bpf-object.ts'

/** As libbpf: the attach id is the kernel's struct, the attach type the member's index in it. */
export const linkStructOps = (
  programs: readonly ProgramSpec[], maps: readonly MapSpec[], types: Btf | null, kernel: Btf | null,
): void => {
  if (!types || !kernel) return
  for (const map of maps) {
    if (map.structOpsTypeId === 0) continue
    const local = types.type(map.structOpsTypeId)
    const id = kernel.find(essentialName(local.name), 'struct')
    for (const [offset, name] of map.slots) {
      const program = programs.find((one) => one.name === name)
      if (program?.type !== BPF_PROG_TYPE_STRUCT_OPS || id === 0) continue
      const member = types.members(local.id).find(({ bitOffset }) => bitOffset === offset * 8)
      const index = kernel.members(id).findIndex((one) => one.name === member?.name)
      if (index < 0) continue
      program.attachBtfId = id
      program.expectedAttachType = index
      program.attachTo = `${local.name}.${member!.name}`
    }
  }
}

/** Names of BPF helpers, maps, programs, attach points, links, commands, and of BTF kinds. */
import * as attachTypes from './bpf-attach-type.ts'
import * as commands from './bpf-cmd.ts'
import * as helpers from './bpf-helper-id.ts'
import * as bpf from './bpf.ts'
import * as btf from './btf.ts'
import { nameTable, type NameTable } from './name-table.ts'

export const bpfHelperTable = /* @__PURE__ */ nameTable(helpers, /^BPF_FUNC_/)
export const bpfMapTypeTable = /* @__PURE__ */ nameTable(bpf, /^BPF_MAP_TYPE_/, [
  'BPF_MAP_TYPE_CGROUP_STORAGE_DEPRECATED',
  'BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE_DEPRECATED',
])
export const bpfProgTypeTable = /* @__PURE__ */ nameTable(bpf, /^BPF_PROG_TYPE_/)
export const bpfLinkTypeTable = /* @__PURE__ */ nameTable(bpf, /^BPF_LINK_TYPE_/)
export const bpfAttachTypeTable = /* @__PURE__ */ nameTable(attachTypes, /^BPF_/)
export const bpfCmdTable = /* @__PURE__ */ nameTable(commands, /^BPF_/, ['BPF_PROG_RUN'])
export const btfKindTable = /* @__PURE__ */ nameTable(btf, /^BTF_KIND_(?!MAX$)/)

const orNumber = (table: NameTable, value: number): string => table.nameOf(value) ?? String(value)

/** `bpf_map_lookup_elem` for 1; `unknown` for an id this kernel does not have, as the verifier prints it. */
export const bpfHelperName = (id: number): string =>
  bpfHelperTable.nameOf(id)?.replace('BPF_FUNC_', 'bpf_') ?? 'unknown'

/** The id of `bpf_map_lookup_elem`. */
export const bpfHelperByName = (name: string): number | undefined =>
  bpfHelperTable.numberOf(name.replace(/^bpf_/, 'BPF_FUNC_'))

/** `BPF_MAP_TYPE_HASH`; like the five below, a number without a name is printed as a number. */
export const bpfMapTypeName = (type: number): string => orNumber(bpfMapTypeTable, type)
export const bpfProgTypeName = (type: number): string => orNumber(bpfProgTypeTable, type)
export const bpfLinkTypeName = (type: number): string => orNumber(bpfLinkTypeTable, type)
export const bpfAttachTypeName = (type: number): string => orNumber(bpfAttachTypeTable, type)
export const bpfCmdName = (cmd: number): string => orNumber(bpfCmdTable, cmd)
export const btfKindName = (kind: number): string => orNumber(btfKindTable, kind)

/** What a loaded object file is to everyone after the loader: programs, maps and types, relocated, not yet verified. */
import type { Btf } from '../btf/btf.ts'
import type { Code } from '../insn/code.ts'

export interface BpfObject {
  readonly name: string
  /** Text of the `license` section, empty when there is none. */
  readonly license: string
  readonly maps: readonly MapSpec[]
  readonly programs: readonly ProgramSpec[]
  /** The object's own types (`.BTF`); null when compiled without `-g`. */
  readonly btf: Btf | null
}

/** One map as the object asks for it; `BPF_MAP_TYPE_*`, sizes in bytes. */
export interface MapSpec {
  readonly name: string
  readonly type: number
  keySize: number
  valueSize: number
  maxEntries: number
  flags: number
  /** `map_extra`: Bloom filter hashes, arena address. */
  readonly extra: bigint
  readonly pinning: number
  /** Types in the object's BTF, 0 when not given. */
  readonly keyTypeId: number
  readonly valueTypeId: number
  /** First contents of `.rodata`, `.data`, `.bss`, `.kconfig` and friends; null for other maps. */
  data: Uint8Array | null
  /** `.rodata` and `.kconfig`: frozen, so that the verifier may read constants out of it. */
  readonly frozen: boolean
  /** Template of the maps inside ARRAY_OF_MAPS and HASH_OF_MAPS. */
  inner: MapSpec | null
  /** Static initial slots: of PROG_ARRAY program names, of maps-in-maps map names; index → name. */
  readonly slots: ReadonlyMap<number, string>
  /** SEC("struct_ops…") maps: the struct type; 0 otherwise. */
  readonly structOpsTypeId: number
}

/**
 * One program, linked: the entry function first, then every subprogram it reaches.
 * `lddw` and `call` keep the kernel's pseudo encodings, with these meanings of imm:
 * BPF_PSEUDO_MAP_FD and MAP_VALUE an index into `object.maps` (MAP_VALUE: offset in the second slot's imm),
 * BPF_PSEUDO_FUNC and BPF_PSEUDO_CALL slots relative to the next instruction,
 * BPF_PSEUDO_KFUNC_CALL and BPF_PSEUDO_BTF_ID a type id of the kernel's BTF (0 when the symbol is weak and absent).
 */
export interface ProgramSpec {
  readonly name: string
  readonly section: string
  /** `BPF_PROG_TYPE_*`, `BPF_*` attach type (enum bpf_attach_type). */
  type: number
  expectedAttachType: number
  sleepable: boolean
  /** What follows the slash of the section: a hook, a function, an event. */
  attachTo: string | null
  /** BTF id in the kernel's types of the function attached to (`bpf_lsm_NAME` …), 0 when there is none. */
  attachBtfId: number
  /** `autoload` of libbpf: false for sections that begin with `?`. */
  autoload: boolean
  readonly code: Code
  /** Where each subprogram begins; the first is the entry at slot 0. */
  readonly subprograms: readonly { readonly name: string; readonly start: number; readonly typeId: number; readonly isGlobal: boolean }[]
  /** `.BTF.ext` line records, by slot. */
  readonly lines: readonly { readonly slot: number; readonly file: string; readonly text: string; readonly line: number; readonly column: number }[]
  /** Declaration tags of the entry function in order, as `comment:test_expect_success`. */
  readonly tags: readonly string[]
  /** CO-RE records that did not resolve: the slot was poisoned; why is shown when the verifier reaches it. */
  readonly poisoned: ReadonlyMap<number, string>
}

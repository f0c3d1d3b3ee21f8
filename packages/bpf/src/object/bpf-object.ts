/** A loaded object file after the loader: programs, maps and types, relocated, not yet verified. */
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
  /** Externs, in the order of the file: what they came to, or why the kernel does not have them. */
  readonly externs: readonly ExternSpec[]
}

/** A `__ksym` or `__kconfig` symbol. */
export interface ExternSpec {
  readonly name: string
  readonly kind: 'kfunc' | 'ksym' | 'kconfig'
  readonly isWeak: boolean
  /** Null when it resolved. A strong one without a target makes libbpf refuse the whole object. */
  readonly missing: string | null
}

/** One map as the object asks for it; `BPF_MAP_TYPE_*`, sizes in bytes. */
export interface MapSpec {
  /** The kernel's name of it: at most 15 characters. */
  readonly name: string
  /** Its name in the file, of any length; of a map made of a section the section's (`.rodata`, `.data.shared`). */
  readonly symbol: string
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
  /**
   * The maker of the program is kept from speculation (`bypass_spec_v1` is false); by default, the loader is the maker.
   */
  readonly isMasked?: boolean
  /** Template of the maps inside ARRAY_OF_MAPS and HASH_OF_MAPS. */
  inner: MapSpec | null
  /** Static initial slots: of PROG_ARRAY program names, of maps-in-maps `symbol`s; index → name. */
  readonly slots: ReadonlyMap<number, string>
  /** SEC("struct_ops…") maps: the struct type in the object's BTF; 0 otherwise. */
  readonly structOpsTypeId: number
  /** Types of key and value where they are not the object's: null has none. */
  readonly types?: Btf | null
}

/**
 * One program, linked: the entry function first, then every subprogram it reaches.
 * `lddw` and `call` keep the kernel's pseudo encodings, with these meanings of imm:
 * BPF_PSEUDO_MAP_FD and MAP_VALUE an index into `object.maps` (MAP_VALUE: offset in the second slot's imm),
 * or, below 0, `~fd` of a descriptor that the file names by number and that is none of its maps,
 * BPF_PSEUDO_FUNC and BPF_PSEUDO_CALL slots relative to the next instruction,
 * BPF_PSEUDO_KFUNC_CALL and BPF_PSEUDO_BTF_ID a type id of the kernel's BTF.
 * As libbpf does, an absent kfunc is a call of helper 2002000000 + index of the extern (see `poisoned`), an absent
 * typed variable an `lddw` of 0.
 */
export interface ProgramSpec {
  readonly name: string
  /** As in the file, without the `?` of those that are not loaded by default. */
  section: string
  /** `BPF_PROG_TYPE_*` (0: the section's name says nothing), `BPF_*` attach type (enum bpf_attach_type). */
  type: number
  expectedAttachType: number
  sleepable: boolean
  /** `BPF_F_*` of the load beside BPF_F_SLEEPABLE: what the section asks for (`xdp.frags`). */
  flags: number
  /** The name behind the slash of the section: a hook, a function, an event. */
  attachTo: string | null
  /** BTF id in the kernel's types of the function attached to (`bpf_lsm_NAME` …), 0 when there is none. */
  attachBtfId: number
  /** `autoload` of libbpf: false for sections that begin with `?`. */
  autoload: boolean
  readonly code: Code
  /** Where each subprogram begins; the first is the entry at slot 0. */
  readonly subprograms: readonly Subprogram[]
  /** `.BTF.ext` line records, by slot. */
  readonly lines: readonly SourceLine[]
  /** Declaration tags of the entry function in order, as `comment:test_expect_success`. */
  readonly tags: readonly string[]
  /** Slots that call what there is not: unresolved CO-RE accesses and kfuncs, and why. */
  readonly poisoned: ReadonlyMap<number, string>
  /** Why the linker could not put it together, then `code` is empty; null when it did. */
  readonly broken: string | null
}

export interface Subprogram {
  readonly name: string
  readonly start: number
  /** The `func` in the object's BTF; 0 without types. */
  readonly typeId: number
  readonly isGlobal: boolean
}

export interface SourceLine {
  readonly slot: number
  readonly file: string
  readonly text: string
  readonly line: number
  readonly column: number
}

/**
 * The interface between a kernel's bpf(2) and the engine that keeps maps and runs programs; a module provides it, and a
 * kernel takes it when it boots. The kernel decides who may do what, counts references and asks the hooks; without an
 * engine the call answers as a kernel without CONFIG_BPF_SYSCALL.
 *
 * Keys and values are bytes as programs see them. Failures return -errno.
 */
import type { CgroupAttachOptions } from './attach.ts'
import type { Cgroup } from './dispatch/strategy.ts'

/** Types as BPF_BTF_LOAD took them; `vmlinux` stands for the kernel's own. */
export interface EngineBtf {
  readonly bytes: Uint8Array
  readonly isKernel: boolean
}

/** `union bpf_attr` of BPF_MAP_CREATE, its descriptors resolved. */
export interface MapRequest {
  readonly map_type: number
  readonly key_size: number
  readonly value_size: number
  readonly max_entries: number
  readonly map_flags: number
  readonly map_extra: number | bigint
  readonly name: string
  readonly btf: EngineBtf | null
  readonly btf_key_type_id: number
  readonly btf_value_type_id: number
  /** Whether whoever makes it may speculate; asked of arrays only. */
  readonly bypass_spec_v1: boolean
  /** The shape of the inner maps. */
  readonly inner: EngineMap | null
}

export interface EngineMap {
  readonly id: number
  /** Locks, timers, kernel pointers in values. */
  readonly hasSpecialFields: boolean
  readonly hasSpinLock: boolean
  /** Bytes that it takes. */
  readonly memory: number
  /** Of a map that leads to programs: what the first of them is like; null when there was none yet. */
  readonly owner: { readonly prog_type: number; readonly jited: boolean } | null
  /** A copy of the value. */
  lookup(key: Uint8Array): Uint8Array | number
  /**
   * `target`: of DEVMAP, DEVMAP_HASH and CPUMAP, the program that the value names by a descriptor, or the -errno of
   * looking it up; undefined where it names none.
   */
  update(key: Uint8Array, value: Uint8Array, flags: number, target?: TargetProgram | number): number
  delete(key: Uint8Array): number
  /** The key after `key`, the first after null. */
  nextKey(key: Uint8Array | null): Uint8Array | number
  /** Queues, stacks and Bloom filters, which have no keys. */
  push(value: Uint8Array, flags: number): number
  pop(): Uint8Array | number
  peek(value: Uint8Array): Uint8Array | number
  /** Maps whose elements are maps, programs or control groups. */
  put(key: Uint8Array, held: EngineMap | EngineProgram | Cgroup, flags: number): number
  /** Maps of what is kept beside a task, an inode, a socket or a control group. */
  ofOwner(owner: object): OwnedValue
  /** User space may not write any more. */
  freeze(): void
  free(): void
}

/** A program that runs at the target of an entry, and its number. */
export interface TargetProgram {
  readonly id: number
  readonly program: EngineProgram
}

export interface OwnedValue {
  lookup(): Uint8Array | number
  update(value: Uint8Array, flags: number): number
  delete(): number
}

/** `union bpf_attr` of BPF_PROG_LOAD, its descriptors resolved. */
export interface ProgramRequest {
  readonly type: number
  readonly expected_attach_type: number
  readonly flags: number
  readonly name: string
  readonly license: string
  readonly insns: Uint8Array
  readonly attach_btf_id: number
  readonly btf: EngineBtf | null
  readonly func_info: InfoRecords
  readonly line_info: InfoRecords
  /**
   * Of the loader: CAP_BPF, CAP_PERFMON, whether what a processor runs ahead into is left alone, and for what the
   * kernel is locked down, as the hook answers.
   */
  readonly rights: {
    readonly bpf: boolean
    readonly perfmon: boolean
    readonly bypass_spec: boolean
    readonly locked_down?: (what: number) => number
  }
  /** BPF_LOG_*. */
  readonly log_level: number
  /** The map behind a descriptor, or behind an index into `fd_array`: -EBADF, -EINVAL; -EPROTO without the array. */
  mapOf(fd: number): EngineMap | number
  mapAt(index: number): EngineMap | number
}

/** Records of a size that the caller says; newer kernels know longer ones. */
export interface InfoRecords {
  readonly bytes: Uint8Array
  readonly size: number
  readonly count: number
}

export interface ProgramVerdict {
  /** 0 or -errno. */
  readonly errno: number
  readonly log: string
  readonly program: EngineProgram | null
}

export interface EngineProgram {
  /** Eight bytes of SHA-1 over its instructions. */
  readonly tag: Uint8Array
  /** Instructions as they are kept. */
  readonly xlated: Uint8Array
  readonly isCompiled: boolean
  readonly verifiedInsns: number
  readonly isGpl: boolean
  /** Puts it on what it was loaded for: -EBUSY where it is already. Programs of groups need one, and may be on many. */
  attach(cookie: number, group?: CgroupAttachOptions): EngineLink | number
  run(input: TestInput): TestOutput | number
  free(): void
}

export interface EngineLink {
  detach(): void
}

/** BPF_PROG_TEST_RUN. */
export interface TestInput {
  readonly data: Uint8Array | null
  readonly context: Uint8Array | null
  readonly repeat: number
}

export interface TestOutput {
  /** Unsigned. */
  readonly retval: number
  /** The packet and the context as the program left them. */
  readonly data: Uint8Array | null
  readonly context: Uint8Array | null
  /** Nanoseconds of one run. */
  readonly duration: number
}

export interface BpfEngine {
  readonly vmlinux: EngineBtf
  /** Checks of a map that do not depend on the task that asks: 0 or -errno. */
  checkMap(request: MapRequest): number
  createMap(request: MapRequest): EngineMap | number
  /** 0 or -errno, and a sentence for the log. */
  loadBtf(bytes: Uint8Array): { readonly errno: number; readonly log: string; readonly btf: EngineBtf | null }
  /** Verifies and compiles. */
  loadProgram(request: ProgramRequest): ProgramVerdict
}

/** Traits of a program that maps of programs compare. */

/** Traits that a program shares with every program that runs in its place. */
export interface ProgramTraits {
  /** `BPF_PROG_TYPE_*`, and the attach type it was loaded for. */
  readonly type: number
  readonly expectedAttachType: number
  /** Type id of the prototype of the function that it is attached to; 0 when it has none. */
  readonly attachProto: number
  readonly isCompiled: boolean
  /** BPF_F_XDP_HAS_FRAGS: it reads packets in several pieces. */
  readonly hasFrags: boolean
  /** It calls bpf_override_return: no map takes it. */
  readonly overridesReturn: boolean
  /** It makes a tail call, or calls a function of its own that makes one. */
  readonly makesTailCalls: boolean
  /** The maps that bpf_get_local_storage gives it: CGROUP_STORAGE, then PERCPU_CGROUP_STORAGE. */
  readonly storages: readonly [object | null, object | null]
}

/** A program that can be put into a map. */
export interface HeldProgram {
  /** A Runnable of vm/machine.ts. */
  readonly runnable: object
  readonly traits: ProgramTraits
}

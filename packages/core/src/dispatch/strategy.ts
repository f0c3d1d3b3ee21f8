/** The contract between stack.ts and this folder: the input of dispatch from a stack, and its output. */
import { LSM_ID_BPF } from '@lsmkit/abi'
import type { HookFn } from '../hooks/hook-types.ts'
import type { HookName } from '../hooks/hook-defs.ts'
import type { Current } from '../current.ts'
import type { BlobKind } from '../hooks/hook-types.ts'
import type { Dentry, Mm, MntIdmap, Secured, Sock, Task } from '../objects/index.ts'

/** One function an LSM registered on one hook. */
export interface Member {
  /** Name and id of the LSM it belongs to. */
  readonly lsm: string
  readonly id: number
  /** Place of its LSM in the order of the stack: members of a hook rise in it. */
  readonly position: number
  readonly fn: HookFn
}

/**
 * `swap` replaces the function behind a key; `list` walks an array and is the reference; `static-key` is the list
 * behind a switch, as before 6.12; `krsi-v4` is the list followed by one switched call of the attached programs.
 */
export const strategyNames = ['swap', 'list', 'static-key', 'krsi-v4'] as const
export type StrategyName = (typeof strategyNames)[number]

/** Why an answer was not one: each denies (-EACCES), and is reported before the denial is. */
export type FaultKind =
  /** The hook threw. */
  | 'throw'
  /** It returned a thenable: what it would have said comes too late. */
  | 'async-hook'
  /** It returned something that is not an int32. */
  | 'not-an-int'
  /** It returned a positive number, which has no meaning on its hook: most are an errno that lacks its sign. */
  | 'positive'
  /** A program returned an int outside the range its hook allows. */
  | 'out-of-range'
  /** The framework function caught the caller: a file that is no backing file, a refusal that cannot be honoured. */
  | 'caller'

/**
 * Where dispatch reports events off the fast path. Neither may throw; if one does it is counted. `args` are the
 * arguments of the member's call: the audit record finds the object in them.
 */
export interface ColdPath {
  /** `lsm` ended the chain of `hook` with `rc`: a denial when negative, an answer otherwise. */
  onSettle(hook: string, lsm: string, rc: number, args?: ArrayLike<unknown>): void
  /** `decides`: the fault stands for an answer, and what follows is the refusal that it comes to. */
  onFault(
    hook: string, lsm: string, error: unknown, kind: FaultKind, args?: ArrayLike<unknown>, decides?: boolean,
  ): void
  /** `lsm` is permissive and would have ended the chain of `hook` with `rc`, a refusal. */
  onWaived?(hook: string, lsm: string, rc: number, args?: ArrayLike<unknown>): void
  /** Counts events that could not be reported: a report threw, or the stack had no room to call it. */
  readonly missed?: { count: number }
}

/** Allocation of one kind of object's LSM state; absent where no LSM of the stack keeps any. */
export interface BlobPool {
  /** Puts fresh state on the object: every slot filled by its LSM's initialiser. */
  alloc(object: Secured): void
  /** Takes it away again. */
  free(object: Secured): void
}

/**
 * The capability functions that framework functions call directly, never through a slot; bound to the stack's
 * current.
 */
export interface CapabilityCalls {
  cap_inode_setxattr(dentry: Dentry, name: string, value: Uint8Array, size: number, flags: number): number
  cap_inode_removexattr(idmap: MntIdmap, dentry: Dentry, name: string): number
  /** `__vm_enough_memory`: 0, or -ENOMEM when the pages may not be had with or without the admin reserve. */
  vm_enough_memory(mm: Mm, pages: number, cap_sys_admin: number): number
}

/** A control group, as far as programs attached to one are concerned. */
export interface Cgroup {
  readonly parent: Cgroup | null
}

/** Which control group a call belongs to; without it every task and socket is in none. */
export interface CgroupMap {
  ofTask(task: Task): Cgroup | null
  ofSock(sock: Sock): Cgroup | null
}

/** The environment of framework functions, beside the members. */
export interface DispatchEnv {
  readonly current: Current
  readonly caps: CapabilityCalls
  readonly blobs: Readonly<Partial<Record<BlobKind, BlobPool>>>
  /** Sum of the xattr slots LSMs reserved (lbs_xattr_count); 0 switches inode_init_security off. */
  readonly xattr_count: number
  readonly cgroups?: CgroupMap
  /** Runs `callback` when no reader can hold the object any more; at once unless given. */
  readonly callRcu?: (callback: () => void) => void
}

/** Where attached programs stand in the order: the place of the LSM that carries them. */
export interface ProgramPlace {
  readonly lsm: string
  readonly id: number
  readonly position: number
}

/** The name and id that programs decide under where no LSM carries them: those of the kernel's own carrier. */
export const PROGRAMS_ALONE = { lsm: 'bpf', id: LSM_ID_BPF } as const

/** Members of each hook in slot order; hooks nobody uses may be left out. */
export type MemberTable = Readonly<Partial<Record<HookName, readonly Member[]>>>

export interface DispatchOptions {
  readonly members: MemberTable
  readonly env: DispatchEnv
  readonly cold: ColdPath
  readonly strategy?: StrategyName
  /** null: programs attach but nothing calls them, as in a kernel whose list has no `bpf`. */
  readonly programs?: ProgramPlace | null
  /**
   * LSMs whose refusals are reported and count as no opinion, by name; the LSM that carries programs may be one of
   * them.
   */
  readonly permissive?: readonly string[]
  /** `throw` rethrows what a hook threw, after it was reported: for tests of LSMs. */
  readonly onFault?: 'deny' | 'throw'
  /**
   * As 6.12 to the letter where we deviate for speed or safety: a program-carrying LSM keeps a nop on every hook, with
   * the side effects of that, and a failed allocation runs every free hook.
   */
  readonly kernelExact?: boolean
  /** Milliseconds; `swap` detects a burst of changes from them. */
  readonly now?: () => number
}

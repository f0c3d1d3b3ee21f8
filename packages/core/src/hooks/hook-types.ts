/** The vocabulary of the hook table: how one line of it is written, and the types everything else derives from it. */

import type { Answer } from '@lsmkit/abi'

/** Any hook function, as dispatch sees it once the types have done their work. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- dispatch is generic over 271 signatures
export type HookFn = (...args: any[]) => any

/** Kinds of object that carry LSM state (`struct lsm_blob_sizes` of 6.12). */
export type BlobKind =
  | 'cred' | 'file' | 'backing_file' | 'ib' | 'inode' | 'sock' | 'superblock' | 'ipc' | 'key' | 'msg_msg'
  | 'perf_event' | 'task' | 'tun_dev' | 'bdev'

/** How BPF may use a hook (kernel/bpf/bpf_lsm.c and the BTF sets it refers to). */
export interface BpfRules {
  readonly sleepable: boolean
  /** In the kernel's list of hooks that no program may attach to. */
  readonly disabled: boolean
  /** Values a program may return: errno (-4095..0), bool (0..1), or any for void hooks. */
  readonly returns: 'errno' | 'bool' | 'any'
  readonly notes: readonly string[]
}

/**
 * One line of the table. `Args` is the hook's own signature, `Entry` that of the framework function when it
 * differs.
 */
export interface HookDef<Ret extends 'int' | 'void', Args extends unknown[], Entry extends unknown[] = Args> {
  readonly ret: Ret
  /** The C parameter list, spelt as in lsm_hook_defs.h: BPF's ctx[i] follows its order. */
  readonly params: string
  /** How many they are. */
  readonly nparams: number
  /** LSM_RET_DEFAULT: the value that means "no opinion". 0 for void hooks, where it is not used. */
  readonly default: number
  /** Positive answers mean something: a length, a count, a yes. On other int hooks they deny. */
  readonly positive: boolean
  /** Heading the hook stands under. */
  readonly category: string
  /** The framework function skips the chain for a private inode; the text names the parameter that is looked at. */
  readonly privateGuard: boolean
  /** The blob that the framework function allocates before the chain runs and frees when it refuses. */
  readonly allocates: BlobKind | null
  /** The framework function presets its output parameter before the chain runs. */
  readonly presets: boolean
  /** A second caller of the framework (skb_classify_flow) may not be refused: BUG_ON. */
  readonly bugOn: boolean
  /** Dispatch has an explicit function for this hook (see special/), not one of the two generic rules. */
  readonly special: boolean
  readonly bpf: BpfRules
  /** Type carriers, never present at run time. */
  readonly args?: Args
  readonly entry?: Entry
}

export type AnyHookDef = HookDef<'int' | 'void', any[], any[]>

export interface HookTraits {
  readonly default?: number
  /** Positive answers mean something: a length, a count, a yes. On other int hooks they deny. */
  readonly positive?: boolean
  readonly category: string
  readonly privateGuard?: boolean
  readonly allocates?: BlobKind
  readonly presets?: boolean
  readonly bugOn?: boolean
  readonly special?: boolean
  /** Short form of BpfRules: `s` sleepable, `d` disabled, `b` returns a bool; notes follow after a space. */
  readonly bpf?: string
}

type ReturnOf<D> = D extends HookDef<'void', any[], any[]> ? void : number
type AnswerOf<D> = D extends HookDef<'void', any[], any[]> ? void : Answer
/** The signature an LSM writes for a hook. An errno without its sign is not an answer. */
export type HookOf<D> = D extends HookDef<any, infer Args, any[]> ? (...args: Args) => AnswerOf<D> : never
/** The signature a kernel calls: the framework function's. */
export type EntryOf<D> = D extends HookDef<any, any[], infer Entry> ? (...args: Entry) => ReturnOf<D> : never

/** The key of one hook: `ask` for int hooks, `tell` for void hooks. */
export type KeyOf<D> =
  D extends HookDef<'void', any[], any[]> ? { readonly tell: EntryOf<D> } : { readonly ask: EntryOf<D> }

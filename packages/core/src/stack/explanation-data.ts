/** The answer of `stack.explain()`, as data. */
import type { BlobKind } from '../hooks/hook-types.ts'

export interface LsmExplanation {
  readonly name: string
  readonly id: number
  /** The module ABI that it is written for; null when it does not say. */
  readonly abi: string | null
  readonly enabled: boolean
  /** Why it is where it is, or why it is off. */
  readonly why: string
  readonly exclusive: boolean
  /** Its refusals are recorded and not obeyed, except on the hooks in `obeyed`. */
  readonly permissive: boolean
  /** Of a permissive LSM: hooks it answers on and is obeyed, and why. */
  readonly obeyed: readonly { readonly hook: string; readonly why: string }[]
  /** Names of the hooks it is on; empty when it is off. */
  readonly hooks: readonly string[]
}

export interface HookExplanation {
  readonly hook: string
  /** LSMs in the order they are asked. */
  readonly members: readonly string[]
  /** The form behind the hook's key now: `flat`, `list`, `walk`… */
  readonly form: string
  /** The functions around the chain: a framework function, programs. */
  readonly around: readonly string[]
}

export interface BlobExplanation {
  readonly kind: BlobKind
  /** Bytes, as the kernel would lay them out. */
  readonly total: number
  readonly places: readonly BlobPart[]
}

/** Bytes of one LSM, and the slot its accessor reads; null where nobody else keeps state on the kind. */
export interface BlobPart {
  readonly lsm: string
  readonly offset: number
  readonly size: number
  readonly slot: number | null
}

export interface ExplanationData {
  /** The module ABI of this core. */
  readonly abi: string
  readonly profile: string
  readonly configLsm: string
  readonly lsmParam: string | null
  readonly securityParam: string | null
  /** Names in the order they are asked. */
  readonly order: readonly string[]
  readonly lsms: readonly LsmExplanation[]
  readonly hooks: readonly HookExplanation[]
  readonly hookCount: number
  readonly blobs: readonly BlobExplanation[]
  readonly xattrSlots: number
  readonly dispatch: { readonly strategy: string; readonly why: string }
  readonly warnings: readonly string[]
}

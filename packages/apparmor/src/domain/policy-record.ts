/** Traces of changes of policy: records, and numbers. */
import type { Namespace } from './objects.ts'

export type PolicyOperation = 'profile_load' | 'profile_replace' | 'profile_remove'

/** The kernel's log of a change of policy, one record each, in order. */
export interface PolicyRecord {
  /** Null for what is said while the stream is read. */
  readonly operation: PolicyOperation | null
  readonly name: string | null
  readonly namespace: string | null
  readonly info: string | null
  /** 0 or -errno. */
  readonly error: number
  /** Where the stream ended to make sense. */
  readonly offset: number | null
}

export interface LoadContext {
  /** The namespace of the file that was written to. */
  readonly namespace: Namespace
  /** Parameters `hash_policy` and `export_binary`. */
  readonly hashPolicy: boolean
  readonly exportBinary: boolean
  readonly record: (record: PolicyRecord) => void
}

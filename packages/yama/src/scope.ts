/** The four values of kernel.yama.ptrace_scope, and what an instance of Yama is made of. */
import type { LsmContext } from '@lsmkit/core'
import type { Relations } from './relations.ts'

/** Nothing is restricted. */
export const YAMA_SCOPE_DISABLED = 0
/** Descendants may be attached to, and who has been named with PR_SET_PTRACER may attach. */
export const YAMA_SCOPE_RELATIONAL = 1
/** CAP_SYS_PTRACE is needed, also to be traced by one's parent. */
export const YAMA_SCOPE_CAPABILITY = 2
/** Nobody attaches, and the setting cannot be changed any more. */
export const YAMA_SCOPE_NO_ATTACH = 3

export type PtraceScope = 0 | 1 | 2 | 3

/** The state of one stack's Yama. */
export interface Yama {
  readonly ctx: LsmContext
  readonly relations: Relations
  /** Takes a line for the kernel log, as often as the log's rate limit allows. */
  readonly log: (line: string) => void
  scope: PtraceScope
}

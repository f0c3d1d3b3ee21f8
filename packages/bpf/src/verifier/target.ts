/** The target of a program. */
import type { BtfParam } from '../btf/btf-type.ts'

export interface Target {
  /** Function name as the log gives it. */
  readonly name: string
  /** LSM hook, tracepoint or iterator without prefix. */
  readonly short: string
  readonly params: readonly BtfParam[]
  /** Type returned in the kernel's types; 0 is void. */
  readonly returns: number
}

/** Options of `createStack({ audit })`. */
import { hookNames } from '../hooks/hook-defs.ts'
import type { HookName } from '../hooks/hook-defs.ts'
import type { OwnHookName } from '../hooks/own-hooks.ts'
import { aBoolean, aFunction, either, listOf, nameOf, wholeNumber } from '../option-rules.ts'
import type { OptionRules } from '../option-rules.ts'
import type { AuditRecord } from './record.ts'

/** Is given every record as it is made. Errors that it throws are counted and otherwise ignored. */
export type AuditSink = (record: AuditRecord) => void

export interface AuditOptions {
  /** Records kept in memory. 1024 unless given. */
  readonly capacity?: number
  /**
   * Records a second of one process; any more are lost and counted. Processes of one label, or of one user where no
   * module has labels, have four times that together. 0, the default, is not a limit.
   */
  readonly rateLimit?: number
  /** Records a second of all together: 16 times `rateLimit` unless given, and no limit where there is neither. */
  readonly totalRateLimit?: number
  /** false: denials are counted by `stack.denial` only, and nothing is recorded of them or of what was waived. */
  readonly denials?: boolean
  /** Records what was allowed too: on all hooks, or on these. Costs every call of theirs. */
  readonly allows?: boolean | readonly (HookName | OwnHookName)[]
  readonly sinks?: readonly AuditSink[]
  /** Milliseconds since the epoch; the machine's clock unless given. */
  readonly now?: () => number
}

/** `hooks`: the names that a stack has. */
export const auditRules = (hooks: readonly string[] = hookNames): OptionRules<AuditOptions> => ({
  capacity: wholeNumber(1),
  rateLimit: wholeNumber(0),
  totalRateLimit: wholeNumber(1),
  denials: aBoolean,
  allows: either(aBoolean, listOf(nameOf(hooks, 'hook'))),
  sinks: listOf(aFunction),
  now: aFunction,
})

/** A refusal that somebody wants to understand. */
import type { AuditRecord } from '@lsmkit/core'
import type { CallTrace } from '../decisions/encoder.ts'
import type { Machine } from './machine.ts'

export type Refusal = Extract<AuditRecord, { kind: 'denial' | 'would-deny' }>

export interface HookCall {
  readonly machine: Machine
  readonly call: CallTrace
  readonly record: Refusal
  /** The lines that an LSM wrote about it, each as a line of a log. */
  readonly said: readonly string[]
}

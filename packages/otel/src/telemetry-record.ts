/**
 * The input of the sink: records of a stack, and refusals that a box of `@lsmkit/sandbox` made without asking a module.
 */
import type { AuditRecord } from '@lsmkit/core'

/** A call that the mount, the filter of calls, or the mode of the file refused. */
export interface CallRefusal {
  readonly kind: 'call'
  readonly by: string
  /** Name of the system call. */
  readonly call: string
  /** Negative errno. */
  readonly rc: number
  readonly path: string | null
  /** Milliseconds since the epoch. */
  readonly time: number
}

export type TelemetryRecord = AuditRecord | CallRefusal

export type Decision = 'denied' | 'would-deny' | 'allowed' | 'fault' | 'text'

const decisions: Readonly<Record<TelemetryRecord['kind'], Decision>> = {
  denial: 'denied', call: 'denied', 'would-deny': 'would-deny', allow: 'allowed', fault: 'fault', text: 'text',
}
export const decisionOf = ({ kind }: TelemetryRecord): Decision => decisions[kind]

/** The module that decided; null if no single one did. */
export const moduleOf = (told: TelemetryRecord): string | null =>
  told.kind === 'call' ? told.by : told.kind === 'allow' ? null : told.lsm

/** The question: a hook, or the system call if there was no hook. */
export const operationOf = (told: TelemetryRecord): string | null =>
  told.kind === 'call' ? told.call : told.kind === 'text' ? null : told.hook

export const rcOf = (told: TelemetryRecord): number | null => ('rc' in told ? told.rc : null)

export const pathOf = (told: TelemetryRecord): string | null => {
  if (told.kind === 'call') return told.path
  if (told.kind === 'text' || told.object === null) return null
  return 'path' in told.object ? told.object.path : null
}

/** Rules of the audit system, and what it keeps of the call that a task makes (kernel/audit.h). */
import type { AuditId } from '@lsmkit/core'

export interface AuditField {
  /** AUDIT_*. */
  readonly type: number
  /** 0 =, 1 !=, 2 &, 3 &=, 4 <, 5 >, 6 <=, 7 >=. */
  readonly op: number
  readonly val: number
  /** A text instead of a number; null for numbers. */
  readonly text: string | null
  /** The rule that `audit_rule_init` gave; null for fields that no LSM knows. */
  readonly lsm_rule: object | null
}

export interface AuditRule {
  /** AUDIT_FILTER_*. */
  readonly list: number
  /** AUDIT_NEVER or AUDIT_ALWAYS. */
  readonly action: number
  /** Bit n % 32 of word n / 32: system call n. */
  readonly mask: Uint32Array
  readonly fields: readonly AuditField[]
  /** `struct audit_rule_data` as it was given. */
  readonly data: Uint8Array
}

/** Ids of the objects that the call of a task has named so far. */
export class AuditContext {
  /** The task is in a call that rules may speak of. */
  isOn = false
  readonly names: AuditId[] = []
  ipc: AuditId | null = null
  target: AuditId | null = null

  begin(): void {
    this.isOn = true
    this.names.length = 0
    this.ipc = this.target = null
  }
}

export class AuditRules {
  /** AUDIT_OFF, AUDIT_ON or AUDIT_LOCKED. */
  enabled = 0
  /** Tasks that are forked from now on have a context. */
  wasEnabled = false
  readonly rules: AuditRule[] = []
  /** Rules that speak of calls that send signals. */
  signals = 0
  /** Of the last record. */
  serial = 0
}

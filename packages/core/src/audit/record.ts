/** Audit records as values. */

export type AuditDetails = Readonly<Record<string, string | number | boolean | null>>

/** A record whose text the LSM has written. */
export interface AuditText {
  readonly kind: 'text'
  /** AUDIT_AVC, AUDIT_MAC_POLICY_LOAD… */
  readonly type: number
  readonly text: string
  readonly details?: AuditDetails
}

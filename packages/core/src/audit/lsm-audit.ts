/** What an LSM may say for itself: records of its own, and why it refused. */
import type { AuditDetails, AuditText } from './record.ts'

export interface LsmAudit {
  /** Records a text of the LSM's own (an AVC line, a policy load). */
  emit(record: AuditText): void
  /**
   * `return ctx.audit.deny(-EACCES, 'no rule', { subject, object })`: gives `rc` back, and the record of the denial that
   * the framework makes of it tells the reason.
   */
  deny(rc: number, reason: string, details?: AuditDetails): number
}

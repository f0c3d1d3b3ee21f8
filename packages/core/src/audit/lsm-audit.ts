/** The audit interface of an LSM: records of its own, and reasons for its denials. */
import type { Answer } from '@lsmkit/abi'
import type { AuditKind, AuditObject, AuditSources } from './object.ts'
import type { AuditDetails, AuditText } from './record.ts'

export interface LsmAudit {
  /** Records a text of the LSM's own: `{ kind: 'text', type: AUDIT_AVC, text: 'avc:  denied  { read } for …' }`. */
  emit(record: AuditText): void
  /**
   * `return ctx.audit.deny(-EACCES, 'no rule', { subject, object })`: returns `rc`, and adds the reason to the
   * framework's record of the denial.
   */
  deny(rc: Answer, reason: string, details?: AuditDetails): number
  /** The object of a record as a value: what LSM_AUDIT_DATA_* and its union member say. */
  describe<K extends AuditKind>(kind: K, source: AuditSources[K]): AuditObject
  /** ` pid=12 comm="cat" name="f" dev="tmpfs" ino=2`, as dump_common_audit_data prints it for the current task. */
  common(object?: AuditObject | null): string
  /** `audit_log_untrustedstring`: quoted, or hexadecimal where that is not safe. */
  untrusted(text: string): string
}

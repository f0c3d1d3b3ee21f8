/** Audit as core's users see it. */
export { Audit } from './audit.ts'
export { AUDIT_SCHEMA, jsonLine, toJson } from './json-lines.ts'
export { commonText, kernelText, objectText } from './kernel-text.ts'
export type { LsmAudit } from './lsm-audit.ts'
export { describeObject } from './object.ts'
export type { AuditKind, AuditObject, AuditSources, NetSource } from './object.ts'
export type { AuditOptions, AuditSink } from './options.ts'
export type {
  AllowRecord, AuditDetails, AuditRecord, AuditText, AuditValue, DenialRecord, FaultRecord, Stamp, Subject, TextRecord,
  WouldDenyRecord,
} from './record.ts'
export type { Denial } from './recorder.ts'
export { jsonLinesSink, kernelTextSink } from './sinks.ts'
export { untrusted } from './untrusted.ts'

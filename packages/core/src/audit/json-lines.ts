/** Records as lines of JSON: the schema is docs/audit-schema.md, and its version is in every line. */
import { auditTypeName, capName, errnoName, printableJson } from '@lsmkit/abi'
import type { AuditObject } from './object.ts'
import type { AuditRecord } from './record.ts'

/** Grows when a reader of the older one would be wrong; new fields do not count. */
export const AUDIT_SCHEMA = 1

/** One line, without its end, in which nothing acts on a terminal. */
export const jsonLine = (record: AuditRecord): string => printableJson(JSON.stringify(toJson(record)))

/** The same record, names beside its numbers. */
export const toJson = (record: AuditRecord): Readonly<Record<string, unknown>> => {
  const { kind, serial, time, ...rest } = record
  const head = { schema: AUDIT_SCHEMA, kind, time: new Date(time).toISOString(), serial }
  if (record.kind === 'text') return { ...head, ...rest, type: auditTypeName(record.type), typeNumber: record.type }
  const object = record.object === null ? null : objectJson(record.object)
  const isRefusal = record.kind === 'denial' || record.kind === 'would-deny'
  return { ...head, ...rest, ...(isRefusal ? { error: errnoName(record.rc) } : {}), object }
}

const objectJson = (object: AuditObject): object =>
  object.kind === 'cap' ? { ...object, name: capName(object.cap) } : object

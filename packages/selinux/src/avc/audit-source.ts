/** The object of a check, for its record: a kind and the object, as core's audit takes them. */
import type { AuditKind, AuditSources } from '@lsmkit/core'

export type AvcKind = AuditKind | 'nothing'
export type AvcSource<K extends AvcKind> = K extends AuditKind ? AuditSources[K] : null

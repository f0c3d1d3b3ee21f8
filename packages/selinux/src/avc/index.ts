/** `@lsmkit/selinux/avc`: the access vector cache, and its records as text. */
export { Avc, DEFAULT_THRESHOLD } from './avc.ts'
export type { AvcReport, AvcStats, Beside } from './avc.ts'
export type { AvcKind, AvcSource } from './audit-source.ts'
export { avcText } from './avc-text.ts'
export type { AvcRecord } from './avc-text.ts'
export type { DecisionSource } from '../server/decision.ts'

/** Audit records as values: what happened, to whom, and who decided. Nothing in them is alive. */
import type { FaultKind } from '../dispatch/strategy.ts'
import type { AuditObject } from './object.ts'

export type AuditValue = string | number | boolean | null
/** Fields that an LSM adds: flat, so that they fit one line of text and one object of JSON. */
export type AuditDetails = Readonly<Record<string, AuditValue>>

/** A text record of an LSM: an AVC line, a policy load. */
export interface AuditText {
  readonly kind: 'text'
  /** AUDIT_AVC, AUDIT_MAC_POLICY_LOAD… */
  readonly type: number
  /** The text behind `msg=audit(…): `. */
  readonly text: string
  /** The same in parts, for readers of JSON. */
  readonly details?: AuditDetails
}

/** When, and in which place of the sequence. */
export interface Stamp {
  readonly serial: number
  /** Milliseconds since the epoch. */
  readonly time: number
}

/** The task that asked. */
export interface Subject {
  /** The process (tgid) and the thread (pid in the kernel's words). */
  readonly pid: number
  readonly tid: number
  readonly comm: string
  readonly uid: number
  readonly gid: number
  readonly euid: number
  readonly egid: number
  readonly fsuid: number
  readonly fsgid: number
  /** Login uid and session; 4294967295 when there is none. */
  readonly auid: number
  readonly ses: number
  /** Its security context, where an LSM of the stack has such. */
  readonly label: string | null
}

interface Decision extends Stamp {
  readonly hook: string
  readonly lsm: string
  readonly subject: Subject
  readonly object: AuditObject | null
  /** The numbers, flags and texts among the hook's arguments, by parameter name. */
  readonly args: AuditDetails
}

/** An LSM refused: `rc` is negative. */
export interface DenialRecord extends Decision {
  readonly kind: 'denial'
  readonly rc: number
  /** In the LSM's words; null when it gave none. */
  readonly reason: string | null
  readonly details: AuditDetails | null
}

/** A permissive LSM would have refused with `rc`, and was not obeyed. */
export interface WouldDenyRecord extends Omit<DenialRecord, 'kind'> {
  readonly kind: 'would-deny'
}

/** All LSMs agreed, or one answered: recorded on request only. */
export interface AllowRecord extends Omit<Decision, 'lsm'> {
  readonly kind: 'allow'
  readonly rc: number
}

/** A hook broke its contract and so denied. A system call that threw: `kernel` on `openat`. */
export interface FaultRecord extends Decision {
  readonly kind: 'fault'
  readonly fault: FaultKind
  /** Of the error, or what was answered and what to answer instead: `answered 13; did you mean -EACCES?` */
  readonly message: string
}

export interface TextRecord extends Stamp {
  readonly kind: 'text'
  readonly lsm: string
  readonly type: number
  readonly text: string
  readonly details: AuditDetails | null
}

export type AuditRecord = DenialRecord | WouldDenyRecord | AllowRecord | FaultRecord | TextRecord

/** A record before it has a place in the sequence. */
export type Unstamped<R> = R extends unknown ? Omit<R, keyof Stamp> : never

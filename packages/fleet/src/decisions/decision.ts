/**
 * Decisions of a host as lines of JSON: in its spool, in the log `dec` of the store, and for whoever asks about them.
 * A line is a decision, the number of decisions that were only counted, or a gap in the serials.
 */
import { errnoName } from '@lsmkit/abi'
import type { AuditDetails, AuditRecord } from '@lsmkit/core'
import type { Denial } from '@lsmkit/sandbox'
import type { Gap } from '../spool/gap.ts'

export const verdicts = ['deny', 'would-deny', 'allow', 'fault', 'note'] as const
/** `note`: what a module says in words, without a refusal. */
export type Verdict = (typeof verdicts)[number]

/** A record of a stack's audit, or of a box's refusal. */
export type DecisionRecord = AuditRecord | Denial['record']

/** The parts of a decision that a rule of masking may take away. */
export const maskable = ['path', 'arguments', 'reason', 'program', 'label', 'peer'] as const
export type Maskable = (typeof maskable)[number]

interface LineHead {
  /** Of the host: each number is given once, also over restarts. */
  readonly serial: number
  /** Milliseconds since 1970, by the clock of the host. */
  readonly time: number
}

export interface DecisionLine extends LineHead {
  readonly kind: 'decision'
  /** Another one after each start of the agent. */
  readonly boot: string
  /** The digest of the bundle that decided; null where the host had none. */
  readonly bundle: string | null
  /** The stack or box by its name. */
  readonly source: string
  readonly verdict: Verdict
  /** So many decisions like this one were seen for each that is kept. */
  readonly sample: number
  readonly masked: readonly Maskable[]
  readonly record: DecisionRecord
  /** Records of the module in words, as a kernel prints them. */
  readonly texts: readonly string[]
}

export interface Counted {
  readonly source: string
  readonly operation: string
  readonly verdict: Verdict
  readonly count: number
}

/** Decisions between two moments that were only counted. */
export interface CountsLine extends LineHead {
  readonly kind: 'counts'
  readonly boot: string
  readonly bundle: string | null
  readonly since: number
  readonly counts: readonly Counted[]
}

export interface GapLine extends LineHead, Gap {
  readonly kind: 'gap'
}

export type Line = DecisionLine | CountsLine | GapLine

/** A line as a reader of the store has it. */
export type FleetRecord =
  | (DecisionLine & Origin)
  | (CountsLine & Origin)
  | (GapLine & Origin)
  /** Serials that nobody has explained. More may come as long as the host lives. */
  | { readonly kind: 'missing', readonly host: string, readonly from: number, readonly to: number }
  /** A record of the log that is no message of a host. */
  | { readonly kind: 'damaged', readonly host: string, readonly sequence: number, readonly reason: string }

interface Origin {
  /** From the store, never from the record. */
  readonly host: string
  /** Milliseconds since 1970, by the clock of the store. */
  readonly arrived: number
}

export type FleetDecision = DecisionLine & Origin

/** The fields that can be asked about. Null where a decision has no such thing. */
export interface DecisionFields {
  readonly host: string
  readonly serial: number
  readonly time: number
  readonly boot: string
  readonly bundle: string | null
  readonly source: string
  readonly module: string
  readonly verdict: Verdict
  /** The hook, or the system call. */
  readonly operation: string | null
  readonly error: string | null
  readonly pid: number | null
  readonly program: string | null
  readonly uid: number | null
  readonly label: string | null
  /** The kind of the thing that was asked for: `file`, `net`, `task`. */
  readonly object: string | null
  readonly path: string | null
  readonly peer: string | null
  readonly port: number | null
  readonly reason: string | null
  readonly sample: number
}

export const fieldNames = [
  'host', 'serial', 'time', 'boot', 'bundle', 'source', 'module', 'verdict', 'operation', 'error', 'pid', 'program',
  'uid', 'label', 'object', 'path', 'peer', 'port', 'reason', 'sample',
] as const satisfies readonly (keyof DecisionFields)[]
export type FieldName = (typeof fieldNames)[number]

/** Those that are in the line itself. */
type LineFields = Pick<DecisionFields,
  'host' | 'serial' | 'time' | 'boot' | 'bundle' | 'source' | 'verdict' | 'sample'>
type RecordFields = Omit<DecisionFields, keyof LineFields>

const nothing = { pid: null, program: null, uid: null, label: null, object: null, path: null, peer: null, port: null }

const errorOf = (rc: number): string | null => (rc < 0 ? errnoName(rc) : null)

/** What is asked for, by the record's object. */
const objectFields = (record: Exclude<AuditRecord, { kind: 'text' }>): Partial<RecordFields> => {
  const { object } = record
  if (object === null) return {}
  const kind = { object: object.kind }
  switch (object.kind) {
    case 'path': case 'file': case 'ioctl_op': case 'dentry': return { ...kind, path: object.path }
    case 'inode': return { ...kind, path: object.name }
    case 'net': return {
      ...kind, path: object.path, peer: object.faddr || object.daddr || null,
      port: object.fport || object.dest || object.source || object.lport || null,
    }
    default: return kind
  }
}

/** Of the details that modules give. */
const detailFields = (details: AuditDetails | null): Partial<RecordFields> => {
  const { host, port } = details ?? {}
  return { ...(typeof host === 'string' ? { peer: host } : {}), ...(typeof port === 'number' ? { port } : {}) }
}

/** The fields of a record, wherever it stands in it. */
export const recordFields = (record: DecisionRecord): RecordFields => {
  if (record.kind === 'call') {
    const { by, call, rc, path, why = null } = record
    return { ...nothing, module: by, operation: call, error: errorOf(rc), path, reason: why }
  }
  if (record.kind === 'host') {
    const { host, port, rc, why } = record
    return {
      ...nothing, module: 'hosts', operation: 'connect', error: errorOf(rc), object: 'net', peer: host, port,
      reason: why,
    }
  }
  if (record.kind === 'text') {
    return { ...nothing, module: record.lsm, operation: null, error: null, reason: record.text }
  }
  const { subject, hook } = record
  return {
    ...nothing, module: record.kind === 'allow' ? '' : record.lsm, operation: hook,
    error: 'rc' in record ? errorOf(record.rc) : null, pid: subject.pid, program: subject.comm, uid: subject.euid,
    label: subject.label, reason: record.kind === 'fault' ? record.message : 'reason' in record ? record.reason : null,
    ...objectFields(record), ...('details' in record ? detailFields(record.details) : {}),
  }
}

/** All that can be asked about a decision. */
export const decisionFields = (decision: LineFields & Pick<FleetDecision, 'record'>): DecisionFields => {
  const { host, serial, time, boot, bundle, source, verdict, sample, record } = decision
  return { host, serial, time, boot, bundle, source, verdict, sample, ...recordFields(record) }
}

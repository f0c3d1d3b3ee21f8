/** One decision as a log record: the names are those of OpenTelemetry's conventions where it has one. */
import { errnoName, oneLine } from '@lsmkit/abi'
import type { AuditObject, Subject } from '@lsmkit/core'
import { kernelText } from '@lsmkit/core'
import type { LogRecord } from '@opentelemetry/api'
import { operationOf, decisionOf, moduleOf, pathOf, rcOf } from './telemetry-record.ts'
import type { Decision, TelemetryRecord } from './telemetry-record.ts'

type Attributes = NonNullable<LogRecord['attributes']>

/** SeverityNumber of OpenTelemetry, which is a number on the wire. */
const severities: Readonly<Record<Decision, readonly [number: number, text: string]>> = {
  allowed: [9, 'INFO'], text: [9, 'INFO'], 'would-deny': [10, 'INFO2'], denied: [13, 'WARN'], fault: [17, 'ERROR'],
}

/** Attributes that hold nothing are left out. */
const known = (attributes: Readonly<Record<string, string | number | boolean | null | undefined>>): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== null && value !== undefined))

const subjectAttributes = (subject: Subject): Readonly<Record<string, string | number | null>> => ({
  'process.pid': subject.pid,
  'thread.id': subject.tid,
  'process.executable.name': subject.comm,
  'process.user.id': subject.euid,
  'process.real_user.id': subject.uid,
  'lsmkit.subject.label': subject.label,
})

const objectAttributes = (object: AuditObject | null): Readonly<Record<string, string | number | null>> => {
  if (object === null) return {}
  const kind = { 'lsmkit.object.kind': object.kind }
  switch (object.kind) {
    case 'path':
    case 'file':
    case 'ioctl_op':
    case 'dentry':
      return { ...kind, 'file.path': object.path, 'file.inode': object.ino === null ? null : String(object.ino) }
    case 'inode':
      return { ...kind, 'file.name': object.name, 'file.inode': object.ino === null ? null : String(object.ino) }
    case 'task':
      return { ...kind, 'lsmkit.object.pid': object.pid, 'lsmkit.object.name': object.comm }
    case 'net':
      return {
        ...kind, 'network.local.address': object.laddr || object.saddr || object.path,
        'network.local.port': object.lport || object.source || null,
        'network.peer.address': object.faddr || object.daddr || null,
        'network.peer.port': object.fport || object.dest || null,
      }
    case 'cap':
      return { ...kind, 'lsmkit.object.capability': object.cap }
    default:
      return kind
  }
}

const bodyOf = (told: TelemetryRecord): string => {
  if (told.kind !== 'call') return kernelText(told)
  const path = told.path === null ? '' : ` ${told.path}`
  return oneLine(`${told.call} refused by ${told.by}: ${errnoName(told.rc)}${path}`)
}

/** A record of the audit, or a refused call, as a log record. */
export const logOf = (told: TelemetryRecord): LogRecord => {
  const decision = decisionOf(told)
  const [severityNumber, severityText] = severities[decision]
  const rc = rcOf(told)
  const parts = told.kind === 'call' || told.kind === 'text' ? {} : {
    ...subjectAttributes(told.subject), ...objectAttributes(told.object),
  }
  return {
    eventName: 'lsmkit.decision',
    timestamp: new Date(told.time),
    severityNumber,
    severityText,
    body: bodyOf(told),
    attributes: known({
      'lsmkit.decision': decision,
      'lsmkit.module': moduleOf(told),
      [told.kind === 'call' ? 'lsmkit.call' : 'lsmkit.hook']: operationOf(told),
      'lsmkit.serial': told.kind === 'call' ? null : told.serial,
      'lsmkit.reason': 'reason' in told ? told.reason : told.kind === 'fault' ? told.message : null,
      'error.type': rc !== null && rc < 0 ? errnoName(rc) : null,
      'file.path': pathOf(told),
      ...parts,
    }),
  }
}

/** A decision as an event of OCSF 1.4: what kind of thing was acted upon chooses the class. */
import { errnoName } from '@lsmkit/abi'
import type { AuditObject } from '@lsmkit/core'
import { kernelText } from '@lsmkit/core'
import { operationOf, decisionOf, moduleOf, pathOf, rcOf } from './telemetry-record.ts'
import type { Decision, TelemetryRecord } from './telemetry-record.ts'

export interface OcsfEvent {
  readonly class_uid: number
  readonly class_name: string
  readonly category_uid: number
  readonly category_name: string
  readonly activity_id: number
  readonly type_uid: number
  readonly [attribute: string]: unknown
}

interface OcsfClass {
  readonly uid: number
  readonly name: string
  readonly category: readonly [uid: number, name: string]
}

const SYSTEM = [1, 'System Activity'] as const
const NETWORK = [4, 'Network Activity'] as const
const FILES: OcsfClass = { uid: 1001, name: 'File System Activity', category: SYSTEM }
const KERNEL: OcsfClass = { uid: 1003, name: 'Kernel Activity', category: SYSTEM }
const MODULES: OcsfClass = { uid: 1005, name: 'Module Activity', category: SYSTEM }
const PROCESSES: OcsfClass = { uid: 1007, name: 'Process Activity', category: SYSTEM }
const CONNECTIONS: OcsfClass = { uid: 4001, name: 'Network Activity', category: NETWORK }

const classes: Readonly<Partial<Record<AuditObject['kind'], OcsfClass>>> = {
  path: FILES, file: FILES, ioctl_op: FILES, dentry: FILES, inode: FILES, super_block: FILES, anon_inode: FILES,
  task: PROCESSES, net: CONNECTIONS, kmod: MODULES,
}

/** `activity_id` 99 is Other: the hook says what was asked, more finely than OCSF's activities do. */
const OTHER = 99

/** Allowed or Denied; Blocked, Logged, Allowed; Informational to High; Success or Failure. */
type Verdict = readonly [action: number, disposition: number, severity: number, status: number]
const verdicts: Readonly<Record<Decision, Verdict>> = {
  denied: [2, 2, 3, 2], 'would-deny': [1, 17, 2, 1], allowed: [1, 1, 1, 1], fault: [2, 2, 4, 2], text: [99, 99, 1, 99],
}

const classOf = (told: TelemetryRecord): OcsfClass => {
  if (told.kind === 'call') return told.path === null ? KERNEL : FILES
  return (told.kind === 'text' || told.object === null ? undefined : classes[told.object.kind]) ?? KERNEL
}

/** A record of the audit, or a refused call, as an event of OCSF. */
export const ocsfOf = (told: TelemetryRecord): OcsfEvent => {
  const { uid, name, category } = classOf(told)
  const decision = decisionOf(told)
  const [action_id, disposition_id, severity_id, status_id] = verdicts[decision]
  const [path, rc, asked] = [pathOf(told), rcOf(told), operationOf(told)]
  const subject = told.kind === 'call' || told.kind === 'text' ? null : told.subject
  return {
    class_uid: uid,
    class_name: name,
    category_uid: category[0],
    category_name: category[1],
    activity_id: OTHER,
    activity_name: asked ?? 'Other',
    type_uid: uid * 100 + OTHER,
    time: told.time,
    severity_id,
    action_id,
    disposition_id,
    status_id,
    ...(rc !== null && rc < 0 ? { status_code: errnoName(rc) } : {}),
    message: told.kind === 'call' ? `${told.call} refused by ${told.by}` : kernelText(told),
    metadata: {
      version: '1.4.0', product: { name: 'lsmkit', vendor_name: 'lsmkit' },
      ...(told.kind === 'call' ? {} : { sequence: told.serial }),
    },
    policy: { name: moduleOf(told) ?? 'stack' },
    ...(subject === null ? {} : {
      actor: { process: { pid: subject.pid, name: subject.comm, user: { uid: String(subject.euid) } } },
    }),
    ...(path === null ? {} : { file: { path, name: path.slice(path.lastIndexOf('/') + 1), type_id: 0 } }),
  }
}

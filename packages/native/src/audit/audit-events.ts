/** Landlock's own records of refusals (Linux 6.15 and later), from a log of the kernel, and their join with denials. */
import { syscallName } from '@lsmkit/abi'
import { fieldsOf, logLines, trusted } from '@lsmkit/core/policy/audit-log'
import type { LogText } from '@lsmkit/core/policy/audit-log'
import type { NativeDenial } from '../watch/native-denial.ts'

/** One refusal as the kernel has logged it. */
export interface AuditEvent {
  /** `1729738800.268:30`: the time in seconds, and a number that all records of one call share. */
  readonly serial: string
  /** Milliseconds since the epoch. */
  readonly time: number
  /** The domain that refused, in hexadecimal. */
  readonly domain: string
  /** `fs.read_file`, `net.connect_tcp`, `scope.signal`, `ptrace`. */
  readonly blockers: readonly string[]
  readonly path: string | null
  readonly port: number | null
  /** Of the record of the call, where the log has it: the process, the name of its program, and the call. */
  readonly pid: number | null
  readonly comm: string | null
  readonly call: string | null
}

const SERIAL = /\baudit\((\d+\.\d+:\d+)\)/
const ARCH_X64 = 'c000003e'

const numberOf = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : null

/** The record of the call: `type=SYSCALL … arch=c000003e syscall=257 … pid=300 … comm="cat"`. */
const callOf = (fields: ReadonlyMap<string, string>): Pick<AuditEvent, 'pid' | 'comm' | 'call'> => {
  const number = numberOf(fields.get('syscall'))
  const isKnown = number !== null && fields.get('arch') === ARCH_X64
  return {
    pid: numberOf(fields.get('pid')), comm: trusted(fields.get('comm')),
    call: isKnown ? syscallName(number).replace(/^SYS_/, '') : null,
  }
}

const noCall: Pick<AuditEvent, 'pid' | 'comm' | 'call'> = { pid: null, comm: null, call: null }

/**
 * The refusals of Landlock in a log: text of auditd, of the kernel's ring or of a journal. Other lines are passed
 * over.
 */
export const readAuditEvents = (log: LogText): AuditEvent[] => {
  const calls = new Map<string, Pick<AuditEvent, 'pid' | 'comm' | 'call'>>()
  const found: Omit<AuditEvent, 'pid' | 'comm' | 'call'>[] = []
  for (const { text } of logLines(log)) {
    const serial = SERIAL.exec(text)?.[1]
    if (serial === undefined) continue
    const fields = fieldsOf(text)
    const [domain, blockers] = [fields.get('domain'), fields.get('blockers')]
    if (fields.has('syscall')) calls.set(serial, callOf(fields))
    else if (domain !== undefined && blockers !== undefined) {
      found.push({
        serial, time: Number(serial.split(':')[0]) * 1000, domain, blockers: blockers.split(','),
        path: trusted(fields.get('path')), port: numberOf(fields.get('dest')) ?? numberOf(fields.get('src')),
      })
    }
  }
  return found.map((one) => ({ ...one, ...calls.get(one.serial) ?? noCall }))
}

/** Milliseconds between the question of a watch and the record of the kernel. */
const NEAR = 2000

/** A refusal of the kernel, and the denial that a watch has of the same call; null where it has none. */
export interface JoinedEvent {
  readonly event: AuditEvent
  readonly denial: NativeDenial | null
}

const portOf = ({ record }: NativeDenial): unknown => ('args' in record ? record.args['port'] ?? null : null)

const isSame = ({ path, port, comm, time }: AuditEvent, denial: NativeDenial): boolean =>
  (path === null ? port !== null && portOf(denial) === port : denial.path === path) &&
  (comm === null || comm === denial.comm) && Math.abs(denial.record.time - time) <= NEAR

/** Each denial is joined with one event at most. */
export const joinAudit = (events: readonly AuditEvent[], denials: readonly NativeDenial[]): JoinedEvent[] => {
  const left = [...denials]
  return events.map((event) => {
    const at = left.findIndex((denial) => isSame(event, denial))
    return { event, denial: at < 0 ? null : left.splice(at, 1)[0]! }
  })
}

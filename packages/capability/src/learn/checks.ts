/** Checks for a capability in a log: the framework's own records, and SELinux's of the same checks. */
import { CAP_OPT_NOAUDIT, capValid } from '@lsmkit/abi'
import { fieldsOf, loggedDecision, logLines, trusted } from '@lsmkit/core/policy/audit-log'
import type { LoggedDecision, LogLine, LogText } from '@lsmkit/core/policy/audit-log'

export interface CapabilityCheck {
  /** Line of the log, from 1. */
  readonly line: number
  /** `denied`: it was missing, whether that was obeyed or not. `used`: it was there, which is recorded on request. */
  readonly outcome: 'denied' | 'used'
  /** The LSM that checked: `capability`, or another one that refuses capabilities. */
  readonly lsm: string
  readonly cap: number
  readonly pid: number
  readonly comm: string
  /** A look whether it is there, which the kernel does not log: what the program does may succeed without it. */
  readonly isProbe: boolean
}

const CLASSES: ReadonlySet<string> = new Set(['capability', 'capability2', 'cap_userns', 'cap2_userns'])

/** In the order of the log, each when it is asked for; lines of anything else are passed over. */
export function* capabilityChecksIn(log: LogText): Generator<CapabilityCheck> {
  for (const line of logLines(log)) {
    const decision = loggedDecision(line)
    const check = decision === null ? ofSelinux(line) : ofFramework(decision)
    if (check !== null) yield check
  }
}

/** The same as a list. */
export const readCapabilityChecks = (log: LogText): CapabilityCheck[] => [...capabilityChecksIn(log)]

const ofFramework = ({ line, kind, hook, lsm, pid, comm, fields }: LoggedDecision): CapabilityCheck | null => {
  const cap = capOf(fields.get('capability'))
  if (hook !== 'capable' || cap === null) return null
  const isProbe = (Number(fields.get('opts') ?? 0) & CAP_OPT_NOAUDIT) !== 0
  return { line, outcome: kind === 'allow' ? 'used' : 'denied', lsm, cap, pid, comm, isProbe }
}

/** `avc:  denied  { net_raw } for  pid=7 comm="ping" capability=13  … tclass=capability`. */
const ofSelinux = ({ line, text }: LogLine): CapabilityCheck | null => {
  if (!/avc:\s+denied\s+\{/.test(text)) return null
  const fields = fieldsOf(text)
  const cap = capOf(fields.get('capability'))
  if (cap === null || !CLASSES.has(fields.get('tclass') ?? '')) return null
  const comm = trusted(fields.get('comm')) ?? ''
  return { line, outcome: 'denied', lsm: 'selinux', cap, pid: Number(fields.get('pid')), comm, isProbe: false }
}

const capOf = (text: string | undefined): number | null => {
  const cap = text !== undefined && /^\d{1,2}$/.test(text) ? Number(text) : -1
  return capValid(cap) ? cap : null
}

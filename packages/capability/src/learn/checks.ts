/** Checks for a capability that a log tells of: the framework's own records, and SELinux's of the same checks. */
import { CAP_OPT_NOAUDIT, capValid } from '@lsmkit/abi'
import { fieldsOf, loggedDecisions, logLines, trusted } from '@lsmkit/core/audit-log'

export interface CapabilityCheck {
  /** Line of the log, from 1. */
  readonly line: number
  /** `denied`: it was missing, whether that was obeyed or not. `used`: it was there, which is recorded on request. */
  readonly outcome: 'denied' | 'used'
  /** Who checked: `capability`, or another LSM that refuses capabilities. */
  readonly lsm: string
  readonly cap: number
  readonly pid: number
  readonly comm: string
  /** A look whether it is there, which the kernel does not log: what the program does may succeed without it. */
  readonly isProbe: boolean
}

const CLASSES: ReadonlySet<string> = new Set(['capability', 'capability2', 'cap_userns', 'cap2_userns'])

/** In the order of the log; lines of anything else are passed over. */
export const readCapabilityChecks = (log: string): CapabilityCheck[] =>
  [...ofFramework(log), ...ofSelinux(log)].sort((a, b) => a.line - b.line)

const ofFramework = (log: string): CapabilityCheck[] =>
  loggedDecisions(log).flatMap(({ line, kind, hook, lsm, pid, comm, fields }) => {
    const cap = capOf(fields.get('capability'))
    if (hook !== 'capable' || cap === null) return []
    const isProbe = (Number(fields.get('opts') ?? 0) & CAP_OPT_NOAUDIT) !== 0
    return [{ line, outcome: kind === 'allow' ? 'used' : 'denied', lsm, cap, pid, comm, isProbe }]
  })

/** `avc:  denied  { net_raw } for  pid=7 comm="ping" capability=13  … tclass=capability`. */
const ofSelinux = (log: string): CapabilityCheck[] => {
  const checks: CapabilityCheck[] = []
  for (const { line, text } of logLines(log)) {
    if (!/avc:\s+denied\s+\{/.test(text)) continue
    const fields = fieldsOf(text)
    const cap = capOf(fields.get('capability'))
    if (cap === null || !CLASSES.has(fields.get('tclass') ?? '')) continue
    const comm = trusted(fields.get('comm')) ?? ''
    checks.push({ line, outcome: 'denied', lsm: 'selinux', cap, pid: Number(fields.get('pid')), comm, isProbe: false })
  }
  return checks
}

const capOf = (text: string | undefined): number | null => {
  const cap = text !== undefined && /^\d{1,2}$/.test(text) ? Number(text) : -1
  return capValid(cap) ? cap : null
}

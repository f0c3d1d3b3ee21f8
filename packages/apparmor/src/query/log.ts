/** Records of AppArmor in a log, as the kernel writes them and auditd or journald keep them. */
import { fieldsOf, logLines, trusted } from '@lsmkit/core/policy/audit-log'
import type { LogText } from '@lsmkit/core/policy/audit-log'

export interface ApparmorRecord {
  /** `ALLOWED` is what a complaining profile lets pass. */
  readonly type: 'ALLOWED' | 'DENIED' | 'AUDIT' | 'KILLED'
  readonly operation: string
  readonly profile: string
  /** Further fields as they are named in the record: name, requested_mask, capname, family, … */
  readonly fields: ReadonlyMap<string, string>
  /** From 1. */
  readonly line: number
}

const TYPES: readonly string[] = ['ALLOWED', 'DENIED', 'AUDIT', 'KILLED']
/** Fields that strangers fill: without quotes they are hexadecimal. */
const UNTRUSTED = new Set(['name', 'profile', 'target', 'peer', 'comm', 'srcname', 'addr'])
const LONGEST_LINE = 65_536

const valueOf = (name: string, written: string): string =>
  UNTRUSTED.has(name) || written.startsWith('"') ? trusted(written) ?? '' : written

const parseLine = (text: string, line: number): ApparmorRecord | null => {
  const at = text.indexOf('apparmor="')
  if (at < 0 || text.length > LONGEST_LINE) return null
  const fields = new Map([...fieldsOf(text.slice(at))].map(([name, value]) => [name, valueOf(name, value)]))
  const type = fields.get('apparmor')!
  const profile = fields.get('profile')
  if (!TYPES.includes(type) || profile === undefined) return null
  return { type: type as ApparmorRecord['type'], operation: fields.get('operation') ?? '', profile, fields, line }
}

/** Letters that were denied; of what was granted and audited, those that were asked for. */
export const deniedMask = ({ fields }: ApparmorRecord): string =>
  fields.get('denied_mask') ?? fields.get('denied') ?? fields.get('requested_mask') ?? ''

/** Letters of a record as those of rules, each once: creating, deleting and changing attributes is writing. */
export const ruleLetters = (mask: string): ReadonlySet<string> =>
  new Set([...mask].map((letter) => letter === 'c' || letter === 'd' ? 'w' : letter))

/** The records in a log, in their order; lines of others are passed over. */
export function* apparmorRecordsIn(log: LogText): Generator<ApparmorRecord> {
  for (const { text, line } of logLines(log)) {
    const record = parseLine(text, line)
    if (record !== null) yield record
  }
}

/** The same as a list. */
export const readApparmorLog = (log: LogText): readonly ApparmorRecord[] => [...apparmorRecordsIn(log)]

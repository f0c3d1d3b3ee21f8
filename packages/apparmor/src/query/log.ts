/** Records of AppArmor in a log, as the kernel writes them and auditd or journald keep them. */

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
const FIELD = /([a-z_]+)=(?:"([^"]*)"|(\S+))/gu
/** Fields that strangers fill: without quotes they are hexadecimal. */
const UNTRUSTED = new Set(['name', 'profile', 'target', 'peer', 'comm', 'srcname', 'addr'])
const HEX = /^(?:[0-9A-F]{2})+$/u
const LONGEST_LINE = 65_536

const decoder = new TextDecoder()

const valueOf = (name: string, quoted: string | undefined, bare: string | undefined): string => {
  if (quoted !== undefined) return quoted
  if (!UNTRUSTED.has(name) || !HEX.test(bare!)) return bare!
  return decoder.decode(Uint8Array.from(bare!.match(/../gu)!, (pair) => parseInt(pair, 16)))
}

const parseLine = (text: string, line: number): ApparmorRecord | null => {
  const at = text.indexOf('apparmor="')
  if (at < 0 || text.length > LONGEST_LINE) return null
  const fields = new Map<string, string>()
  for (const [, name, quoted, bare] of text.slice(at).matchAll(FIELD)) {
    if (!fields.has(name!)) fields.set(name!, valueOf(name!, quoted, bare))
  }
  const type = fields.get('apparmor')!
  const profile = fields.get('profile')
  if (!TYPES.includes(type) || profile === undefined) return null
  return { type: type as ApparmorRecord['type'], operation: fields.get('operation') ?? '', profile, fields, line }
}

/** The records in a log, in their order; lines of others are passed over. */
export const readApparmorLog = (text: string): readonly ApparmorRecord[] =>
  text.split('\n').flatMap((line, index) => parseLine(line, index + 1) ?? [])

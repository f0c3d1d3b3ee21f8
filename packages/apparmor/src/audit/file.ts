/** Records of the class file (`aa_audit_file`). */
import type { Label, LoadedProfile } from '../domain/objects.ts'
import { auditModeOf } from '../domain/policy-store.ts'
import type { PermEntry } from '../policydb/policy.ts'
import type { Apparmor } from '../state.ts'
import { untrusted } from '../untrusted.ts'
import { fileLetters } from './masks.ts'
import { auditProfile, labelField, noteDenial } from './record.ts'

export interface FileRecord {
  readonly operation: string
  readonly request: number
  readonly name: string | null
  /** The other name of a pair. */
  readonly target?: string | null
  /** The label that is gone to, which is named in place of the target. */
  readonly label?: Label | null
  readonly ouid: number
  readonly info?: string | null
  readonly error: number
  /** The uid of the subject, if that is not the running task. */
  readonly fsuid?: number
}

/** What has letters in a record (AA_AUDIT_FILE_MASK). */
const FILE_MASK = 0x5b33f
/** What audit mode `all` records. */
const ALL_MASK = 0xffff

/** Whether quiet bits count: not where everything is to be heard. */
const hearsAll = (mode: string): boolean => mode === 'all' || mode === 'noquiet'

/** 0 or -errno; 0 for access that a complaining profile lets pass. */
export const auditFile = (aa: Apparmor, profile: LoadedProfile, perms: PermEntry, record: FileRecord): number => {
  const mode = auditModeOf(aa.store, profile)
  if (record.error === 0) {
    const audited = record.request & (mode === 'all' ? ALL_MASK : perms.audit)
    return audited === 0 ? 0 : auditProfile(aa, 'AUDIT', profile, dataOf(aa, record, audited, audited & ~perms.allow))
  }
  const missing = record.request & ~perms.allow
  const killed = (missing & perms.kill) !== 0
  const loud = hearsAll(mode) ? missing : missing & ~perms.quiet
  if (loud === 0) {
    noteFile(aa, profile, perms, record, missing)
    return record.error
  }
  const answer = auditProfile(aa, killed ? 'KILLED' : null, profile, dataOf(aa, record, loud, loud & ~perms.allow))
  if (answer !== 0) noteFile(aa, profile, perms, record, missing)
  return answer
}

/** In older policies a deny rule leaves nothing but its quiet bits. */
const noteFile = (
  aa: Apparmor, profile: LoadedProfile, perms: PermEntry, { operation, info = null, error }: FileRecord,
  missing: number,
): void =>
  noteDenial(aa, profile, {
    operation, info, error, isExplicit: (missing & (perms.deny | perms.quiet)) !== 0,
    ...(missing === 0 ? {} : { denied: fileLetters(missing) }),
  })

const dataOf = (aa: Apparmor, record: FileRecord, request: number, denied: number) => ({
  operation: record.operation,
  class: 'file',
  name: record.name,
  info: record.info ?? null,
  error: record.error,
  fields: (profile: LoadedProfile): string => {
    const asked = (request & FILE_MASK) === 0 ? '' : ` requested_mask="${fileLetters(request)}"`
    const refused = (denied & FILE_MASK) === 0 ? '' : ` denied_mask="${fileLetters(denied)}"`
    const fsuid = record.fsuid ?? aa.ctx.current.task.cred.fsuid
    const ids = asked === '' ? '' : ` fsuid=${fsuid} ouid=${record.ouid}`
    return `${asked}${refused}${ids}${targetField(profile, record)}`
  },
})

const targetField = ({ namespace }: LoadedProfile, { label = null, target = null }: FileRecord): string => {
  if (label !== null) return ` target=${labelField(namespace, label, true)}`
  return target === null ? '' : ` target=${untrusted(target)}`
}

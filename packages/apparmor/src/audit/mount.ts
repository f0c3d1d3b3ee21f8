/** Records of the class mount (`audit_mount`). */
import {
  MS_BIND, MS_DIRSYNC, MS_I_VERSION, MS_MANDLOCK, MS_MOVE, MS_NOATIME, MS_NODEV, MS_NODIRATIME, MS_NOEXEC, MS_NOSUID,
  MS_NOSYMFOLLOW, MS_NOUSER, MS_POSIXACL, MS_PRIVATE, MS_RDONLY, MS_REC, MS_RELATIME, MS_REMOUNT, MS_SHARED, MS_SILENT,
  MS_SLAVE, MS_STRICTATIME, MS_SYNCHRONOUS, MS_UNBINDABLE,
} from '@lsmkit/abi'
import type { LoadedProfile } from '../domain/objects.ts'
import { auditModeOf } from '../domain/policy-store.ts'
import type { PermEntry } from '../policydb/policy.ts'
import type { Apparmor } from '../state.ts'
import { untrusted } from '../untrusted.ts'
import { auditProfile } from './record.ts'

export interface MountRecord {
  readonly operation: string
  readonly request: number
  readonly name: string | null
  readonly source: string | null
  readonly type: string | null
  readonly flags: number
  readonly data: string | null
  readonly info: string | null
  readonly error: number
}

/** What audit mode `all` records. */
const ALL_MASK = 0xffff
/** Options are recorded where the rule says so. */
const AA_AUDIT_DATA = 0x40

/** 0 or -errno; 0 for access that a complaining profile lets pass. */
export const auditMount = (aa: Apparmor, profile: LoadedProfile, perms: PermEntry, record: MountRecord): number => {
  const mode = auditModeOf(aa.store, profile)
  if (record.error === 0) {
    const audited = record.request & (mode === 'all' ? ALL_MASK : perms.audit)
    return audited === 0 ? 0 : auditProfile(aa, 'AUDIT', profile, dataOf(perms, record))
  }
  const missing = record.request & ~perms.allow
  const loud = mode === 'all' || mode === 'noquiet' ? missing : missing & ~perms.quiet
  if (loud === 0) return record.error
  return auditProfile(aa, (missing & perms.kill) !== 0 ? 'KILLED' : null, profile, dataOf(perms, record))
}

const field = (name: string, text: string | null): string => (text === null ? '' : ` ${name}=${untrusted(text)}`)

const dataOf = (perms: PermEntry, { operation, name, source, type, flags, data, info, error }: MountRecord) => ({
  operation,
  class: 'mount',
  name,
  info,
  error,
  fields: (): string => `${field('fstype', type)}${field('srcname', source)}` +
    `${flags === 0 ? '' : ` flags="${flagText(flags)}"`}` +
    `${field('options', (perms.audit & AA_AUDIT_DATA) === 0 ? null : data)}`,
})

/** Words of flags in the order of `audit_mnt_flags`; a second word where MS_REC is set too. */
const flagWords: readonly (readonly [bit: number, word: string, recursive?: string])[] = [
  [MS_NOSUID, 'nosuid'], [MS_NODEV, 'nodev'], [MS_NOEXEC, 'noexec'], [MS_SYNCHRONOUS, 'sync'], [MS_REMOUNT, 'remount'],
  [MS_MANDLOCK, 'mand'], [MS_DIRSYNC, 'dirsync'], [MS_NOSYMFOLLOW, 'nosymfollow'], [MS_NOATIME, 'noatime'],
  [MS_NODIRATIME, 'nodiratime'], [MS_BIND, 'bind', 'rbind'], [MS_MOVE, 'move'], [MS_SILENT, 'silent'],
  [MS_POSIXACL, 'acl'], [MS_UNBINDABLE, 'unbindable', 'runbindable'], [MS_PRIVATE, 'private', 'rprivate'],
  [MS_SLAVE, 'slave', 'rslave'], [MS_SHARED, 'shared', 'rshared'], [MS_RELATIME, 'relatime'],
  [MS_I_VERSION, 'iversion'], [MS_STRICTATIME, 'strictatime'], [MS_NOUSER, 'nouser'],
]

const flagText = (flags: number): string => {
  const recursive = (flags & MS_REC) !== 0
  const words = flagWords.flatMap(([bit, word, other]) =>
    (flags & bit) === 0 ? [] : [recursive ? other ?? word : word])
  return [(flags & MS_RDONLY) !== 0 ? 'ro' : 'rw', ...words].join(', ')
}

/** Permissions of the general rules against a request (`aa_check_perms`). */
import { EACCES, ENOENT } from '@lsmkit/abi'
import type { LoadedProfile } from '../domain/objects.ts'
import type { PermEntry } from '../policydb/policy.ts'
import type { Apparmor } from '../state.ts'
import { emitRecord, noteDenial } from './record.ts'
import type { AuditData } from './record.ts'

/** The record of a check; the bits are put in when they are known. */
export interface CheckRecord extends Omit<AuditData, 'error' | 'fields'> {
  fields(profile: LoadedProfile, request: number, denied: number): string
}

/**
 * 0 or -errno. `perms` are those with the modes of the profile. A denial that is quiet stays one, in complain mode
 * too. Nothing is killed here: the record alone says so.
 */
export const checkPerms = (
  aa: Apparmor, profile: LoadedProfile, perms: PermEntry, request: number, record: CheckRecord,
): number => {
  const denied = request & (~perms.allow | perms.deny)
  if (denied === 0) {
    const audited = request & perms.audit
    if (audited !== 0) say(aa, 'AUDIT', profile, record, 0, audited, 0)
    return 0
  }
  const type = (denied & perms.kill) !== 0 ? 'KILLED' : (denied & ~perms.complain) === 0 ? 'ALLOWED' : 'DENIED'
  const error = (denied & ~perms.hide) === 0 ? -ENOENT : -EACCES
  if (type !== 'ALLOWED') {
    const isExplicit = (denied & (perms.deny | perms.quiet)) !== 0
    noteDenial(aa, profile, { operation: record.operation, info: record.info ?? null, error, isExplicit })
  }
  const loud = denied & ~perms.quiet
  if (loud === 0) return error
  say(aa, type, profile, record, error, request, loud)
  return type === 'ALLOWED' ? 0 : error
}

const say = (
  aa: Apparmor, type: 'AUDIT' | 'ALLOWED' | 'DENIED' | 'KILLED', profile: LoadedProfile, record: CheckRecord,
  error: number, request: number, denied: number,
): void => {
  emitRecord(aa, type, profile.label, { ...record, error, fields: (own) => record.fields(own, request, denied) })
}

/** Capabilities: sets of each profile (capability.c). */
import { capName, EPERM } from '@lsmkit/abi'
import type { Cred } from '@lsmkit/core'
import { auditProfile, complainError } from '../audit/record.ts'
import type { RecordType } from '../audit/record.ts'
import type { Label, LoadedProfile } from '../domain/objects.ts'
import { auditModeOf } from '../domain/policy-store.ts'
import { forEachConfined, isMode } from '../state.ts'
import type { Apparmor } from '../state.ts'

/** CAP_OPT_NOAUDIT. */
const NOAUDIT = 2

const has = (set: bigint, cap: number): boolean => ((set >> BigInt(cap)) & 1n) === 1n

interface Asked {
  readonly cred: Cred
  readonly cap: number
}

/** As `aa_capable`: 0 or -EPERM. `label` is that of `cred`. */
export const capable = (aa: Apparmor, cred: Cred, label: Label, cap: number, opts: number): number =>
  forEachConfined(label, (profile) => profileCapable(aa, profile, { cred, cap }, opts))

/** Whoever must not be recorded is answered at once; a complaining profile learns of it all the same. */
const profileCapable = (aa: Apparmor, profile: LoadedProfile, asked: Asked, opts: number): number => {
  const error = has(profile.caps.allow, asked.cap) ? 0 : -EPERM
  if ((opts & NOAUDIT) === 0) return auditCapability(aa, profile, asked, error, null)
  return isMode(aa, profile, 'complain') ? auditCapability(aa, profile, asked, error, 'optional: no audit') : error
}

/** As `audit_caps`. */
const auditCapability = (
  aa: Apparmor, profile: LoadedProfile, { cred, cap }: Asked, error: number, info: string | null,
): number => {
  const mode = auditModeOf(aa.store, profile)
  let type: RecordType | null = null
  if (error === 0) {
    if (mode !== 'all' && !has(profile.caps.audit, cap)) return 0
    type = 'AUDIT'
  } else if (isMode(aa, profile, 'kill')) type = 'KILLED'
  else if (has(profile.caps.quiet, cap) && mode !== 'all' && mode !== 'noquiet') return error
  if (aa.capabilityCache.isRepeated(profile, cred, cap)) {
    return isMode(aa, profile, 'complain') ? complainError(error) : error
  }
  return auditProfile(aa, type, profile, {
    operation: 'capable',
    class: 'cap',
    info,
    error,
    object: aa.ctx.audit.describe('cap', cap),
    fields: () => ` capname="${capName(cap).slice('CAP_'.length).toLowerCase()}"`,
  })
}

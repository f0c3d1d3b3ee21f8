/** The text of an AUDIT_BPRM_FCAPS record: an execve that raised capabilities in a way the audit trail minds. */
import {
  CAP_EMPTY_SET, capIsEmpty, capToHex, VFS_CAP_FLAGS_EFFECTIVE, VFS_CAP_REVISION_MASK,
  VFS_CAP_REVISION_SHIFT,
} from '@lsmkit/abi'
import type { CapWords } from '@lsmkit/abi'
import type { CpuVfsCapData, Cred } from '@lsmkit/core'

/** As `audit_log_cap`. */
const set = (name: string, caps: CapWords): string => `${name}=${capIsEmpty(caps) ? '0' : capToHex(caps)}`

/** `caps` are the file's, null when it has none. */
export const bprmFcapsText = (caps: CpuVfsCapData | null, old: Cred, next: Cred): string => {
  const magic = caps?.magic_etc ?? 0
  const fields = [
    `fver=${((magic & VFS_CAP_REVISION_MASK) >>> VFS_CAP_REVISION_SHIFT).toString(16)}`,
    set('fp', caps?.permitted ?? CAP_EMPTY_SET),
    set('fi', caps?.inheritable ?? CAP_EMPTY_SET),
    `fe=${magic & VFS_CAP_FLAGS_EFFECTIVE ? 1 : 0}`,
    set('old_pp', old.cap_permitted),
    set('old_pi', old.cap_inheritable),
    set('old_pe', old.cap_effective),
    set('old_pa', old.cap_ambient),
    set('pp', next.cap_permitted),
    set('pi', next.cap_inheritable),
    set('pe', next.cap_effective),
    set('pa', next.cap_ambient),
    `frootid=${caps?.rootid ?? 0}`,
  ]
  return fields.join(' ')
}

/** Classes of one question each: new user namespaces, and io_uring (task.c, lsm.c). */
import { checkPerms } from '../audit/check-perms.ts'
import { labelField } from '../audit/record.ts'
import { AA_CLASS_IO_URING, AA_CLASS_NS } from '../classes.ts'
import { matchLabel } from '../domain/label-match.ts'
import type { Label, LoadedProfile } from '../domain/objects.ts'
import { withModes } from '../domain/perms-math.ts'
import { AA_MAY_CREATE_SQPOLL, AA_MAY_OVERRIDE_CRED, AA_USERNS_CREATE } from '../perms.ts'
import { forEachProfile } from '../state.ts'
import type { Apparmor } from '../state.ts'

/** As `aa_profile_ns_perm`. */
export const mayCreateUserNs = (aa: Apparmor, label: Label): number => forEachProfile(label, (profile) => {
  const { rules } = profile
  const state = rules.mediates(AA_CLASS_NS)
  if (profile.isUnconfined || state === 0) return 0
  return checkPerms(aa, profile, withModes(aa.store, profile, rules.perms(state)), AA_USERNS_CREATE, {
    operation: 'userns_create',
    class: 'namespace',
    fields: (_, asked, denied) => `${asked === 0 ? '' : ' requested="userns_create"'}` +
      `${denied === 0 ? '' : ' denied="userns_create"'}`,
  })
})

export const maySqpoll = (aa: Apparmor, label: Label): number =>
  forEachProfile(label, (profile) => uring(aa, profile, AA_MAY_CREATE_SQPOLL, null))

/** `next`: the label of the credentials that are taken on. */
export const mayOverrideCreds = (aa: Apparmor, label: Label, next: Label): number =>
  forEachProfile(label, (profile) => uring(aa, profile, AA_MAY_OVERRIDE_CRED, next))

const operations: Readonly<Record<number, string>> = {
  [AA_MAY_CREATE_SQPOLL]: 'uring_sqpoll', [AA_MAY_OVERRIDE_CRED]: 'uring_override',
}
const words: Readonly<Record<number, string>> = {
  [AA_MAY_CREATE_SQPOLL]: 'sqpoll', [AA_MAY_OVERRIDE_CRED]: 'override_creds',
}

/** As `profile_uring`. */
const uring = (aa: Apparmor, profile: LoadedProfile, request: number, target: Label | null): number => {
  const { rules } = profile
  const state = rules.mediates(AA_CLASS_IO_URING)
  if (state === 0) return 0
  const question = { profile, rules, state, inside: false, request, perms: (at: number) => rules.perms(at) }
  const found = target === null ? rules.perms(state) : matchLabel(question, target)
  return checkPerms(aa, profile, withModes(aa.store, profile, found), request, {
    operation: operations[request]!,
    class: 'io_uring',
    fields: ({ namespace }, asked, denied) => ` requested="${words[asked] ?? ''}"` +
      `${denied === 0 ? '' : ` denied="${words[denied] ?? ''}"`}` +
      `${target === null ? '' : ` tcontext=${labelField(namespace, target)}`}`,
  })
}

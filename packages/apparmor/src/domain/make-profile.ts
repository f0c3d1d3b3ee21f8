/** Profiles out of a policy binary, and those that are made up (policy.c, policy_unpack.c). */
import { AA_CLASS_FILE } from '../classes.ts'
import { PATH_MEDIATE_DELETED } from '../policydb/policy.ts'
import type { Profile } from '../policydb/policy.ts'
import { LoadedProfile } from './objects.ts'
import type { Namespace } from './objects.ts'
import { noRules, Rules } from './rules.ts'

/** As `aa_alloc_null`: without rules, with the parent's treatment of paths. */
export const nullProfile = (hname: string, namespace: Namespace, parent: LoadedProfile | null): LoadedProfile => {
  const profile = new LoadedProfile(hname, namespace)
  profile.isNull = true
  profile.parent = parent
  profile.pathFlags = parent?.pathFlags ?? 0
  return profile
}

/** A profile of a binary; `version` is the number of the policy ABI. */
export const loadedProfile = (source: Profile, namespace: Namespace, version: number): LoadedProfile => {
  const profile = new LoadedProfile(source.name, namespace, source)
  profile.mode = source.mode
  profile.label.unconfined = source.mode === 'unconfined'
  profile.isHat = source.flags.hat
  profile.auditAll = source.auditAll
  profile.pathFlags = source.pathFlags ?? PATH_MEDIATE_DELETED
  profile.disconnected = source.disconnected
  profile.attachment = new Rules(source.xmatch, 'attachment', version)
  profile.attachmentText = source.attach
  profile.attachmentLength = source.xmatchLength
  profile.xattrs = source.xattrs ?? []
  profile.rules = source.policydb === null ? noRules : new Rules(source.policydb, 'general', version)
  profile.file = fileRules(source, profile.rules, version)
  profile.caps = source.caps
  profile.rlimits = source.rlimits
  profile.secmark = source.secmark ?? []
  profile.data = source.data
  return profile
}

/** Without an automaton of its own the general rules are asked about files, if they have any (`unpack_profile`). */
const fileRules = ({ file }: Profile, general: Rules, version: number): Rules => {
  if (file.dfa !== null) return new Rules(file, 'file', version)
  return general.dfa === null || general.start[AA_CLASS_FILE] === 0 ? noRules : general
}

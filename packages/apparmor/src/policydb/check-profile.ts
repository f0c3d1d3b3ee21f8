/** Conditions between the parts of a profile (`verify_profile`): every index lies in its table. */
import { ApparmorError } from '../errors.ts'
import { AA_X_INDEX_MASK, AA_X_TABLE, AA_X_TYPE_MASK } from '../perms.ts'
import { FIRST_TARGET, otherExec, ownerExec, targetNumber } from './packed-perms.ts'
import type { Pdb, PermEntry, Profile } from './policy.ts'

const refuse = (profile: Profile, info: string, message: string): never => {
  throw new ApparmorError('bad-index', `${message} of ${profile.name}`, { info, profile: profile.name })
}

export const checkProfile = (profile: Profile): void => {
  const { file, policydb, xmatch } = profile
  // entries of file rules come in pairs, owner and others
  if (!acceptsWithin(file, 1)) refuse(profile, 'Unpack: file Invalid named transition', 'an accept word of file rules')
  if (policydb !== null && !acceptsWithin(policydb, 0)) {
    refuse(profile, 'Unpack: policy Invalid named transition', 'an accept word of rules')
  }
  for (const pdb of [file, policydb, xmatch]) {
    if (pdb !== null && !permsWithin(pdb, pdb === file)) {
      refuse(profile, 'Unpack: Invalid perm index', 'an entry of the permissions')
    }
  }
}

/** With a permission table accept words index it; `beyond` entries behind that must be there too. */
const acceptsWithin = ({ dfa, perms }: Pdb, beyond: number): boolean => {
  if (dfa === null || perms === null) return true
  for (const index of dfa.accept) if (index + beyond >= perms.length) return false
  return true
}

const permsWithin = ({ dfa, perms, transitions }: Pdb, isFile: boolean): boolean => {
  const targets = transitions?.length ?? 0
  if (perms !== null) return perms.every((entry) => isConsistent(entry) && indicesWithin(entry, targets))
  if (dfa === null || !isFile) return true
  for (const word of dfa.accept) {
    if (!targetWithin(ownerExec(word), targets) || !targetWithin(otherExec(word), targets)) return false
  }
  return true
}

const targetWithin = (exec: number, targets: number): boolean => {
  const number = targetNumber(exec)
  return number < FIRST_TARGET || number - FIRST_TARGET < targets
}

/** As `verify_perm`: no bit is at once one thing and another that it cannot be. */
const isConsistent = ({ allow, deny, subtree, cond, kill, complain, prompt, hide }: PermEntry): boolean => {
  const decided = allow | deny
  return ((allow & deny) | (subtree & ~allow) | (cond & decided) | (kill & allow) | (complain & decided) |
    (prompt & decided) | (complain & prompt) | (hide & allow)) === 0
}

const indicesWithin = ({ xindex, tag, label }: PermEntry, targets: number): boolean =>
  !((xindex & AA_X_TYPE_MASK) === AA_X_TABLE && (xindex & AA_X_INDEX_MASK) >= targets) &&
  (tag === 0 || tag < targets) && (label === 0 || label < targets)

/** Which profile a program attaches to by its name and extended attributes (`find_attach`). */
import { AA_CLASS_XMATCH } from '../classes.ts'
import { leftMatch, matchLen, nullStep, outOfBand } from '../dfa/step.ts'
import { nameBytes } from '../name.ts'
import { AA_MAY_EXEC } from '../perms.ts'
import { newestProfile } from './label-set.ts'
import type { LoadedProfile } from './objects.ts'

/** The value of an extended attribute of the program, null where it has none. */
export type ReadXattr = (name: string) => Uint8Array | null

export interface Attachment {
  readonly profile: LoadedProfile | null
  /** Several are as specific as each other, so that none is taken. */
  readonly conflict: boolean
}

interface Candidate {
  readonly profile: LoadedProfile
  readonly length: number
  readonly xattrs: number
}

/** `xattr` null: attributes are not looked at. */
export const findAttachment = (
  profiles: readonly LoadedProfile[], name: string, xattr: ReadXattr | null,
): Attachment => {
  const bytes = nameBytes(name)
  let best: Candidate | null = null
  let conflict = false
  for (const profile of profiles) {
    // what was made up has nothing to attach to
    if (profile.isNull) continue
    if (profile.attachment.dfa === null) {
      if (profile.name === name) return { profile: newestProfile(profile), conflict: false }
      continue
    }
    const found = candidateOf(profile, bytes, best?.length ?? 0, xattr)
    if (found === null) continue
    const [length, xattrs]: [number, number] = best === null ? [0, 0] : [best.length, best.xattrs]
    if (found.length === length && found.xattrs <= xattrs) {
      conflict ||= found.xattrs === xattrs
      continue
    }
    best = { ...found, length: Math.max(found.length, profile.attachmentLength) }
    conflict = false
  }
  if (best === null || conflict) return { profile: null, conflict }
  return { profile: newestProfile(best.profile), conflict: false }
}

/** How specific a match is; null where there is none, or it is less specific than the best so far. */
const candidateOf = (
  profile: LoadedProfile, bytes: Uint8Array, best: number, xattr: ReadXattr | null,
): Candidate | null => {
  const { attachment } = profile
  const { state, count } = leftMatch(attachment.dfa!, attachment.start[AA_CLASS_XMATCH]!, bytes)
  if ((attachment.perms(state).allow & AA_MAY_EXEC) === 0 || count < best) return null
  const xattrs = xattr === null || profile.xattrs.length === 0 ? 0 : matchXattrs(profile, state, xattr)
  return xattrs === null ? null : { profile, length: count, xattrs }
}

/** As `aa_xattrs_match`: how many of the attributes are there, null where one does not match. */
const matchXattrs = ({ attachment, xattrs }: LoadedProfile, from: number, xattr: ReadXattr): number | null => {
  const dfa = attachment.dfa!
  let state = outOfBand(dfa, from)
  let matched = xattrs.length
  for (const name of xattrs) {
    const value = xattr(name)
    if (value !== null) {
      state = matchLen(dfa, nullStep(dfa, state), value)
      if ((attachment.perms(state).allow & AA_MAY_EXEC) === 0) return null
    }
    state = outOfBand(dfa, state)
    if (value !== null) continue
    // one that may be missing leads on
    if (state === 0) return null
    matched--
  }
  return matched
}

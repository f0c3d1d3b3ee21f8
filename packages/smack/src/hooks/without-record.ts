/**
 * The usual end of a check, kept so small that it becomes part of the hooks that are asked most.
 *
 * Each inode remembers what one label was granted at it, until a rule changes or its own label does: such a grant is
 * found again by comparing numbers. Only what leaves neither a record nor a note is remembered; `isQuiet` is the
 * reference that decides it, and decides alone where nothing is remembered.
 */
import { MAY_APPEND, MAY_EXEC, MAY_READ, MAY_WRITE } from '@lsmkit/abi'
import { access } from '../access.ts'
import { isPlain } from '../audit.ts'
import { SMK_INODE_IMPURE } from '../blobs.ts'
import type { CredState, InodeState } from '../blobs.ts'
import type { Smack } from '../state.ts'

/** Requests above this one are not remembered: each of the others has a bit of `granted`. */
export const MOST = MAY_EXEC | MAY_WRITE | MAY_READ | MAY_APPEND
/** Whom the object's own label lets in may do all of it. */
const ALL = (1 << (MOST + 1)) - 1

/**
 * Of requests up to MOST. Own rules make the subject nobody; an impure inode forgets, and while grants are recorded
 * nothing is remembered. Each condition more would keep V8 from taking this into the walk of a path.
 */
export const isRemembered = ({ policy }: Smack, subject: CredState, object: InodeState, request: number): boolean =>
  ((object.granted >> request) & 1) !== 0 &&
  object.grantee === subject.grantee &&
  object.grantedAt === policy.rules.changes

/** Allowed, with nothing to record or note; false says nothing: the whole check decides. */
export const isAllowedWithoutRecord = (smack: Smack,
  subject: CredState, object: InodeState, request: number): boolean => {
  if (subject.rules !== null || (object.flags & SMK_INODE_IMPURE) !== 0) return false
  if (!isPlain(smack, access(smack.policy, subject.label, object.label, request))) return false
  if (smack.remembers && request <= MOST) remember(smack, subject, object, request)
  return true
}

const remember = ({ policy: { rules } }: Smack, subject: CredState, object: InodeState, request: number): void => {
  const isSame = object.grantee === subject.label && object.grantedAt === rules.changes
  const now = subject.label === object.label ? ALL : 1 << request
  object.granted = (isSame ? object.granted : 0) | now
  object.grantee = subject.label
  object.grantedAt = rules.changes
}

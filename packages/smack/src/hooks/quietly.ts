/** The usual end of a check, kept so small that it becomes part of the hooks that are asked most. */
import { access } from '../access.ts'
import { isPlain } from '../audit.ts'
import { SMK_INODE_IMPURE } from '../blobs.ts'
import type { CredState, InodeState } from '../blobs.ts'
import type { Smack } from '../state.ts'

/** Allowed, with nothing to record or note; false says nothing: the whole check decides. */
export const isQuietlyAllowed = (smack: Smack, subject: CredState, object: InodeState, request: number): boolean =>
  subject.rules === null &&
  (object.flags & SMK_INODE_IMPURE) === 0 &&
  isPlain(smack, access(smack.policy, subject.label, object.label, request))

/** Mount options: context= and its kin, until a super block takes them. */
import { SE_MNTMASK, SE_SBINITIALIZED } from '../blobs.ts'
import type { SuperState } from '../blobs.ts'
import { SECSID_NULL } from '../initial-sids.ts'

/** `struct selinux_mnt_opts`. */
export class MountContexts {
  fscontext = SECSID_NULL
  context = SECSID_NULL
  rootcontext = SECSID_NULL
  defcontext = SECSID_NULL

  some(): boolean {
    return (this.fscontext | this.context | this.rootcontext | this.defcontext) !== SECSID_NULL
  }
}

/** As `bad_option`: something else was said before. */
export const conflicts = ({ flags }: SuperState, flag: number, old: number, sid: number): boolean => {
  if ((flags & SE_SBINITIALIZED) !== 0) return (flags & flag) === 0 || old !== sid
  return (flags & SE_MNTMASK & flag) !== 0
}

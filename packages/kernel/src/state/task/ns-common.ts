/** The part that namespaces of all kinds have in common. */
import type { UserNamespace } from '@lsmkit/core'

/** A number on nsfs, and the user namespace that owns it. */
export interface NsCommon {
  readonly inum: number
  readonly user_ns: UserNamespace
}

/** What namespaces of every kind have. */
import type { UserNamespace } from '@lsmkit/core'

/** What every namespace has: a number on nsfs, and the user namespace that owns it. */
export interface NsCommon {
  readonly inum: number
  readonly user_ns: UserNamespace
}

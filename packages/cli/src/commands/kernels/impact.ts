/** The changes of another kernel release for one thing of yours: a policy, a stack, a BPF object. */
import type { PolicyChange, Profile } from '@lsmkit/core'

export interface Impact {
  readonly part: 'policy' | 'stack' | 'object'
  /** As it was named: a file, or modules with commas between. */
  readonly name: string
  /** `a policy of SELinux`, `a stack`, `a BPF object`. */
  readonly kind: string
  readonly changes: readonly PolicyChange[]
  /** Why a part of it could not be judged; a sentence each. */
  readonly unjudged: readonly string[]
}

/** The two releases that are compared. */
export interface Releases {
  readonly from: Profile
  readonly to: Profile
}

/** Where the rules of the two kernels differ: every difference this package knows stands here, by name. */
import { SECURE_ALL_BITS, SECURE_ALL_LOCKS } from '@lsmkit/abi'
import type { Profile } from '@lsmkit/core'

export interface Rules {
  /**
   * The ids that execve compares new ids with to see a change: the old real ids, or (since 6.16) the old effective user
   * id and the groups the process is in. With the latter, real ids that differ still make the new program secure.
   */
  readonly idChange: 'real' | 'effective'
  /** Bits and locks PR_SET_SECUREBITS knows. */
  readonly securebits: number
  /** Those that may be changed without CAP_SETPCAP (since 6.14). */
  readonly unprivilegedSecurebits: number
}

// EXEC_RESTRICT_FILE 8 and EXEC_DENY_INTERACTIVE 10, with their locks: not in the headers of 6.12.
const EXEC_SECUREBITS = 0xf00
const OLD_SECUREBITS = SECURE_ALL_BITS | SECURE_ALL_LOCKS

const rules: Readonly<Record<Profile, Rules>> = {
  '6.12': { idChange: 'real', securebits: OLD_SECUREBITS, unprivilegedSecurebits: 0 },
  '6.18': {
    idChange: 'effective',
    securebits: OLD_SECUREBITS | EXEC_SECUREBITS,
    unprivilegedSecurebits: EXEC_SECUREBITS,
  },
}

/** The rules of a kernel. */
export const rulesOf = (profile: Profile): Rules => rules[profile]

export const profiles = Object.keys(rules) as readonly Profile[]

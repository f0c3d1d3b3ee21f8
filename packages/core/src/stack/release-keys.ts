/** The keys of a stack, whichever kernel it follows, and what tells the forms of their hooks apart. */
import type { LsmTable } from '../generated/lsm-table.ts'
import type { Linux618Table } from '../generated/linux618-table.ts'
import type { Linux73Table } from '../generated/linux73-table.ts'
import type { AnyKeyMap } from '../hooks/release-maps.ts'

export type Keys = AnyKeyMap | LsmTable | Linux618Table | Linux73Table
export type Later = Linux618Table | Linux73Table

/** Has `struct lsm_prop` and `struct lsm_context` (6.13, 6.14). */
export const isLater = (lsm: Keys): lsm is Later => 'current_getlsmprop_subj' in lsm

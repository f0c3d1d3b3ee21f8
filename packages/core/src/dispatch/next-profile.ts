/** The profile `next`: the development tree after 7.3, as data over that of 7.3. */
import { nextHookDefs } from '../hooks/next-hook-defs.ts'
import { NextLsmTable } from '../generated/next-lsm-table.ts'
import { nextShapes } from '../special/index.ts'
import type { HookProfile } from './profile.ts'
import { laterProfile } from './release-profiles.ts'

/** The hooks of the kernel after 7.3. */
export const linuxNext: HookProfile<NextLsmTable> =
  laterProfile(nextShapes, { name: 'next', Table: NextLsmTable }, nextHookDefs)

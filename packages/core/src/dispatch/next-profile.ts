/** The profile `next`: the development tree after 6.12, as data over that of 6.12. */
import { nextHookDefs } from '../hooks/next-hook-defs.ts'
import { NextLsmTable } from '../generated/next-lsm-table.ts'
import { nextShapes } from '../special/index.ts'
import type { HookProfile } from './profile.ts'

/** Without those of hooks that have another name now. */
const shapes = Object.fromEntries(Object.entries(nextShapes).filter(([hook]) => Object.hasOwn(nextHookDefs, hook)))

/** The hooks of the kernel after 6.12. */
export const linuxNext: HookProfile<NextLsmTable> = {
  name: 'next', hooks: nextHookDefs, shapes, Table: NextLsmTable,
}

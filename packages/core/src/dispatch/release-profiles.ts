/** The hook tables of Linux 6.18 and 7.3, and which one a stack has. */
import { linux618HookDefs, linux73HookDefs } from '../hooks/release-hook-defs.ts'
import { Linux618Table } from '../generated/linux618-table.ts'
import { Linux73Table } from '../generated/linux73-table.ts'
import { laterShapes } from '../special/index.ts'
import type { Shapes } from '../special/index.ts'
import type { Profile } from '../kernel-rules.ts'
import { linux612 } from './profile.ts'
import type { HookProfile } from './profile.ts'

/** Without those of hooks that the release does not have. */
const shapesFor = (all: Shapes, hooks: object): Shapes =>
  Object.fromEntries(Object.entries(all).filter(([hook]) => Object.hasOwn(hooks, hook)))

/** A profile whose tables are made when a stack first needs them: most processes never do. */
export const laterProfile = <T extends object>(
  all: Shapes, { name, Table }: Pick<HookProfile<T>, 'name' | 'Table'>, hooks: () => HookProfile['hooks'],
): HookProfile<T> => {
  let shapes: Shapes | null = null
  return {
    name, Table,
    get hooks() {
      return hooks()
    },
    get shapes() {
      return (shapes ??= shapesFor(all, hooks()))
    },
  }
}

/** The hooks of Linux 6.18. */
export const linux618: HookProfile<Linux618Table> =
  laterProfile(laterShapes, { name: '6.18', Table: Linux618Table }, linux618HookDefs)

/** The hooks of Linux 7.3. */
export const linux73: HookProfile<Linux73Table> =
  laterProfile(laterShapes, { name: '7.3', Table: Linux73Table }, linux73HookDefs)

const byProfile = { '6.12': linux612, '6.18': linux618, '7.3': linux73 } as const satisfies Record<Profile, HookProfile>

/** The hook table of a kernel release. */
export const hookProfile = (profile: Profile): HookProfile => byProfile[profile]

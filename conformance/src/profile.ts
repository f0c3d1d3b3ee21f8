/** `--kernel RELEASE`: the kernel that answered a table, whose rules our kernel follows while it replays it. */
import { DEFAULT_PROFILE, profiles } from '@lsmkit/core'
import type { Profile } from '@lsmkit/core'
import { UsageError } from './suite.ts'
import type { Options } from './suite.ts'

/** 6.12 unless given. Throws UsageError for a release without rules. */
export const profileOf = ({ kernel = DEFAULT_PROFILE }: Options): Profile => {
  const profile = profiles.find((one) => one === kernel)
  if (profile !== undefined) return profile
  throw new UsageError(`there are no rules of the kernel release \`${kernel}\``, `releases: ${profiles.join(', ')}`)
}

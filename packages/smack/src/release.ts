/** The part of Smack that differs by kernel release. Of 6.18 nothing is known: it is taken to be as 6.12. */
import type { Profile } from '@lsmkit/core'

export interface Release {
  /** A request of nothing is `-` in records, where older kernels say that the labels differ. */
  readonly namesEmptyRequest: boolean
  /** A record about a message queue names the task that was asked about, where it is not the running one. */
  readonly namesOtherTask: boolean
}

const table: Readonly<Record<Profile, Release>> = {
  '6.12': { namesEmptyRequest: false, namesOtherTask: false },
  '6.18': { namesEmptyRequest: false, namesOtherTask: false },
  '7.3': { namesEmptyRequest: true, namesOtherTask: true },
}

export const releaseOf = (profile: Profile): Release => table[profile]

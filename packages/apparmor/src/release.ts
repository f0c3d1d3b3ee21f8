/** The part of AppArmor that differs by kernel release. */
import type { Profile } from '@lsmkit/core'

export interface Release {
  /** Records an exec for which several profiles fit: as such, and where it falls back. */
  readonly recordsConflicts: boolean
  /** Nanoseconds in which a refused capability is not recorded again; null: until another profile is refused one. */
  readonly capabilityPause: number | null
  /** A profile that confines nothing may change into its hats. */
  readonly unconfinedHats: boolean
}

const linux612: Release = { recordsConflicts: false, capabilityPause: null, unconfinedHats: false }
const linux618: Release = { recordsConflicts: true, capabilityPause: 1e9, unconfinedHats: true }

const table: Readonly<Record<Profile, Release>> = { '6.12': linux612, '6.18': linux618, '7.3': linux618 }

export const releaseOf = (profile: Profile): Release => table[profile]

/** What a SELinux tells of while it is watched: types, not contexts. */

/** Something that was granted, as `selinux({ granted })` tells it. */
export interface Use {
  readonly source: string
  readonly target: string
  readonly tclass: string
  readonly permissions: readonly string[]
}

/** A type that something new was given, or a program when it was executed: as `selinux({ transitioned })` tells it. */
export interface TransitionUse {
  readonly source: string
  readonly target: string
  readonly tclass: string
  /** The last component of the path of a new file, the name of an anonymous inode; null where there is none. */
  readonly name: string | null
  /** The type that came of it, by a rule or by none. */
  readonly result: string
}

/** The type in the text of a context. */
export const typeIn = (context: string): string => context.split(':')[2] ?? ''

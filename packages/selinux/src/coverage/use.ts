/** The reports of a watched SELinux: types, not contexts. */

/** A grant, as `selinux({ granted })` reports it. */
export interface Use {
  readonly source: string
  readonly target: string
  readonly tclass: string
  readonly permissions: readonly string[]
}

/**
 * A type that something new was given, or a program when it was executed: as `selinux({ transitioned })` reports it.
 */
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

export interface Flags {
  /** The LSMs of the one stack that is asked for; null for the tour of all. */
  readonly lsms: readonly string[] | null
  /** Ask at the terminal which they shall be. */
  readonly ask: boolean
  /** A binary policy for SELinux instead of ours, and its file_contexts. */
  readonly policy: string | null
  readonly fileContexts: string | null
  /** The whole matrix, audit and hooks too. */
  readonly full: boolean
  readonly json: boolean
  readonly help: boolean
}

export const lsmNames: readonly string[]
export const usage: string
export const parseFlags: (args: readonly string[]) => Flags | string

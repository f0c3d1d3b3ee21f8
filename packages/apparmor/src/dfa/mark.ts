/** Rules as the states of an automaton hold them, and the bits of a file rule that say how a program is executed. */

export type RuleMode = 'allow' | 'deny' | 'prompt'

/** The effect of a rule on the strings that it matches. Rules that say the same share one. */
export interface Mark {
  readonly priority: number
  readonly mode: RuleMode
  readonly perms: number
  /** Permissions whose use is recorded; of a denial those that are kept quiet. */
  readonly audit: number
  /** The rule has no wildcard. Its way of executing a program outranks others'. */
  readonly exact: boolean
}

/** How a program is executed, for its owner; bits of others stand 14 higher. */
const EXEC = 0x1
export const MMAP = 0x40
const INHERIT = 0x200
const EXEC_TYPE = 0x3f80
export const OTHER = 14

/** One side of the exec bits: bit numbers and masks. */
interface Side {
  readonly exec: number
  readonly type: number
  readonly inherit: number
  readonly mmap: number
  readonly mmapBit: number
}

export const sides: readonly Side[] = [0, OTHER].map((shift) => ({
  exec: EXEC << shift, type: EXEC_TYPE << shift, inherit: INHERIT << shift, mmap: MMAP << shift, mmapBit: 6 + shift,
}))
export const ALL_EXEC_TYPES = (EXEC_TYPE | EXEC_TYPE << OTHER) >>> 0

/** Two ways to execute a program that cannot both hold. */
export const execConflicts = (a: number, b: number): boolean => sides.some(({ exec, type }) => (
  (a & exec) !== 0 && (b & exec) !== 0 && (a & type) !== (b & type)
))

/**
 * The permissions of a state, from the rules that match in it. Permissions are in the words that rules are written in:
 * for files 14 bits for the owner of a file, 14 for others; elsewhere one bit a permission.
 */
import type { Mark } from './mark.ts'
import { mergeInOrder } from './merge-marks.ts'
import { ALWAYS_THE_SAME, orderDependent } from './order-dependent.ts'

export interface Accepted {
  readonly allow: number
  readonly prompt: number
  readonly audit: number
  readonly quiet: number
}

/**
 * The permissions of all rules together, or the mark that conflicts with one before it. A permission that depends on
 * their order is not allowed.
 */
export const mergeMarks = (marks: readonly Mark[], isFile: boolean): Accepted | Mark => {
  const merged = mergeInOrder(marks, isFile)
  if ('mode' in merged) return merged
  const unsure = isFile ? orderDependent(marks) : ALWAYS_THE_SAME
  return {
    allow: (merged.allow & ~unsure.allow) >>> 0, prompt: merged.prompt >>> 0,
    audit: (merged.audit | unsure.audit) >>> 0,
    quiet: merged.quiet >>> 0,
  }
}

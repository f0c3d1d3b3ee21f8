/** Permissions that come out one way or the other, by the order in which apparmor_parser meets rules. */
import { MMAP, OTHER, sides } from './mark.ts'
import type { Mark } from './mark.ts'
import { mergeInOrder } from './merge-marks.ts'
import type { Merge } from './merge-marks.ts'

const MMAP_BITS = (MMAP | MMAP << OTHER) >>> 0

/** Orders in which rules may be met that lead to all results there are: by kind of rule, each way round. */
const orders = (marks: readonly Mark[]): readonly (readonly Mark[])[] => {
  const kinds = [
    marks.filter(({ mode }) => mode === 'deny'), marks.filter(({ mode, exact }) => mode !== 'deny' && exact),
    marks.filter(({ mode, exact }) => mode !== 'deny' && !exact),
  ]
  const [a, b, c] = kinds as [Mark[], Mark[], Mark[]]
  const sorted = [[a, b, c], [a, c, b], [b, a, c], [b, c, a], [c, a, b], [c, b, a]].map((parts) => parts.flat())
  return [...sorted, ...sorted.map((order) => order.toReversed())]
}

/** Bits that come out one way or the other: of what is allowed, and of what is recorded. */
export interface OrderDependent {
  readonly allow: number
  readonly audit: number
}

export const ALWAYS_THE_SAME: OrderDependent = { allow: 0, audit: 0 }

/**
 * Permissions that depend on the order in which the rules of a state are met: whether a program may be mapped, if `ix`
 * meets a denial or a rule of another way to execute. apparmor_parser 4.1 meets them in the order of their addresses in
 * memory.
 */
export const orderDependent = (marks: readonly Mark[]): OrderDependent => {
  const inherits = marks.some(
    ({ perms }) => sides.some(({ exec, inherit }) => (perms & exec) !== 0 && (perms & inherit) !== 0),
  )
  if (!inherits || marks.length === 1) return ALWAYS_THE_SAME
  const merges = orders(marks).map((order) => mergeInOrder(order, true)).filter((merged) => !('mode' in merged))
  const varying = (field: 'allow' | 'audit'): number => {
    const some = merges.reduce((bits, merged) => bits | (merged as Merge)[field], 0)
    const every = merges.reduce((bits, merged) => bits & (merged as Merge)[field], MMAP_BITS)
    return (some & ~every & MMAP_BITS) >>> 0
  }
  return { allow: varying('allow'), audit: varying('audit') }
}

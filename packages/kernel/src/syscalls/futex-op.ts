/** FUTEX_WAKE_OP: a number encodes a change of a word and a test of its old value (`futex_atomic_op_inuser`). */
import { ENOSYS } from '@lsmkit/abi'
import type { Ref } from '@lsmkit/core'

/** A futex word. The runner keeps it anywhere; the object is its identity. */
export type FutexWord = Ref<number>

const SHIFTED = 8

/** By number: set, add, or, and not, exclusive or. */
const OPERATIONS: readonly ((before: number, arg: number) => number)[] = [
  (_before, arg) => arg, (before, arg) => before + arg, (before, arg) => before | arg, (before, arg) => before & ~arg,
  (before, arg) => before ^ arg,
]
/** By number: equal, not equal, less, at most, greater, at least. */
const COMPARISONS: readonly ((before: number, arg: number) => boolean)[] = [
  (before, arg) => before === arg, (before, arg) => before !== arg, (before, arg) => before < arg,
  (before, arg) => before <= arg, (before, arg) => before > arg, (before, arg) => before >= arg,
]

/** Changes the word. Answers whether its old value passes the comparison, or -ENOSYS for an unknown operation. */
export const changeWord = (word: FutexWord, encoded: number): boolean | number => {
  const operation = (encoded >>> 28) & 15
  const compare = COMPARISONS[(encoded >>> 24) & 15]
  const change = OPERATIONS[operation & ~SHIFTED]
  const given = (encoded << 8) >> 20
  const arg = (operation & SHIFTED) !== 0 ? 1 << (given & 31) : given
  if (change === undefined) return -ENOSYS
  const before = word.value | 0
  word.value = change(before, arg) >>> 0
  return compare === undefined ? -ENOSYS : compare(before, (encoded << 20) >> 20)
}

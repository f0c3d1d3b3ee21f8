/** How a file is opened: by O_* of Linux, or by the words that Node has for them. */
import { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY } from '@lsmkit/abi'
import { wrongValue } from './argument-error.ts'
import { int32Of } from './checks.ts'

/** A word is one of these and then any of `x`, `s` and `+`, as in the table. */
const words: ReadonlyMap<string, number> = new Map(Object.entries({
  r: O_RDONLY, rs: O_RDONLY | O_SYNC, 'r+': O_RDWR, 'rs+': O_RDWR | O_SYNC,
  w: O_WRONLY | O_CREAT | O_TRUNC, wx: O_WRONLY | O_CREAT | O_TRUNC | O_EXCL,
  'w+': O_RDWR | O_CREAT | O_TRUNC, 'wx+': O_RDWR | O_CREAT | O_TRUNC | O_EXCL,
  a: O_WRONLY | O_CREAT | O_APPEND, ax: O_WRONLY | O_CREAT | O_APPEND | O_EXCL,
  'a+': O_RDWR | O_CREAT | O_APPEND, 'ax+': O_RDWR | O_CREAT | O_APPEND | O_EXCL,
  as: O_WRONLY | O_CREAT | O_APPEND | O_SYNC, 'as+': O_RDWR | O_CREAT | O_APPEND | O_SYNC,
}))

/** `sr`, `xw+`: the letters in the other order mean the same. */
const swapped = (word: string): string => word.replace(/^([sx])([rwa])/, '$2$1')

/** `r`, `w+`, or O_* of Linux. Throws ERR_INVALID_ARG_VALUE. */
export const flagsOf = (given: unknown, name = 'flags'): number => {
  if (given === null || given === undefined) return O_RDONLY
  if (typeof given === 'number') return int32Of(given, name)
  const known = typeof given === 'string' ? words.get(swapped(given)) : undefined
  if (known !== undefined) return known
  throw wrongValue('flags', given)
}

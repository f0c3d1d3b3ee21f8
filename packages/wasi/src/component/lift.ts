/** An export of a component as a function of JavaScript. */
import { ProgramError } from '../errors.ts'
import type { Callee } from './callee.ts'
import { alignOf, aligned, flatTypes, sizeOf, valueTypes } from './value-types.ts'
import type { DeclaredType, ValueType } from './value-types.ts'
import { flatten, load, ofFlat, store, Transfer } from './values.ts'
import type { ComponentValue } from './values.ts'

type CoreFunction = (...words: (number | bigint)[]) => number | bigint | undefined

export interface Lifted {
  readonly kind: 'lifted'
  readonly core: CoreFunction
  readonly callee: Callee
  readonly postReturn: CoreFunction | null
  readonly type: DeclaredType
}

/** More words than these go through memory. */
const MOST_WORDS = 16

/** Throws `bad-value` for arguments that are not what it takes; nothing has run then but what makes room for them. */
export const liftedCall = ({ core, callee, postReturn, type: { part, lookUp } }: Lifted) =>
  (...args: readonly ComponentValue[]): ComponentValue | undefined => {
    if (part.kind !== 'func') throw new ProgramError('malformed-module', 'the export is not a function')
    const resolve = valueTypes()
    const types = part.params.map((param) => resolve(param, lookUp))
    const result = part.result === null ? null : resolve(part.result, lookUp)
    if (args.length !== types.length)
      throw new ProgramError('bad-value', `the function takes ${types.length} arguments, ${args.length} are given`)
    const transfer = new Transfer(callee)
    const isFlat = types.flatMap(flatTypes).length <= MOST_WORDS
    const words = isFlat
      ? types.flatMap((one, i) => flatten(transfer, one, args[i]!))
      : [inMemory(transfer, types, args)]
    const answer = core(...words)
    if (result === null) {
      postReturn?.()
      return undefined
    }
    const value = flatTypes(result).length <= 1
      ? ofFlat(transfer, result, answer ?? 0)
      : load(transfer, result, Number(answer))
    postReturn?.(answer ?? 0)
    return value
  }

/** Arguments that are too many for words: a tuple of them. */
const inMemory = (transfer: Transfer, types: readonly ValueType[], args: readonly ComponentValue[]): number => {
  const { callee } = transfer
  const tuple: ValueType = { kind: 'tuple', fields: types.map((type, i) => [String(i), type]) }
  const at = aligned(callee.allocate(sizeOf(tuple), alignOf(tuple)), alignOf(tuple))
  store(transfer, tuple, args, at)
  return at
}

/**
 * Functions of WASI for a component whose strings are not in UTF-8: they read and write a memory of their own, and what
 * is in it is passed on as values.
 */
import type { Import } from '../guard.ts'
import { after, lowered } from './calls.ts'
import { Callee } from './callee.ts'
import type { ComponentValue, Word } from './scalars.ts'
import { Scratch } from './scratch.ts'
import { Transfer } from './transfer.ts'
import type { Signature } from './value-types.ts'
import { liftResult, lowerParams } from './words.ts'

export interface Bridge {
  /** The caller of the functions of WASI, as they see it. */
  readonly callee: Callee
  /** One of those functions, for the component. */
  readonly cross: (signature: () => Signature, call: Import) => Import
}

export const bridgeTo = (component: Callee): Bridge => {
  const scratch = new Scratch()
  const callee = new Callee(component.process, scratch.guest, component.instance, scratch.realloc)
  const cross = (signature: () => Signature, call: Import): Import =>
    lowered(component, signature, (args) => {
      scratch.clear()
      const { params, tuple, result } = signature()
      const words = lowerParams(new Transfer(callee, true), params, tuple, args)
      const isPlaced = result !== null && result.flat.length > 1
      const ret = isPlaced ? callee.allocate(result.size, result.align) : 0
      const answer = call(...words, ...(isPlaced ? [ret] : [])) as Word | undefined | Promise<Word | undefined>
      return after<Word | undefined, ComponentValue | undefined>(answer, (given) =>
        (result === null ? undefined : liftResult(new Transfer(callee, true), result, isPlaced ? ret : given ?? 0)))
    }, true)
  return { callee, cross }
}

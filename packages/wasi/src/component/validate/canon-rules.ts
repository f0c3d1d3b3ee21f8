/** The rules of functions that a component makes by the canonical ABI: signatures, and which options they need. */
import { signatureOfCore } from '../core-types.ts'
import type { CoreExtern } from '../core-types.ts'
import type { CanonOptions, Part } from '../parts.ts'
import { resourceOf } from '../value-types.ts'
import type { Signature } from '../value-types.ts'
import type { Place } from './checking.ts'
import { invalid } from './invalid.ts'
import type { FuncType } from './same.ts'
import { contains, isPlaced } from './value-rules.ts'

const REALLOC = 'i32,i32,i32,i32->i32'
/** More words than these go through memory. */
const MOST_TAKEN = 16
const MOST_GIVEN = 1
const MOST_TAKEN_ASYNC = 4

/** The signature of a core function; null where it is not known. */
export const coreSignature = ({ scope }: Place, index: number): string | null => {
  const func = scope.get<CoreExtern>('core func', index)
  if (func.kind !== 'func') throw invalid(`index ${index} is not a core function`)
  return func.signature
}

export const assertSignature = (place: Place, what: string, index: number, expected: string): void => {
  const actual = coreSignature(place, index)
  if (actual !== null && actual !== expected)
    throw invalid(`${what} has the signature ${actual}, and not ${expected}`)
}

export const assertOptions = (
  place: Place, { memory, realloc }: CanonOptions, needs: { readonly memory: boolean; readonly realloc: boolean },
): void => {
  if (memory !== null && place.scope.get<CoreExtern>('core memory', memory).kind !== 'memory')
    throw invalid(`index ${memory} is not a memory`)
  if (realloc !== null) assertSignature(place, 'what makes room', realloc, REALLOC)
  if (memory === null && (realloc !== null || needs.memory || needs.realloc))
    throw invalid('a function whose values lie in memory has no memory')
  if (realloc === null && needs.realloc) throw invalid('a function whose values need room has nothing that makes room')
}

/** Which values are where, of those that a function takes and gives. */
const shapeOf = ({ params, result, tuple }: Signature) => ({
  takesMany: tuple.flat.length > MOST_TAKEN,
  givesMany: (result?.flat.length ?? 0) > MOST_GIVEN,
  takesPlaced: params.some((type) => contains(type, isPlaced)),
  givesPlaced: contains(result, isPlaced),
})

const wordsOf = ({ tuple }: Signature, takesMany: boolean): readonly string[] => (takesMany ? ['i32'] : tuple.flat)

export const checkLift = (place: Place, { func, options, type }: Extract<Part, { kind: 'lift' }>): FuncType => {
  const { checking, scope } = place
  const declared = scope.declared(type, 'func')
  const signature = checking.signature(declared)
  const { takesMany, givesMany, takesPlaced, givesPlaced } = shapeOf(signature)
  if (options.isAsync) {
    checkAsyncLift(place, func, options, declared)
    return declared
  }
  if (options.callback !== null) throw invalid('a function with a callback that answers at once')
  const results = signature.result === null ? [] : givesMany ? ['i32'] : signature.result.flat
  assertSignature(place, 'the core function', func, signatureOfCore(wordsOf(signature, takesMany), results))
  assertOptions(place, options, { memory: givesMany || givesPlaced, realloc: takesMany || takesPlaced })
  if (options.postReturn !== null)
    assertSignature(place, 'the function after an answer', options.postReturn, signatureOfCore(results, []))
  return declared
}

/** An asynchronous function answers by task.return; its callback is told of events. */
const checkAsyncLift = (place: Place, func: number, options: CanonOptions, type: FuncType): void => {
  const signature = place.checking.signature(type)
  const { takesMany, takesPlaced } = shapeOf(signature)
  if (!type.part.isAsync) throw invalid('a function that is not asynchronous is made as one')
  if (options.postReturn !== null) throw invalid('an asynchronous function has something for after its answer')
  const results = options.callback === null ? [] : ['i32']
  assertSignature(place, 'the core function', func, signatureOfCore(wordsOf(signature, takesMany), results))
  assertOptions(place, options, { memory: false, realloc: takesMany || takesPlaced })
  if (options.callback !== null) assertSignature(place, 'the callback', options.callback, 'i32,i32,i32->i32')
}

/** A call that does not wait takes few words, and has its answer put into memory. */
const checkAsyncLower = (place: Place, options: CanonOptions, signature: Signature): CoreExtern => {
  const { takesPlaced, givesPlaced } = shapeOf(signature)
  const takesMany = signature.tuple.flat.length > MOST_TAKEN_ASYNC
  assertOptions(place, options, { memory: takesMany || takesPlaced || signature.result !== null, realloc: givesPlaced })
  const words = [...wordsOf(signature, takesMany), ...signature.result === null ? [] : ['i32']]
  return { kind: 'func', signature: signatureOfCore(words, ['i32']) }
}

export const checkLower = (place: Place, { func, options }: Extract<Part, { kind: 'lower' }>): CoreExtern => {
  const { checking, scope } = place
  const signature = checking.signature(scope.get('func', func))
  const { takesMany, givesMany, takesPlaced, givesPlaced } = shapeOf(signature)
  if (options.callback !== null) throw invalid('a function that is called has a callback')
  if (options.isAsync) return checkAsyncLower(place, options, signature)
  assertOptions(place, options, { memory: takesMany || givesMany || takesPlaced, realloc: givesPlaced })
  if (options.postReturn !== null) throw invalid('a function that is called has something for after its answer')
  const words = [...wordsOf(signature, takesMany), ...givesMany ? ['i32'] : []]
  const results = signature.result === null || givesMany ? [] : signature.result.flat
  return { kind: 'func', signature: signatureOfCore(words, results) }
}

export const checkResource = (place: Place, { act, type }: Extract<Part, { kind: 'resource' }>): CoreExtern => {
  const resource = resourceOf(place.scope, type)
  if (act !== 'drop' && resource.owner !== place.owner) throw invalid('a resource of another component is made or seen')
  return { kind: 'func', signature: act === 'drop' ? 'i32->' : 'i32->i32' }
}

export const checkDestroyer = (place: Place, index: number): void =>
  assertSignature(place, 'what destroys a resource', index, 'i32->')

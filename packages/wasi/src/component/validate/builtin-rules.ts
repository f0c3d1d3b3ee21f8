/** The rules of functions for tasks, streams and futures. */
import { ownValue } from '@lsmkit/abi'
import { signatureOfCore } from '../core-types.ts'
import type { CoreExtern } from '../core-types.ts'
import type { Builtin, FuncPart } from '../parts.ts'
import { ResourceType } from '../resources.ts'
import { valueTypeOf } from '../value-types.ts'
import type { ValueType } from '../value-types.ts'
import { assertOptions } from './canon-rules.ts'
import type { Place } from './checking.ts'
import { invalid } from './invalid.ts'
import { contains, isPlaced } from './value-rules.ts'

const SIGNATURES: Readonly<Record<string, string>> = {
  'task.cancel': '->', 'subtask.cancel': 'i32->i32', 'subtask.drop': 'i32->', 'context.get': '->i32',
  'context.set': 'i32->', 'thread.yield': '->i32', 'backpressure.inc': '->', 'backpressure.dec': '->',
  'stream.new': '->i64', 'stream.read': 'i32,i32,i32->i32', 'stream.write': 'i32,i32,i32->i32',
  'future.new': '->i64', 'future.read': 'i32,i32->i32', 'future.write': 'i32,i32->i32',
  'error-context.new': 'i32,i32->i32', 'error-context.debug-message': 'i32,i32->', 'error-context.drop': 'i32->',
  'waitable-set.new': '->i32', 'waitable-set.wait': 'i32,i32->i32', 'waitable-set.poll': 'i32,i32->i32',
  'waitable-set.drop': 'i32->', 'waitable.join': 'i32,i32->',
}
/** Words that each task keeps for its code. */
const SLOTS = 2
const MOST_TAKEN = 16

const NEEDS_MEMORY = ['error-context.new', 'error-context.debug-message', 'waitable-set.wait', 'waitable-set.poll']

/** What a stream or a future passes. */
const passed = ({ scope }: Place, { name, type }: Builtin): ValueType | null => {
  const declared = scope.type(type ?? -1)
  const kind = name.slice(0, name.indexOf('.'))
  if (declared instanceof ResourceType || declared.part.kind !== kind) throw invalid(`${name} of another type`)
  const value = valueTypeOf(declared)
  return 'of' in value ? value.of : null
}

const taskReturn = (place: Place, { result, options }: Builtin): string => {
  const part: FuncPart = { kind: 'func', isAsync: true, result: null, params: result === null ? [] : [['r', result]] }
  const { tuple, params } = place.checking.signature({ part, scope: place.scope })
  const isMany = tuple.flat.length > MOST_TAKEN
  assertOptions(place, options, { memory: isMany || params.some((type) => contains(type, isPlaced)), realloc: false })
  if (options.realloc !== null || options.isAsync) throw invalid('task.return with an option that it does not take')
  return signatureOfCore(isMany ? ['i32'] : tuple.flat, [])
}

export const checkBuiltin = (place: Place, part: Builtin): CoreExtern => {
  const { name, options, type, slot } = part
  if (slot >= SLOTS) throw invalid(`a task keeps ${SLOTS} words`)
  if (name === 'task.return') return { kind: 'func', signature: taskReturn(place, part) }
  const of = type === null ? null : passed(place, part)
  const isCopy = name.endsWith('.read') || name.endsWith('.write')
  assertOptions(place, options, {
    memory: NEEDS_MEMORY.includes(name) || (isCopy && of !== null),
    realloc: (name.endsWith('.read') && contains(of, isPlaced)) || name === 'error-context.debug-message',
  })
  return { kind: 'func', signature: ownValue(SIGNATURES, name) ?? name.replace(/^.*-(?:read|write)$/, 'i32->i32')
    .replace(/^.*drop-.*$/, 'i32->') }
}

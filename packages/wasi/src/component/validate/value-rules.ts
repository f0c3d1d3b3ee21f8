/** The rules of types that a component declares. */
import { ProgramError } from '../../errors.ts'
import type { TypePart, TypeRef } from '../parts.ts'
import { ResourceType } from '../resources.ts'
import type { Scope } from '../scope.ts'
import type { Signature, ValueType } from '../value-types.ts'
import { invalid } from './invalid.ts'
import { assertLabels } from './names.ts'

const MOST_FLAGS = 32
const KEYS: ReadonlySet<TypeRef> = new Set([
  'bool', 's8', 'u8', 's16', 'u16', 's32', 'u32', 's64', 'u64', 'char', 'string',
])

/** The types that one names. */
const refsOf = (part: TypePart): readonly (TypeRef | null)[] => {
  switch (part.kind) {
    case 'record': return part.fields.map(([, type]) => type)
    case 'variant': return part.cases.map(([, type]) => type)
    case 'list': case 'option': case 'stream': case 'future': case 'alias': return [part.of]
    case 'map': return [part.key, part.value]
    case 'tuple': return part.items
    case 'result': return [part.ok, part.error]
    case 'func': return [...part.params.map(([, type]) => type), part.result]
    default: return []
  }
}

const assertValue = (scope: Scope, ref: TypeRef | null): void => {
  if (typeof ref !== 'number') return
  const type = scope.type(ref)
  if (type instanceof ResourceType || ['func', 'instance', 'component', 'resource'].includes(type.part.kind))
    throw invalid(`type ${ref} is not one of values`)
}

/** Throws unless a type of values or of functions keeps the rules. */
export const assertType = (scope: Scope, part: TypePart): void => {
  for (const ref of refsOf(part)) assertValue(scope, ref)
  switch (part.kind) {
    case 'record': return assertLabels('record', part.fields.map(([name]) => name))
    case 'variant': return assertLabels('variant', part.cases.map(([name]) => name))
    case 'func': return assertLabels('function', part.params.map(([name]) => name), 0)
    case 'enum': return assertLabels('enum', part.names)
    case 'flags':
      if (part.names.length > MOST_FLAGS) throw invalid(`more than ${MOST_FLAGS} flags`)
      return assertLabels('flags', part.names)
    case 'tuple': return part.items.length === 0 ? refuse('a tuple of no types') : undefined
    case 'list': return part.length === 0 ? refuse('a list of the length 0') : undefined
    case 'map': return KEYS.has(part.key) ? undefined : refuse('a map with keys of a type that cannot be one')
    case 'own': case 'borrow':
      if (!(scope.type(part.type) instanceof ResourceType)) throw invalid(`type ${part.type} is not a resource`)
      return undefined
    default: return undefined
  }
}

const refuse = (what: string): never => {
  throw invalid(what)
}

/** Whether a part of a type is one for which `isOne` holds. Values of streams and futures do not count. */
export const contains = (type: ValueType | null, isOne: (type: ValueType) => boolean): boolean => {
  if (type === null) return false
  if (isOne(type)) return true
  if ('fields' in type) return type.fields.some(([, of]) => contains(of, isOne))
  if ('cases' in type) return type.cases.some(([, of]) => contains(of, isOne))
  return (type.kind === 'list' || type.kind === 'fixed list') && contains(type.of, isOne)
}

export const isBorrow = (type: ValueType): boolean =>
  type.kind === 'borrow' || ((type.kind === 'stream' || type.kind === 'future') && contains(type.of, isBorrow))

/** Values that lie in memory wherever they are passed. */
export const isPlaced = (type: ValueType): boolean => type.kind === 'string' || type.kind === 'list'

/** A signature, or `malformed-module` where it has none. */
export const validSignature = (make: () => Signature): Signature => {
  try {
    return make()
  } catch (error) {
    if (error instanceof ProgramError && error.code === 'bad-value') throw invalid(error.summary)
    throw error
  }
}

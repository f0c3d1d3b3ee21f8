/** Whether two types of values or functions are the same. */
import { ResourceType } from '../resources.ts'
import type { DeclaredType, LinkedType } from '../scope.ts'
import { signatureOf, valueTypeOf } from '../value-types.ts'
import type { Signature, ValueType } from '../value-types.ts'
import type { FuncPart } from '../parts.ts'

export type FuncType = DeclaredType & { readonly part: FuncPart }

const maybe = (a: ValueType | null, b: ValueType | null): boolean =>
  (a === null || b === null ? a === b : sameValue(a, b))

const each = <T>(a: readonly T[], b: readonly T[], isSame: (a: T, b: T) => boolean): boolean =>
  a.length === b.length && a.every((one, i) => isSame(one, b[i]!))

const named = <T>(isSame: (a: T, b: T) => boolean) =>
  ([name, a]: readonly [string, T], [other, b]: readonly [string, T]): boolean => name === other && isSame(a, b)

export const sameValue = (a: ValueType, b: ValueType): boolean => {
  switch (a.kind) {
    case 'number': return b.kind === 'number' && a.name === b.name
    case 'string': return b.kind === 'string'
    case 'list': return b.kind === 'list' && sameValue(a.of, b.of)
    case 'fixed list': return b.kind === 'fixed list' && a.length === b.length && sameValue(a.of, b.of)
    case 'record': case 'tuple': return b.kind === a.kind && each(a.fields, b.fields, named(sameValue))
    case 'flags': return b.kind === 'flags' && each(a.names, b.names, Object.is)
    case 'own': case 'borrow': return b.kind === a.kind && a.resource === b.resource
    case 'stream': case 'future': case 'error-context': return b.kind === a.kind && maybe(a.of, b.of)
    default: return b.kind === a.kind && each(a.cases, b.cases, named(maybe))
  }
}

/** Of functions: the names of parameters count. */
export const sameFunction = (a: FuncType, b: FuncType, signature: (type: FuncType) => Signature): boolean => {
  if (a === b) return true
  const [own, other] = [signature(a), signature(b)]
  return a.part.isAsync === b.part.isAsync && each(a.part.params, b.part.params, ([name], [of]) => name === of) &&
    each(own.params, other.params, sameValue) && maybe(own.result, other.result)
}

const isValue = ({ part: { kind } }: DeclaredType): boolean =>
  kind !== 'func' && kind !== 'instance' && kind !== 'component' && kind !== 'resource'

/** Of types that a name is given to. */
export const sameType = (a: LinkedType, b: LinkedType): boolean => {
  if (a === b) return true
  if (a instanceof ResourceType || b instanceof ResourceType) return false
  if (isValue(a) && isValue(b)) return sameValue(valueTypeOf(a), valueTypeOf(b))
  if (a.part.kind !== b.part.kind) return false
  return a.part.kind !== 'func' || sameFunction(a as FuncType, b as FuncType, signatureOf)
}

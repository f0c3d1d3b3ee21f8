/** Types of values, with what they name resolved, as calls pass them. */
import { ProgramError } from '../errors.ts'
import {
  flagsLayout, HANDLE, LIST, numberLayout, recordLayout, repeatedLayout, variantLayout,
} from './layout.ts'
import type { Layout } from './layout.ts'
import type { FuncPart, TypeRef } from './parts.ts'
import { ResourceType } from './resources.ts'
import type { DeclaredType, LinkedType, Scope } from './scope.ts'

type Named<T> = readonly (readonly [name: string, type: T])[]

type Shape =
  | { readonly kind: 'number'; readonly name: string }
  | { readonly kind: 'string' }
  | { readonly kind: 'list'; readonly of: ValueType }
  | { readonly kind: 'fixed list'; readonly of: ValueType; readonly length: number }
  | { readonly kind: 'record' | 'tuple'; readonly fields: Named<ValueType> }
  | { readonly kind: 'variant' | 'option' | 'result' | 'enum'; readonly cases: Named<ValueType | null>
    /** Where what a case carries lies. */
    readonly payload: number }
  | { readonly kind: 'flags'; readonly names: readonly string[] }
  | { readonly kind: 'own' | 'borrow'; readonly resource: ResourceType }
  | { readonly kind: 'stream' | 'future' | 'error-context'; readonly of: ValueType | null }

export type ValueType = Shape & Layout

/** The types of a function's parameters and of its result. */
export interface Signature {
  readonly params: readonly ValueType[]
  readonly result: ValueType | null
  /** Its parameters as one value, for those that are too many for words. */
  readonly tuple: ValueType
  /** How many types it is made of. */
  readonly parts: number
}

/** Types may name others twice, and those others again: so many in all. */
const MOST_TYPES = 10_000
/** What one value may take: as much as a list does. */
const MOST_BYTES = 2 ** 28 - 1

const notPassed = (what: string): ProgramError =>
  new ProgramError('bad-value', `the function takes or gives ${what}, which cannot be passed from here`)

/** Resolves the types of one function, and counts them. */
class Resolving {
  count = 0
}

const resolve = (of: Resolving, ref: TypeRef, scope: Scope): ValueType => {
  if (++of.count > MOST_TYPES) throw notPassed('a value of too many parts')
  if (typeof ref === 'number') return declared(of, scope.type(ref))
  if (ref === 'string') return { kind: 'string', ...LIST }
  if (ref === 'error-context') return { kind: ref, of: null, ...HANDLE }
  return { kind: 'number', name: ref, ...numberLayout(ref) }
}

/** A record or a tuple. Throws `bad-value` where it is too large. */
export const record = (kind: 'record' | 'tuple', fields: Named<ValueType>): ValueType =>
  small({ kind, fields, ...recordLayout(fields.map(([, field]) => field)) })

/** A type with cases. */
export const variant = (kind: 'variant' | 'option' | 'result' | 'enum', cases: Named<ValueType | null>): ValueType =>
  ({ kind, cases, ...variantLayout(cases.map(([, of]) => of)) })

const small = (type: ValueType): ValueType => {
  if (type.size > MOST_BYTES) throw notPassed('a value of too many bytes')
  return type
}

const declared = (of: Resolving, type: LinkedType): ValueType => {
  if (type instanceof ResourceType) throw notPassed('a resource by itself')
  const { part, scope } = type
  const known = (ref: TypeRef): ValueType => resolve(of, ref, scope)
  const maybe = (ref: TypeRef | null): ValueType | null => (ref === null ? null : known(ref))
  const tuple = (items: readonly TypeRef[]): ValueType =>
    record('tuple', items.map((item, i) => [String(i), known(item)]))
  switch (part.kind) {
    case 'alias': return known(part.of)
    case 'list': {
      const item = known(part.of)
      if (part.length === null) return { kind: 'list', of: item, ...LIST }
      return small({ kind: 'fixed list', of: item, length: part.length, ...repeatedLayout(item, part.length) })
    }
    case 'map': return { kind: 'list', of: tuple([part.key, part.value]), ...LIST }
    case 'record': return record('record', part.fields.map(([name, field]) => [name, known(field)]))
    case 'tuple': return tuple(part.items)
    case 'variant': return variant('variant', part.cases.map(([name, carried]) => [name, maybe(carried)]))
    case 'option': return variant('option', [['none', null], ['some', known(part.of)]])
    case 'result': return variant('result', [['ok', maybe(part.ok)], ['error', maybe(part.error)]])
    case 'enum': return variant('enum', part.names.map((name) => [name, null]))
    case 'flags': return { kind: 'flags', names: part.names, ...flagsLayout(part.names.length) }
    case 'own': case 'borrow': return { kind: part.kind, resource: resourceOf(scope, part.type), ...HANDLE }
    case 'stream': case 'future': return { kind: part.kind, of: maybe(part.of), ...HANDLE }
    default: throw notPassed(`a ${part.kind}`)
  }
}

export const resourceOf = (scope: Scope, index: number): ResourceType => {
  const type = scope.type(index)
  if (type instanceof ResourceType) return type
  throw new ProgramError('malformed-module', `type ${index} of the component is not a resource`)
}

/** Resolves a type of functions. Throws `bad-value` for values of too many parts. */
export const signatureOf = ({ scope, part }: DeclaredType & { readonly part: FuncPart }): Signature => {
  const of = new Resolving()
  const params = part.params.map(([, type]) => resolve(of, type, scope))
  const result = part.result === null ? null : resolve(of, part.result, scope)
  return { params, result, tuple: record('tuple', params.map((type, i) => [String(i), type])), parts: of.count }
}

/** A type of values by itself. Throws `bad-value` for other types, and for too many parts. */
export const valueTypeOf = (type: LinkedType): ValueType => declared(new Resolving(), type)

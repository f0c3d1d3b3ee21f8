/** Types of values as the canonical ABI lays them out in memory and passes them to core functions. */
import { ownValue } from '@lsmkit/abi'
import { ProgramError } from '../errors.ts'
import type { TypePart, TypeRef } from './parts.ts'

export type CoreType = 'i32' | 'i64' | 'f32' | 'f64'

export type ValueType =
  | { readonly kind: 'number'; readonly name: string }
  | { readonly kind: 'string' }
  | { readonly kind: 'list'; readonly of: ValueType }
  | { readonly kind: 'record'; readonly fields: readonly (readonly [name: string, type: ValueType])[] }
  | { readonly kind: 'tuple'; readonly fields: readonly (readonly [name: string, type: ValueType])[] }
  | { readonly kind: 'variant' | 'option' | 'result' | 'enum'
    readonly cases: readonly (readonly [name: string, type: ValueType | null])[] }
  | { readonly kind: 'flags'; readonly names: readonly string[] }

/** A type that a component has declared, and where the types are that it names. */
export interface DeclaredType {
  readonly part: TypePart
  readonly lookUp: (index: number) => DeclaredType
}

/** Types may name others twice, and those others again: so many in all. */
const MOST_TYPES = 10_000
/** Flags beyond these take more than one word. */
const MOST_FLAGS = 32

const notPassed = (what: string): ProgramError =>
  new ProgramError('bad-value', `the function takes or gives ${what}, which cannot be passed from here`)

/** The meaning of written types. Throws `bad-value` for handles. */
export const valueTypes = () => {
  let count = 0
  const resolve = (ref: TypeRef, lookUp: DeclaredType['lookUp']): ValueType => {
    if (++count > MOST_TYPES) throw notPassed('a value of too many parts')
    if (ref === 'string') return { kind: 'string' }
    return typeof ref === 'string' ? { kind: 'number', name: ref } : declared(lookUp(ref))
  }
  const declared = ({ part, lookUp }: DeclaredType): ValueType => {
    const of = (ref: TypeRef): ValueType => resolve(ref, lookUp)
    const maybe = (ref: TypeRef | null): ValueType | null => (ref === null ? null : of(ref))
    switch (part.kind) {
      case 'alias': return of(part.of)
      case 'list': return { kind: 'list', of: of(part.of) }
      case 'record': return { kind: 'record', fields: part.fields.map(([name, type]) => [name, of(type)]) }
      case 'tuple': return { kind: 'tuple', fields: part.items.map((type, i) => [String(i), of(type)]) }
      case 'variant': return { kind: 'variant', cases: part.cases.map(([name, type]) => [name, maybe(type)]) }
      case 'option': return { kind: 'option', cases: [['none', null], ['some', of(part.of)]] }
      case 'result': return { kind: 'result', cases: [['ok', maybe(part.ok)], ['error', maybe(part.error)]] }
      case 'enum': return { kind: 'enum', cases: part.names.map((name) => [name, null]) }
      case 'flags':
        if (part.names.length > MOST_FLAGS) throw notPassed('more than 32 flags')
        return { kind: 'flags', names: part.names }
      default: throw notPassed('a resource')
    }
  }
  return resolve
}

const BYTES: Readonly<Record<string, number>> = {
  bool: 1, s8: 1, u8: 1, s16: 2, u16: 2, s32: 4, u32: 4, f32: 4, char: 4, s64: 8, u64: 8, f64: 8,
}

const smallest = (count: number): number => (count <= 0x100 ? 1 : count <= 0x10000 ? 2 : 4)

export const alignOf = (type: ValueType): number => {
  switch (type.kind) {
    case 'number': return ownValue(BYTES, type.name)!
    case 'string': case 'list': return 4
    case 'record': case 'tuple': return Math.max(1, ...type.fields.map(([, field]) => alignOf(field)))
    case 'flags': return type.names.length <= 8 ? 1 : type.names.length <= 16 ? 2 : 4
    default: return Math.max(discriminantSize(type.cases), payloadAlign(type.cases))
  }
}

export const aligned = (at: number, align: number): number => Math.ceil(at / align) * align

type Cases = readonly (readonly [name: string, type: ValueType | null])[]

export const discriminantSize = (cases: Cases): number => smallest(cases.length)

const payloadAlign = (cases: Cases): number =>
  Math.max(1, ...cases.map(([, type]) => (type === null ? 1 : alignOf(type))))

/** Where what a case carries lies, from the beginning of the variant. */
export const payloadOffset = (cases: Cases): number => aligned(discriminantSize(cases), payloadAlign(cases))

export const sizeOf = (type: ValueType): number => {
  switch (type.kind) {
    case 'number': return ownValue(BYTES, type.name)!
    case 'string': case 'list': return 8
    case 'record': case 'tuple':
      return aligned(type.fields.reduce((at, [, field]) => aligned(at, alignOf(field)) + sizeOf(field), 0),
        alignOf(type))
    case 'flags': return alignOf(type)
    default: {
      const most = Math.max(0, ...type.cases.map(([, of]) => (of === null ? 0 : sizeOf(of))))
      return aligned(payloadOffset(type.cases) + most, alignOf(type))
    }
  }
}

const CORE: Readonly<Record<string, CoreType>> = { s64: 'i64', u64: 'i64', f32: 'f32', f64: 'f64' }

const join = (a: CoreType | undefined, b: CoreType | undefined): CoreType => {
  if (a === undefined || b === undefined || a === b) return (a ?? b)!
  return a !== 'i64' && b !== 'i64' && a !== 'f64' && b !== 'f64' ? 'i32' : 'i64'
}

/** The words that a value is passed as. */
export const flatTypes = (type: ValueType): CoreType[] => {
  switch (type.kind) {
    case 'number': return [ownValue(CORE, type.name) ?? 'i32']
    case 'string': case 'list': return ['i32', 'i32']
    case 'record': case 'tuple': return type.fields.flatMap(([, field]) => flatTypes(field))
    case 'flags': return ['i32']
    default: {
      const flats = type.cases.map(([, of]) => (of === null ? [] : flatTypes(of)))
      const width = Math.max(0, ...flats.map(({ length }) => length))
      return ['i32', ...Array.from({ length: width }, (_, i) =>
        flats.reduce<CoreType | undefined>((all, flat) => (i in flat ? join(all, flat[i]) : all), undefined)!)]
    }
  }
}

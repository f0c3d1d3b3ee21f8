/**
 * Functions that WASI 0.3 has from WASI 0.2: they are those of 0.2, called with values. Types whose cases 0.3 has
 * changed are passed as 0.2 has them: errors, and types of files.
 */
import { ownValue } from '@lsmkit/abi'
import type { Import } from '../../guard.ts'
import type { Process } from '../../process.ts'
import { Callee } from '../callee.ts'
import { FILE_ERROR_NAMES } from '../file-errors.ts'
import { TYPE_NAMES } from '../host/descriptors.ts'
import { HEADER_ERRORS } from '../host/http/fields.ts'
import { SOCKET_ERROR_NAMES } from '../host/sockets/errors.ts'
import { interfaces } from '../host/table.ts'
import { ComponentInstance } from '../instance.ts'
import { LIST } from '../layout.ts'
import type { ComponentValue, Word } from '../scalars.ts'
import { Scratch } from '../scratch.ts'
import { Transfer } from '../transfer.ts'
import { record, variant } from '../value-types.ts'
import type { Signature, ValueType } from '../value-types.ts'
import { load } from '../values.ts'
import { liftResult, lowerParams } from '../words.ts'

type Cases = Extract<ValueType, { cases: unknown }>

/** Enums of 0.2, by a case that only they have. */
const ENUMS = [
  ['bad-descriptor', FILE_ERROR_NAMES], ['regular-file', TYPE_NAMES], ['address-not-bindable', SOCKET_ERROR_NAMES],
  ['invalid-syntax', HEADER_ERRORS],
] as const

const enumOf = ({ kind, cases }: Cases): readonly string[] | null => {
  if (kind !== 'variant' && kind !== 'enum') return null
  return ENUMS.find(([mark]) => cases.some(([name]) => name === mark))?.[1] ?? null
}

/** The type as 0.2 has it. */
const typeOf2 = (type: ValueType): ValueType => {
  switch (type.kind) {
    case 'record': case 'tuple':
      return record(type.kind, type.fields.map(([name, field]) => [name, typeOf2(field)]))
    case 'list': return { kind: 'list', of: typeOf2(type.of), ...LIST }
    case 'variant': case 'enum': case 'option': case 'result': {
      const names = enumOf(type)
      return names === null
        ? variant(type.kind, type.cases.map(([name, of]) => [name, of === null ? null : typeOf2(of)]))
        : variant('enum', names.map((name) => [name, null]))
    }
    default: return type
  }
}

/** What stands for a name that an enum does not have. */
const FALLBACKS = ['other', 'unknown', 'io', 'unsupported', 'not-supported']

/** The value of an `error-code` or a `descriptor-type` by its name in 0.2. */
export const namedCase = ({ kind, cases }: Cases, name: string): ComponentValue => {
  const has = (one: string): boolean => cases.some(([known]) => known === one)
  const known = has(name) ? name : FALLBACKS.find(has) ?? cases[0]![0]
  if (kind === 'enum') return known
  const isTold = known === 'other' && name !== 'unknown'
  return { case: known, value: isTold ? name : null }
}

/** A value of 0.2 as one of this type. */
const valueOf3 = (type: ValueType, value: ComponentValue): ComponentValue => {
  switch (type.kind) {
    case 'record': {
      const fields = value as { readonly [name: string]: ComponentValue }
      return Object.fromEntries(type.fields.map(([name, field]) => [name, valueOf3(field, fields[name]!)]))
    }
    case 'tuple': return type.fields.map(([, field], i) => valueOf3(field, (value as readonly ComponentValue[])[i]!))
    case 'list':
      return value instanceof Uint8Array ? value
        : (value as readonly ComponentValue[]).map((item) => valueOf3(type.of, item))
    case 'option': return value === null ? null : valueOf3(type.cases[1]![1]!, value)
    case 'result': {
      const [[name, carried] = ['ok', null]] = Object.entries(value as { readonly [name: string]: ComponentValue })
      const of = type.cases.find(([one]) => one === name)?.[1] ?? null
      return { [name]: of === null ? null : valueOf3(of, carried) }
    }
    case 'variant': case 'enum': return enumOf(type) === null ? value : namedCase(type, value as string)
    default: return value
  }
}

const signatureOf2 = ({ params, result, tuple, parts }: Signature): Signature =>
  ({ params: params.map(typeOf2), result: result === null ? null : typeOf2(result), tuple: typeOf2(tuple), parts })

type Answered = ComponentValue | undefined

/** Calls functions of WASI 0.2 with values, for one component. */
export class Spelling {
  /** Its memory and its handles are used for one call at a time. */
  readonly #callee: Callee
  readonly #scratch = new Scratch()
  readonly #instance = new ComponentInstance()
  readonly #interfaces = new Map<string, Readonly<Record<string, Import>>>()
  readonly #signatures = new WeakMap<Signature, Signature>()
  /** A call has not come back yet. */
  #isHeld = false
  /** For calls that are made meanwhile. */
  #spare: Spelling | null = null

  constructor(process: Process) {
    this.#callee = new Callee(process, this.#scratch.guest, this.#instance, this.#scratch.realloc)
  }

  /** Calls `name` of `from`; the signature is that of 0.3. A call that waits is answered later. */
  call(
    from: string, name: string, args: readonly ComponentValue[], signature: Signature,
  ): Answered | Promise<Answered> {
    return this.#free().#call(from, name, args, signature)
  }

  /** The words that a value is passed as. */
  words(type: ValueType, value: ComponentValue): readonly Word[] {
    return this.#free().#words(type, value)
  }

  /** The value of this type that `put` puts into memory. */
  placed(type: ValueType, put: (callee: Callee, at: number) => void): ComponentValue {
    return this.#free().#placed(type, put)
  }

  /** One of which no call is being answered. */
  #free(): Spelling {
    if (!this.#isHeld) return this
    const spare = this.#spare ?? new Spelling(this.#callee.process)
    this.#spare = spare
    return spare.#free()
  }

  #call(
    from: string, name: string, args: readonly ComponentValue[], signature: Signature,
  ): Answered | Promise<Answered> {
    const callee = this.#callee
    const { params, result, tuple } = this.#as2(signature)
    this.#begin()
    const words = lowerParams(new Transfer(callee), params, tuple, args)
    const isPlaced = result !== null && result.flat.length > 1
    const ret = isPlaced ? callee.allocate(result.size, result.align) : 0
    const lift = (answer: Word | undefined): Answered => {
      if (result === null) return undefined
      const value = liftResult(new Transfer(callee), result, isPlaced ? ret : answer ?? 0)
      return valueOf3(signature.result!, value)
    }
    const answer = this.#function(from, name)(...words, ...(isPlaced ? [ret] : [])) as Word | undefined | Promise<Word>
    if (!(answer instanceof Promise)) return lift(answer)
    this.#isHeld = true
    return answer.then(lift).finally(() => void (this.#isHeld = false))
  }

  #words(type: ValueType, value: ComponentValue): readonly Word[] {
    this.#begin()
    return lowerParams(new Transfer(this.#callee), [type], record('tuple', [['0', type]]), [value])
  }

  #placed(type: ValueType, put: (callee: Callee, at: number) => void): ComponentValue {
    this.#begin()
    const at = this.#callee.allocate(type.size, type.align)
    put(this.#callee, at)
    return load(new Transfer(this.#callee), type, at)
  }

  #begin(): void {
    this.#scratch.clear()
    this.#instance.handles.clear()
  }

  #as2(signature: Signature): Signature {
    const known = this.#signatures.get(signature) ?? signatureOf2(signature)
    this.#signatures.set(signature, known)
    return known
  }

  #function(from: string, name: string): Import {
    const known = this.#interfaces.get(from) ?? ownValue(interfaces, from)!(this.#callee)
    this.#interfaces.set(from, known)
    return ownValue(known, name)!
  }
}

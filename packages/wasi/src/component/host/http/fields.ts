/** `fields` of wasi:http: headers and trailers, their rules, and which of them may not be changed. */
import { bound } from '@lsmkit/kernel/boot'
import type { Callee } from '../../callee.ts'
import { Resource } from '../../handles.ts'
import { httpOf } from './state.ts'

/** RFC 9110, section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/

/** They say how the bytes of one connection are laid out, or for whom it is: that is decided here. */
const FORBIDDEN: ReadonlySet<string> = new Set([
  'connection', 'host', 'http2-settings', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade',
])

/** `header-error`, in its order. */
export const HEADER_ERRORS = ['invalid-syntax', 'forbidden', 'immutable'] as const
type HeaderError = typeof HEADER_ERRORS[number]

/** Bytes of a `list<u8>` or a `string`, and of a pair of both. */
const LIST = 8
const PAIR = 16

interface Field {
  /** As it was first written. */
  readonly name: string
  readonly values: Uint8Array[]
}

export type FieldList = readonly (readonly [name: string, value: Uint8Array])[]

export class Fields extends Resource {
  readonly #byName = new Map<string, Field>()
  /** Once it belongs to a message. */
  isImmutable = false

  get(name: string): readonly Uint8Array[] {
    return this.#byName.get(name.toLowerCase())?.values ?? []
  }

  has(name: string): boolean {
    return this.#byName.has(name.toLowerCase())
  }

  set(name: string, values: readonly Uint8Array[]): void {
    this.#byName.set(name.toLowerCase(), { name, values: [...values] })
  }

  append(name: string, value: Uint8Array): void {
    const known = this.#byName.get(name.toLowerCase())
    if (known === undefined) this.set(name, [value])
    else known.values.push(value)
  }

  delete(name: string): void {
    this.#byName.delete(name.toLowerCase())
  }

  entries(): FieldList {
    return [...this.#byName.values()].flatMap(({ name, values }) => values.map((value) => [name, value] as const))
  }

  copy(): Fields {
    return Fields.of(this.entries())
  }

  /** The same fields, which nobody changes. */
  static immutable(of: FieldList): Fields {
    const made = Fields.of(of)
    made.isImmutable = true
    return made
  }

  static of(entries: FieldList): Fields {
    const made = new Fields()
    for (const [name, value] of entries) made.append(name, value)
    return made
  }
}

const decoder = new TextDecoder('latin1')

/** As the headers of a message have it, whose bytes are characters. */
export const textPairs = (fields: FieldList): (readonly [name: string, value: string])[] =>
  fields.map(([name, value]) => [name, decoder.decode(value)])

export const bytesPairs = (pairs: readonly (readonly [name: string, value: string])[]): FieldList =>
  pairs.map(([name, value]) => [name, Uint8Array.from(value, (char) => char.charCodeAt(0))])

/** Neither a control character nor one of those that end a line. */
const isValue = (value: Uint8Array): boolean => value.every((byte) => (byte >= 0x20 && byte !== 0x7f) || byte === 0x09)

const nameError = (name: string): HeaderError | null => {
  if (!TOKEN.test(name)) return 'invalid-syntax'
  return FORBIDDEN.has(name.toLowerCase()) ? 'forbidden' : null
}

const errorOf = (name: string, values: readonly Uint8Array[]): HeaderError | null =>
  nameError(name) ?? (values.every(isValue) ? null : 'invalid-syntax')

/** `result<_, header-error>`. */
const put = (callee: Callee, ret: number, error: HeaderError | null): number => {
  callee.put8(ret, error === null ? 0 : 1)
  if (error !== null) callee.put8(ret + 1, HEADER_ERRORS.indexOf(error))
  return 0
}

const utf8 = new TextDecoder()
const textAt = (callee: Callee, at: number, length: number): string => utf8.decode(callee.bytes(at, length).slice())

/** A value of the component's own, as ours. It counts for what its process may hold. */
const own = (callee: Callee, at: number, length: number): Uint8Array => {
  httpOf(callee.process).hold(callee, length >>> 0)
  return callee.bytes(at, length).slice()
}

/** `list<list<u8>>`. */
const valuesAt = (callee: Callee, list: number, count: number): Uint8Array[] => {
  const at = callee.range(list, (count >>> 0) * LIST)
  return Array.from({ length: count >>> 0 }, (_, i) => {
    const { view } = callee.memory
    return own(callee, view.getUint32(at + i * LIST, true), view.getUint32(at + i * LIST + 4, true))
  })
}

const fields = (callee: Callee, self: number): Fields => callee.resource(self, Fields)

/** Makes a change, if the rules permit it. */
const change = (
  callee: Callee, self: number, ret: number, error: (of: Fields) => HeaderError | null, make: (of: Fields) => void,
): number => {
  const of = fields(callee, self)
  const refused = of.isImmutable ? 'immutable' : error(of)
  if (refused === null) make(of)
  return put(callee, ret, refused)
}

const onFields = {
  '[constructor]fields': (callee: Callee) => callee.hand(new Fields()),
  /** `result<fields, header-error>`. */
  '[static]fields.from-list'(callee: Callee, list: number, count: number, ret: number) {
    const at = callee.range(list, (count >>> 0) * PAIR)
    const made = new Fields()
    let error: HeaderError | null = null
    for (let i = 0; i < count >>> 0 && error === null; i++) {
      const { view } = callee.memory
      const [name, nameLength, value, length] = [0, 4, 8, 12].map((offset) =>
        view.getUint32(at + i * PAIR + offset, true)) as [number, number, number, number]
      const text = textAt(callee, name, nameLength)
      const bytes = own(callee, value, length)
      error = errorOf(text, [bytes])
      if (error === null) made.append(text, bytes)
    }
    callee.put8(ret, error === null ? 0 : 1)
    if (error === null) callee.put32(ret + 4, callee.hand(made))
    else callee.put8(ret + 4, HEADER_ERRORS.indexOf(error))
    return 0
  },
  '[method]fields.get'(callee: Callee, self: number, name: number, length: number, ret: number) {
    const values = fields(callee, self).get(textAt(callee, name, length))
    const place = values.length === 0 ? 4 : callee.allocate(values.length * LIST, 4)
    values.forEach((value, i) => callee.putBytes(place + i * LIST, value))
    callee.put32(ret, place, values.length)
    return 0
  },
  '[method]fields.has': (callee: Callee, self: number, name: number, length: number) =>
    Number(fields(callee, self).has(textAt(callee, name, length))),
  '[method]fields.set'(
    callee: Callee, self: number, at: number, length: number, list: number, count: number, ret: number,
  ) {
    const name = textAt(callee, at, length)
    const values = valuesAt(callee, list, count)
    return change(callee, self, ret, () => errorOf(name, values), (of) => of.set(name, values))
  },
  '[method]fields.delete'(callee: Callee, self: number, at: number, length: number, ret: number) {
    const name = textAt(callee, at, length)
    return change(callee, self, ret, () => nameError(name), (of) => of.delete(name))
  },
  '[method]fields.append'(
    callee: Callee, self: number, at: number, length: number, value: number, size: number, ret: number,
  ) {
    const name = textAt(callee, at, length)
    const bytes = own(callee, value, size)
    return change(callee, self, ret, () => errorOf(name, [bytes]), (of) => of.append(name, bytes))
  },
  '[method]fields.entries'(callee: Callee, self: number, ret: number) {
    const entries = fields(callee, self).entries()
    const place = entries.length === 0 ? 4 : callee.allocate(entries.length * PAIR, 4)
    for (const [i, [name, value]] of entries.entries()) {
      callee.putText(place + i * PAIR, name)
      callee.putBytes(place + i * PAIR + 8, value)
    }
    callee.put32(ret, place, entries.length)
    return 0
  },
  '[method]fields.clone': (callee: Callee, self: number) => callee.hand(fields(callee, self).copy()),
}

export const fieldFunctions = (callee: Callee) => bound(callee, onFields)

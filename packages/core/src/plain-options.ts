/**
 * `@lsmkit/core/plain-options`: options of a caller, copied once into plain data. A getter or a proxy may answer
 * otherwise the second time, so what is checked has to be what is used.
 */
import { checkOptions, OptionError } from './option-rules.ts'
import type { OptionRules } from './option-rules.ts'

/** Why an option is refused, and values of it that mean "not this" and are taken. */
export type Refusal = string | { readonly why: string; readonly but: readonly unknown[] }

/** The options of one function. An option that stands in neither table is an error. */
export interface OptionShape<T> {
  readonly takes: OptionRules<T>
  /** Options that another function of this kind has and this one does not, with the reason. */
  readonly refuses?: Readonly<Record<string, Refusal>>
}

const MOST_DEPTH = 32
const MOST_ENTRIES = 100_000

const badOption = (message: string, place: string, hint: string | null = null): OptionError =>
  new OptionError('bad-option', message, { place, hint })

const unknownOption = (name: string, place: string): OptionError =>
  new OptionError('unknown-option', `there is no option \`${name}\``, { place })

/** As Object.prototype is, of whichever realm: the end of the chain, with nothing that `for in` would find. */
const isEmptyEnd = (prototype: object): boolean =>
  Object.getPrototypeOf(prototype) === null && Object.keys(prototype).length === 0

/** An object of fields, as a literal makes it. What has a class is a value. */
const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || isEmptyEnd(prototype as object)
}

/** Counts entries and levels, so that no object without an end is walked. */
class Copier {
  readonly #place: string
  #left = MOST_ENTRIES

  constructor(place: string) {
    this.#place = place
  }

  value(value: unknown, path: string, depth: number): unknown {
    if (typeof value !== 'object' || value === null) return value
    if (depth > MOST_DEPTH) throw badOption(`\`${path}\` has more than ${MOST_DEPTH} levels`, this.#place)
    if (Array.isArray(value)) return this.#list(value, path, depth)
    return isPlain(value) ? this.fields(value, path, depth) : value
  }

  #list(list: readonly unknown[], path: string, depth: number): unknown[] {
    const { length } = list
    this.#spend(length, path)
    return Array.from({ length }, (_, i) => this.value(list[i], `${path}[${i}]`, depth + 1))
  }

  fields(from: object, path: string, depth: number): Record<string, unknown> {
    const copy = Object.create(null) as Record<string, unknown>
    const keys = Reflect.ownKeys(from)
    this.#spend(keys.length, path)
    for (const key of keys) {
      const name = path === '' ? String(key) : `${path}.${String(key)}`
      if (typeof key === 'symbol') throw unknownOption(name, this.#place)
      copy[key] = this.value((from as Record<string, unknown>)[key], name, depth + 1)
    }
    return copy
  }

  #spend(n: number, path: string): void {
    this.#left -= n
    if (!(this.#left >= 0)) throw badOption(`\`${path}\` has more than ${MOST_ENTRIES} entries`, this.#place)
  }
}

/**
 * The same lists and fields, each read once, in arrays and objects without a prototype. Objects of a class (signals,
 * bytes, streams) stay unchanged. Throws OptionError for symbols as names and for what has no end.
 */
export const plainCopy = (value: unknown, place: string): unknown => new Copier(place).value(value, '', 0)

const ownObject = (given: unknown, place: string): object => {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw badOption(`\`${place}\` takes one object`, place)
  }
  if (!isPlain(given)) throw badOption('options are inherited', place, 'only fields of the object itself are looked at')
  return given
}

const refuse = (copy: Record<string, unknown>, refuses: Readonly<Record<string, Refusal>>, place: string): void => {
  for (const [name, refusal] of Object.entries(refuses)) {
    if (!(name in copy)) continue
    const { why, but } = typeof refusal === 'string' ? { why: refusal, but: [] } : refusal
    const value = copy[name]
    if (value !== undefined && !but.includes(value)) {
      throw new OptionError('refused-option', `\`${name}\` is not taken: ${why}`, { place })
    }
    delete copy[name]
  }
}

/**
 * A copy of `given` that was read once and is what `shape` takes. Undefined gives no options. Throws OptionError that
 * names the option: `unknown-option`, `refused-option` with the reason, or `bad-option`.
 */
export const plainOptions = <T extends object>(
  given: T | null | undefined, shape: OptionShape<T>, place: string,
): T => {
  const copy = new Copier(place).fields(given === undefined || given === null ? {} : ownObject(given, place), '', 0)
  refuse(copy, shape.refuses ?? {}, place)
  checkOptions(copy, shape.takes, place)
  return copy as T
}

/**
 * property_contexts: the context and the type of a system property. The longest prefix counts, and an exact name before
 * any prefix, as in Android's property_info_parser.
 */
import { AndroidError, contextLines } from './errors.ts'
import type { ContextText } from './errors.ts'

export interface PropertyEntry {
  /** A name, a prefix, or `*` for all. */
  readonly name: string
  readonly context: string
  readonly isExact: boolean
  /** `string`, `bool`, `int`, `uint`, `double`, `size`, `enum a b`; null where the line does not say. */
  readonly type: string | null
  readonly place: string
}

export interface PropertyInfo {
  readonly context: string
  /** Of the longest entry that says one; null where none does. */
  readonly type: string | null
  /** The entry that decides the context. */
  readonly entry: PropertyEntry
}

const TYPES = new Set(['string', 'bool', 'int', 'uint', 'double', 'size'])
const NAME = /^(?:\*|[A-Za-z0-9_.:@-]+)$/

const typeOf = (words: readonly string[], place: string): string | null => {
  const [first, ...values] = words
  if (first === undefined) return null
  if (first === 'enum' ? values.length > 0 : TYPES.has(first) && values.length === 0) return words.join(' ')
  throw new AndroidError('bad-type', `\`${words.join(' ')}\` is not the type of a property`, place,
    `${[...TYPES].join(', ')}, or enum with its values`)
}

export class PropertyContexts {
  readonly entries: readonly PropertyEntry[]
  readonly #exact = new Map<string, PropertyEntry>()
  readonly #prefixes = new Map<string, PropertyEntry>()

  /** `isStrict`: every line says `exact` or `prefix`. Throws AndroidError for a line. */
  constructor(files: readonly ContextText[], isStrict = false) {
    this.entries = contextLines(files).map(({ fields, place }) => {
      const [name = '', context, match, ...type] = fields
      if (context === undefined) throw new AndroidError('bad-line', `\`${name}\` has no context`, place, 'NAME CONTEXT')
      if (!NAME.test(name)) throw new AndroidError('bad-line', `\`${name}\` is not the name of a property`, place)
      if (match === undefined ? isStrict : match !== 'exact' && match !== 'prefix') {
        throw new AndroidError('bad-line', `\`${match ?? name}\` is not a kind of match`, place, 'exact or prefix')
      }
      const entry = { name, context, isExact: match === 'exact', type: typeOf(type, place), place }
      const table = entry.isExact ? this.#exact : this.#prefixes
      const other = table.get(name)
      if (other !== undefined) {
        throw new AndroidError('duplicate', `\`${name}\` has a context already`, place, `at ${other.place}`)
      }
      table.set(name, entry)
      return entry
    })
  }

  /** Null for a property without a context. */
  lookup(property: string): PropertyInfo | null {
    let entry = this.#prefixes.get('*') ?? null
    let type = entry?.type ?? null
    const take = (found: PropertyEntry | undefined): void => {
      if (found === undefined) return
      entry = found
      type = found.type ?? type
    }
    for (let length = 1; length <= property.length; length++) take(this.#prefixes.get(property.slice(0, length)))
    take(this.#exact.get(property))
    return entry === null ? null : { context: entry.context, type, entry }
  }
}

/** Is a value of the type? Types are those of `PropertyInfo`. */
export const isPropertyValue = (type: string | null, value: string): boolean => {
  const [kind, ...values] = (type ?? 'string').split(' ')
  switch (kind) {
    case 'bool': return ['1', '0', 'true', 'false', 'y', 'n', 'yes', 'no', 'on', 'off'].includes(value)
    case 'int': return /^[+-]?(?:\d{1,19}|0x[\da-f]{1,16})$/i.test(value)
    case 'uint': return /^(?:\d{1,20}|0x[\da-f]{1,16})$/i.test(value)
    case 'double': return value !== '' && Number.isFinite(Number(value))
    case 'size': return /^\d+[gkm]$/i.test(value)
    case 'enum': return values.includes(value)
    default: return true
  }
}

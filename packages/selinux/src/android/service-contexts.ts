/** service_contexts, hwservice_contexts, vndservice_contexts, keystore2_key_contexts: a whole name, or `*` for any. */
import { AndroidError, contextLines } from './errors.ts'
import type { ContextText } from './errors.ts'

export interface ServiceEntry {
  readonly name: string
  readonly context: string
  readonly place: string
}

export class ServiceContexts {
  readonly entries: readonly ServiceEntry[]
  readonly #byName = new Map<string, ServiceEntry>()

  /** Throws AndroidError for a line, and for a name that is there twice. */
  constructor(files: readonly ContextText[]) {
    this.entries = contextLines(files).map(({ fields, place }) => {
      const [name = '', context, more] = fields
      if (context === undefined) throw new AndroidError('bad-line', `\`${name}\` has no context`, place, 'NAME CONTEXT')
      if (more !== undefined) throw new AndroidError('bad-line', `\`${more}\` is one field too many`, place)
      const other = this.#byName.get(name)
      if (other !== undefined) {
        throw new AndroidError('duplicate', `\`${name}\` has a context already`, place, `at ${other.place}`)
      }
      const entry = { name, context, place }
      this.#byName.set(name, entry)
      return entry
    })
  }

  /** Null for a service without a context. */
  lookup(name: string): ServiceEntry | null {
    return this.#byName.get(name) ?? this.#byName.get('*') ?? null
  }
}

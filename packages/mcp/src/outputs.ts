/**
 * Long outputs of tools. A result holds the beginning of a long text; the whole of it is a resource, which a client
 * reads by parts: `lsmkit://output/ID?offset=N&length=M`.
 */
import { randomUUID } from 'node:crypto'

/** UTF-16 units of a text that a result holds. Clients cut results that are much longer. */
export const INLINE = 64 * 1024
/** UTF-16 units of all texts that are kept; the oldest go. */
const MOST_KEPT = 32 * 1024 * 1024
const PREFIX = 'lsmkit://output/'

/** Up to `end`, and no half of a pair. */
const cut = (text: string, start: number, end: number): string => {
  const isHalf = end < text.length && /[\uD800-\uDBFF]/.test(text[end - 1] ?? '')
  return text.slice(start, isHalf ? end - 1 : end)
}

const numberOf = (text: string | null, otherwise: number): number =>
  text !== null && /^\d{1,15}$/.test(text) ? Number(text) : otherwise

export interface Kept {
  /** The part of the text that the result holds. */
  readonly shown: string
  /** Where the whole is; null where all is shown. */
  readonly uri: string | null
}

export class Outputs {
  readonly #texts = new Map<string, string>()
  readonly #inline: number
  #units = 0

  /** `inline`: UTF-16 units of a text that a result holds; `Infinity` where clients cannot read the rest. */
  constructor(inline = INLINE) {
    this.#inline = inline
  }

  keep(text: string): Kept {
    if (text.length <= this.#inline) return { shown: text, uri: null }
    const id = randomUUID()
    this.#texts.set(id, text)
    this.#units += text.length
    for (const [oldest, old] of this.#texts) {
      if (this.#units <= MOST_KEPT || oldest === id) break
      this.#texts.delete(oldest)
      this.#units -= old.length
    }
    return { shown: cut(text, 0, this.#inline), uri: `${PREFIX}${id}` }
  }

  /** The part that the URI names; undefined where it names no output that is kept. */
  read(uri: string): string | undefined {
    if (!uri.startsWith(PREFIX) || !URL.canParse(uri)) return undefined
    const { pathname, searchParams } = new URL(uri)
    const text = this.#texts.get(pathname.slice(1))
    if (text === undefined) return undefined
    const offset = numberOf(searchParams.get('offset'), 0)
    return cut(text, offset, offset + numberOf(searchParams.get('length'), INLINE))
  }
}

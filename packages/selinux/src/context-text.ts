/** Contexts as bytes: in attributes and in files, with or without a NUL at the end. */

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** The text of the bytes, up to the first NUL. */
export const contextText = (value: Uint8Array): string => {
  const end = value.indexOf(0)
  return decoder.decode(end < 0 ? value : value.subarray(0, end))
}

/** The text of an invalid context in a record: all that was written, except for one NUL at its end. */
export const writtenText = (value: Uint8Array): string =>
  decoder.decode(value.at(-1) === 0 ? value.subarray(0, -1) : value)

/** With its NUL, as the kernel stores and returns contexts. */
export const contextBytes = (text: string): Uint8Array => encoder.encode(`${text}\0`)

/** How many are kept: more than one machine's files have at a time. */
const MOST = 1024

/** The same for files that are made, one after another with the same few contexts: nobody may write to these bytes. */
export class StoredContexts {
  readonly #known = new Map<string, Uint8Array>()

  bytes(text: string): Uint8Array {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    if (this.#known.size >= MOST) this.#known.clear()
    const bytes = contextBytes(text)
    this.#known.set(text, bytes)
    return bytes
  }
}

/** Types by name: a hash table over the bytes of the names, so that a kernel's hundred thousand need no strings. */
import { BTF_INFO_KIND } from '@lsmkit/abi'

const encoder = new TextEncoder()

/** As UTF-8. Of ASCII, as nearly all names are, the encoder would take longer than the look-up. */
const bytesOf = (name: string): Uint8Array => {
  const bytes = new Uint8Array(name.length)
  for (let at = 0; at < name.length; at++) {
    const code = name.charCodeAt(at)
    if (code > 0x7f) return encoder.encode(name)
    bytes[at] = code
  }
  return bytes
}

export class NameIndex {
  readonly #words: Uint32Array
  readonly #at: Uint32Array
  readonly #strings: Uint8Array
  /** Heads of chains of ids, by hash of the name up to `___`; 0 ends a chain. */
  readonly #heads: Uint32Array
  readonly #next: Uint32Array

  constructor(words: Uint32Array, at: Uint32Array, strings: Uint8Array) {
    this.#words = words
    this.#at = at
    this.#strings = strings
    this.#heads = new Uint32Array(2 ** Math.ceil(Math.log2(at.length + 1)))
    this.#next = new Uint32Array(at.length)
    // from the last id down, so that chains run in the order of ids
    for (let id = at.length - 1; id > 0; id--) {
      const name = words[at[id]!]!
      if (strings[name] === 0) continue
      const bucket = hash(strings, name, essentialEnd(strings, name)) & (this.#heads.length - 1)
      this.#next[id] = this.#heads[bucket]!
      this.#heads[bucket] = id
    }
  }

  /** First id of that name and kind number (0: any kind), or 0. */
  find(name: string, kind: number): number {
    const bytes = bytesOf(name)
    for (let id = this.#head(bytes); id !== 0; id = this.#next[id]!) {
      if (!this.#isNamed(id, bytes, bytes.length, true)) continue
      if (kind === 0 || BTF_INFO_KIND(this.#words[this.#at[id]! + 1]!) === kind) return id
    }
    return 0
  }

  findAll(name: string): number[] {
    const bytes = bytesOf(name)
    const found: number[] = []
    for (let id = this.#head(bytes); id !== 0; id = this.#next[id]!) {
      if (this.#isNamed(id, bytes, bytes.length, true)) found.push(id)
    }
    return found
  }

  /** Ids whose name up to `___` is the same as `name` up to `___`. */
  findEssential(name: string): number[] {
    const bytes = bytesOf(name)
    const end = essentialEnd(bytes, 0)
    const found: number[] = []
    for (let id = this.#head(bytes); id !== 0; id = this.#next[id]!) {
      if (this.#isNamed(id, bytes, end, false)) found.push(id)
    }
    return found
  }

  #head(bytes: Uint8Array): number {
    if (bytes.length === 0) return 0
    return this.#heads[hash(bytes, 0, essentialEnd(bytes, 0)) & (this.#heads.length - 1)]!
  }

  #isNamed(id: number, bytes: Uint8Array, length: number, whole: boolean): boolean {
    const from = this.#words[this.#at[id]!]!
    for (let index = 0; index < length; index++) if (this.#strings[from + index] !== bytes[index]) return false
    return whole ? this.#strings[from + length] === 0 : essentialEnd(this.#strings, from) === from + length
  }
}

const UNDERSCORE = 0x5f

/** Where a name's `___flavour` begins, or its end. As libbpf, the last `___` between other characters counts. */
const essentialEnd = (strings: Uint8Array, from: number): number => {
  let end = from
  while (end < strings.length && strings[end] !== 0) end++
  for (let at = end - 5; at >= from; at--) {
    if (
      strings[at] !== UNDERSCORE && strings[at + 1] === UNDERSCORE && strings[at + 2] === UNDERSCORE &&
      strings[at + 3] === UNDERSCORE && strings[at + 4] !== UNDERSCORE
    ) return at + 1
  }
  return end
}

/** FNV-1a. */
const hash = (bytes: Uint8Array, from: number, to: number): number => {
  let state = 0x811c9dc5
  for (let at = from; at < to; at++) state = Math.imul(state ^ bytes[at]!, 0x01000193)
  return (state ^ (state >>> 15)) >>> 0
}

/** Interned words: the compiler compares numbers, and knows a word's text only when someone has to read it. */
import { words } from './keywords.ts'

/** Drawn anew in every process, so that no text can be written whose words all fall into one slot. */
const SEED = Math.floor(Math.random() * 0x1_0000_0000)
const FACTOR = (Math.floor(Math.random() * 0x1_0000_0000) | 1) >>> 0
const DOT = 0x2e

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export interface DottedName {
  /** The words between the dots. */
  readonly path: readonly number[]
  /** A dot begins it: it is looked for in the whole policy. */
  readonly isAbsolute: boolean
}

export class Names {
  /** Whether a dot is a character like others, and not what stands between a block and what is in it. */
  areQualified = false
  /** Open addressing: number of a name plus one, 0 for a free slot. */
  #slots = new Int32Array(1 << 16)
  #hashes = new Int32Array(1 << 15)
  /** Where name n begins in `store`; it ends where the next begins. */
  #starts = new Uint32Array(1 << 15)
  #dotted = new Uint8Array(1 << 15)
  #store = new Uint8Array(1 << 18)
  #used = 0
  readonly #texts: (string | undefined)[] = []
  readonly #splits = new Map<number, DottedName>()

  constructor() {
    for (const word of words) this.of(word)
  }

  get size(): number {
    return this.#texts.length
  }

  of(text: string): number {
    const bytes = encoder.encode(text)
    return this.intern(bytes, 0, bytes.length)
  }

  /** The number of the word that these bytes spell. */
  intern(bytes: Uint8Array, from: number, to: number): number {
    let hash = SEED
    for (let i = from; i < to; i++) {
      hash = Math.imul(hash ^ bytes[i]!, FACTOR)
      hash ^= hash >>> 15
    }
    const mask = this.#slots.length - 1
    let slot = hash & mask
    for (let entry = this.#slots[slot]!; entry !== 0; entry = this.#slots[slot]!) {
      if (this.#hashes[entry - 1] === hash && this.#spells(entry - 1, bytes, from, to)) return entry - 1
      slot = (slot + 1) & mask
    }
    return this.#add(slot, hash, bytes, from, to)
  }

  text(name: number): string {
    return this.#texts[name] ??= decoder.decode(this.#store.subarray(this.#starts[name], this.#starts[name + 1]))
  }

  hasDot(name: number): boolean {
    return !this.areQualified && this.#dotted[name] === 1
  }

  /** The parts of a dotted name. */
  split(name: number): DottedName {
    let dotted = this.#splits.get(name)
    if (dotted === undefined) {
      const [first, ...rest] = this.text(name).split('.')
      const path = [first!, ...rest].filter((part) => part !== '').map((part) => this.of(part))
      this.#splits.set(name, dotted = { path, isAbsolute: first === '' })
    }
    return dotted
  }

  #spells(name: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = this.#starts[name]!
    if (this.#starts[name + 1]! - start !== to - from) return false
    for (let i = from, at = start; i < to; i++, at++) if (this.#store[at] !== bytes[i]) return false
    return true
  }

  #add(slot: number, hash: number, bytes: Uint8Array, from: number, to: number): number {
    const name = this.#texts.length
    if (name + 2 > this.#starts.length) {
      this.#starts = widened(this.#starts, this.#starts.length * 2)
      this.#hashes = widened(this.#hashes, this.#hashes.length * 2)
      this.#dotted = widened(this.#dotted, this.#dotted.length * 2)
    }
    while (this.#used + to - from > this.#store.length) this.#store = widened(this.#store, this.#store.length * 2)
    this.#store.set(bytes.subarray(from, to), this.#used)
    this.#used += to - from
    this.#starts[name + 1] = this.#used
    this.#hashes[name] = hash
    if (bytes.subarray(from, to).includes(DOT)) this.#dotted[name] = 1
    this.#slots[slot] = name + 1
    this.#texts.push(undefined)
    if (this.#texts.length * 2 > this.#slots.length) this.#rehash()
    return name
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2)
    const mask = slots.length - 1
    for (let name = 0; name < this.#texts.length; name++) {
      const hash = this.#hashes[name]!
      let slot = hash & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = name + 1
    }
    this.#slots = slots
  }
}

const widened = <T extends Uint8Array | Uint32Array | Int32Array>(column: T, length: number): T => {
  const wider = new (column.constructor as new (length: number) => T)(length)
  wider.set(column)
  return wider
}

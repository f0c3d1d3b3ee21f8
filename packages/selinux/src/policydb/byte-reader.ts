/** A cursor over a policy's bytes: every read is checked, no count is believed that the file cannot hold. */
import { Ebitmap } from './ebitmap.ts'
import { PolicyError } from './errors.ts'
import type { PolicyErrorCode } from './errors.ts'

/** Words of a chunk that sets are read into. */
const CHUNK = 3 * 4096

/** Bytes of a chunk that addresses are copied into. */
const COPIES = 1024

const EBITMAP_NODE = 12
const EBITMAP_UNIT = 64
/** Texts up to this length are made of characters that lie ready in a list of just their number. */
const SHORT = 96

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export class ByteReader {
  at = 0
  readonly #bytes: Uint8Array
  /** The whole file, for loops that have checked what they read. */
  readonly view: DataView
  #chunk = new Uint32Array(CHUNK)
  #used = 0
  #copies = new Uint8Array()
  #copied = 0
  /** By length: a list to put characters into, so that a name costs no more than itself. */
  readonly #characters: number[][] = []

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get remaining(): number {
    return this.#bytes.length - this.at
  }

  /** Throws: the mistake begins at `offset`, where the last read ended if not said. */
  fail(code: PolicyErrorCode, message: string, hint: string | null = null, offset = this.at): never {
    throw new PolicyError(code, message, offset, hint)
  }

  /** Throws unless `size` bytes follow. */
  need(size: number, what: string): void {
    if (size > this.remaining) {
      this.fail('truncated', `${what} takes ${size} bytes and ${this.remaining} are left`, 'is the file whole?')
    }
  }

  u8(what: string): number {
    if (this.at >= this.#bytes.length) this.need(1, what)
    return this.#bytes[this.at++]!
  }

  u16(what: string): number {
    if (this.at + 2 > this.#bytes.length) this.need(2, what)
    const value = this.view.getUint16(this.at, true)
    this.at += 2
    return value
  }

  u32(what: string): number {
    if (this.at + 4 > this.#bytes.length) this.need(4, what)
    const value = this.view.getUint32(this.at, true)
    this.at += 4
    return value
  }

  /** A count of things that take at least `size` bytes each. */
  count(size: number, what: string): number {
    const at = this.at
    const count = this.u32(what)
    if (count * size > this.remaining) {
      this.fail(
        'bad-count', `${what}: ${count} of at least ${size} bytes each, and ${this.remaining} are left`, null, at,
      )
    }
    return count
  }

  /** A copy of the next `length` bytes; short ones share their memory. */
  take(length: number, what: string): Uint8Array {
    this.need(length, what)
    if (this.#copied + length > this.#copies.length) {
      this.#copies = new Uint8Array(Math.max(COPIES, length))
      this.#copied = 0
    }
    const copy = this.#copies.subarray(this.#copied, this.#copied + length)
    copy.set(this.#bytes.subarray(this.at, this.at + length))
    this.#copied += length
    this.at += length
    return copy
  }

  /** Text of `length` bytes: not empty, UTF-8, no NUL. */
  text(length: number, what: string): string {
    const from = this.at
    if (length === 0) this.fail('bad-string', `${what} is empty`)
    this.need(length, what)
    this.at = from + length
    if (length > SHORT) return this.#longText(from, length, what)
    const list = (this.#characters[length] ??= Array.from({ length }, () => 0))
    let all = 0
    for (let i = 0; i < length; i++) {
      const byte = this.#bytes[from + i]!
      if (byte === 0) this.fail('bad-string', `${what} contains a NUL`, null, from + i)
      all |= byte
      list[i] = byte
    }
    return all > 0x7f ? this.#longText(from, length, what) : String.fromCharCode.apply(null, list)
  }

  #longText(from: number, length: number, what: string): string {
    const bytes = this.#bytes.subarray(from, from + length)
    const end = bytes.indexOf(0)
    if (end >= 0) this.fail('bad-string', `${what} contains a NUL`, null, from + end)
    try {
      return utf8.decode(bytes)
    } catch {
      return this.fail('bad-string', `${what} is not UTF-8`, null, from)
    }
  }

  /** A length and so many bytes of text. */
  string(what: string): string {
    return this.text(this.u32(what), what)
  }

  ebitmap(what: string): Ebitmap {
    const at = this.at
    this.need(EBITMAP_NODE, what)
    const unit = this.view.getUint32(at, true)
    const highbit = this.view.getUint32(at + 4, true)
    if (unit !== EBITMAP_UNIT) this.fail('bad-ebitmap', `${what}: nodes of ${unit} bits, not ${EBITMAP_UNIT}`, null, at)
    this.at = at + 8
    const count = this.count(EBITMAP_NODE, `nodes of ${what}`)
    if (count === 0) {
      if (highbit !== 0) this.fail('bad-ebitmap', `${what}: highest bit ${highbit} of an empty set`, null, at + 4)
      return Ebitmap.empty
    }
    if (this.#used + 3 * count > this.#chunk.length) {
      this.#chunk = new Uint32Array(Math.max(CHUNK, 3 * count))
      this.#used = 0
    }
    const from = this.#used
    let next = 0
    for (let i = 0; i < count; i++) {
      const node = this.at
      const start = this.view.getUint32(node, true)
      const low = this.view.getUint32(node + 4, true)
      const high = this.view.getUint32(node + 8, true)
      if (start % EBITMAP_UNIT !== 0 || start < next) {
        this.fail('bad-ebitmap', `${what}: a node starts at bit ${start}`, 'nodes ascend in steps of 64', node)
      }
      if (low === 0 && high === 0) this.fail('bad-ebitmap', `${what}: an empty node`, null, node)
      this.#chunk[this.#used++] = start / EBITMAP_UNIT
      this.#chunk[this.#used++] = low
      this.#chunk[this.#used++] = high
      next = start + EBITMAP_UNIT
      this.at = node + EBITMAP_NODE
    }
    if (next !== highbit) {
      this.fail('bad-ebitmap', `${what}: highest bit ${highbit}, nodes end at ${next}`, null, at + 4)
    }
    return new Ebitmap(this.#chunk, from, this.#used)
  }

  /** A set of values of a table of `nprim`: no bit behind it. */
  setOf(nprim: number, what: string): Ebitmap {
    const at = this.at
    const set = this.ebitmap(what)
    if (set.max >= nprim) this.fail('bad-reference', `${what}: value ${set.max + 1} of at most ${nprim}`, null, at)
    return set
  }

  /** A value of a table of `nprim`, from `lowest` on. */
  value(nprim: number, what: string, lowest = 1): number {
    const value = this.u32(what)
    if (value < lowest || value > nprim) {
      this.fail('bad-reference', `${what}: value ${value} is not between ${lowest} and ${nprim}`, null, this.at - 4)
    }
    return value
  }

  /** `count` things, in a list no longer than they need. */
  list<T>(count: number, read: () => T): T[] {
    return count === 0 ? [] : Array.from({ length: count }, read)
  }

  /** Throws unless the end is reached. */
  end(): void {
    if (this.remaining > 0) this.fail('trailing-bytes', `${this.remaining} bytes behind the policy`)
  }
}

/** Bytes that grow: the writer's counterpart of ByteReader. */
import type { Ebitmap } from './ebitmap.ts'

const FIRST = 64 * 1024
const EBITMAP_UNIT = 64

const utf8 = new TextEncoder()

/** A text with its length in bytes, which the format often wants apart from it. */
export class Text {
  readonly bytes: Uint8Array

  constructor(text: string) {
    this.bytes = utf8.encode(text)
  }

  get length(): number {
    return this.bytes.length
  }
}

export class ByteWriter {
  #bytes = new Uint8Array(FIRST)
  #view = new DataView(this.#bytes.buffer)
  #at = 0

  #room(size: number): void {
    if (this.#at + size <= this.#bytes.length) return
    const wider = new Uint8Array(2 * (this.#at + size))
    wider.set(this.#bytes.subarray(0, this.#at))
    this.#bytes = wider
    this.#view = new DataView(wider.buffer)
  }

  u8(value: number): void {
    this.#room(1)
    this.#bytes[this.#at++] = value
  }

  u16(value: number): void {
    this.#room(2)
    this.#view.setUint16(this.#at, value, true)
    this.#at += 2
  }

  u32(value: number): void {
    this.#room(4)
    this.#view.setUint32(this.#at, value, true)
    this.#at += 4
  }

  raw(bytes: Uint8Array): void {
    this.#room(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  text(text: Text): void {
    this.raw(text.bytes)
  }

  /** A length and so many bytes of text. */
  string(value: string): void {
    const text = new Text(value)
    this.u32(text.length)
    this.text(text)
  }

  ebitmap(set: Ebitmap): void {
    this.u32(EBITMAP_UNIT)
    this.u32(set.highbit)
    this.u32(set.nodes)
    set.forEachNode((start, low, high) => {
      this.u32(start)
      this.u32(low)
      this.u32(high)
    })
  }

  /** A count, then `write` of each. */
  list<T>(items: readonly T[], write: (item: T) => void): void {
    this.u32(items.length)
    for (const item of items) write(item)
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#at)
  }
}

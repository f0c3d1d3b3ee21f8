/**
 * A cursor over a policy binary. A read that fails leaves it where it was, as `aa_unpack_*` do: so an element that is
 * optional is tried, and one that nobody expects is noticed by the next read that must succeed.
 */
import { bytesName } from '../name.ts'
import { AA_ARRAY, AA_BLOB, AA_NAME, AA_STRING, AA_U16, AA_U32, AA_U64, AA_U8 } from './codes.ts'

export interface Chunk {
  readonly start: number
  readonly end: number
}

export class Stream {
  readonly bytes: Uint8Array
  readonly #view: DataView
  at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get done(): boolean {
    return this.at >= this.bytes.length
  }

  /**
   * Whether an element of that type comes next, which is then begun (`aa_unpack_nameX`). With a name it must have that
   * name; without, a name in front of it is skipped.
   */
  begin(code: number, name: string | null = null): boolean {
    const from = this.at
    if (this.#code(AA_NAME)) {
      const chunk = this.#chunk16()
      if (name !== null && (chunk === null || !this.#isName(chunk, name))) return this.#back(from)
    } else if (name !== null) return this.#back(from)
    return this.#code(code) || this.#back(from)
  }

  u8(name: string | null = null): number | null {
    return this.#number(AA_U8, 1, name)
  }

  u16(): number | null {
    return this.#number(AA_U16, 2, null)
  }

  u32(name: string | null = null): number | null {
    return this.#number(AA_U32, 4, name)
  }

  u64(name: string | null = null): bigint | null {
    const from = this.at
    if (!this.begin(AA_U64, name) || !this.#fits(8)) return this.#nothing(from)
    const value = this.#view.getBigUint64(this.at, true)
    this.at += 8
    return value
  }

  /** The number of elements of an array that begins here. */
  array(name: string | null = null): number | null {
    const from = this.at
    if (!this.begin(AA_ARRAY, name) || !this.#fits(2)) return this.#nothing(from)
    const size = this.#view.getUint16(this.at, true)
    this.at += 2
    return size
  }

  /** Bytes of a blob. One of no bytes is passed over and counts as none. */
  blob(name: string | null = null): Chunk | null {
    const from = this.at
    if (!this.begin(AA_BLOB, name) || !this.#fits(4)) return this.#nothing(from)
    const size = this.#view.getUint32(this.at, true)
    this.at += 4
    if (!this.#fits(size)) return this.#nothing(from)
    this.at += size
    return size === 0 ? null : { start: this.at - size, end: this.at }
  }

  /** All bytes of a string without the NUL at its end; there may be more NULs inside. */
  rawString(name: string | null = null): Uint8Array | null {
    const from = this.at
    if (!this.begin(AA_STRING, name)) return this.#nothing(from)
    const chunk = this.#chunk16()
    if (chunk === null || this.bytes[chunk.end - 1] !== 0) return this.#nothing(from)
    return this.bytes.subarray(chunk.start, chunk.end - 1)
  }

  /** A string as C sees it: up to its first NUL. */
  string(name: string | null = null): string | null {
    const raw = this.rawString(name)
    return raw === null ? null : bytesName(untilNul(raw))
  }

  #number(code: number, size: 1 | 2 | 4, name: string | null): number | null {
    const from = this.at
    if (!this.begin(code, name) || !this.#fits(size)) return this.#nothing(from)
    const value = size === 1 ? this.bytes[this.at]! : size === 2
      ? this.#view.getUint16(this.at, true)
      : this.#view.getUint32(this.at, true)
    this.at += size
    return value
  }

  #code(code: number): boolean {
    if (this.bytes[this.at] !== code) return false
    this.at++
    return true
  }

  /** Bytes behind a length of 16 bits; null where there are none or too few. */
  #chunk16(): Chunk | null {
    if (!this.#fits(2)) return null
    const size = this.#view.getUint16(this.at, true)
    if (size > this.bytes.length - this.at - 2) return null
    const start = this.at + 2
    this.at = start + size
    return size === 0 ? null : { start, end: this.at }
  }

  #isName({ start, end }: Chunk, name: string): boolean {
    if (this.bytes[end - 1] !== 0 || end - start <= name.length) return false
    for (let i = 0; i < name.length; i++) if (this.bytes[start + i] !== name.charCodeAt(i)) return false
    return this.bytes[start + name.length] === 0
  }

  #fits(size: number): boolean {
    return size <= this.bytes.length - this.at
  }

  #back(from: number): false {
    this.at = from
    return false
  }

  #nothing(from: number): null {
    this.at = from
    return null
  }
}

export const untilNul = (bytes: Uint8Array): Uint8Array => {
  const nul = bytes.indexOf(0)
  return nul < 0 ? bytes : bytes.subarray(0, nul)
}

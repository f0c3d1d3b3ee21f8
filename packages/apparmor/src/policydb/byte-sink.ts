/** The bytes of a stream as they are written: elements with their type bytes and names. */
import { ApparmorError } from '../errors.ts'
import { nameBytes } from '../name.ts'
import {
  AA_ARRAY, AA_ARRAYEND, AA_BLOB, AA_NAME, AA_STRING, AA_STRUCT, AA_STRUCTEND, AA_U16, AA_U32, AA_U64, AA_U8,
} from './codes.ts'

/** What a length of 16 bits can say. */
const MOST = 0xffff

const refuse = (message: string): never => {
  throw new ApparmorError('not-expressible', message)
}

export class ByteSink {
  #bytes = new Uint8Array(1024)
  #view = new DataView(this.#bytes.buffer)
  #size = 0

  /** Where blobs are aligned from. */
  #origin = 0

  /** From here on blobs are aligned: the parser counts anew for each profile. */
  alignFromHere(): void {
    this.#origin = this.#size
  }

  take(): Uint8Array {
    return this.#bytes.slice(0, this.#size)
  }

  u8(value: number, name: string | null = null): void {
    this.#head(AA_U8, name)
    this.#put8(value)
  }

  u16(value: number): void {
    this.#head(AA_U16, null)
    this.#put16(value)
  }

  u32(value: number, name: string | null = null): void {
    this.#head(AA_U32, name)
    this.#put32(value)
  }

  u64(value: bigint): void {
    this.#head(AA_U64, null)
    const at = this.#room(8)
    this.#view.setBigUint64(at, BigInt.asUintN(64, value), true)
  }

  string(text: string, name: string | null = null): void {
    this.rawString(nameBytes(text), name)
  }

  /** A NUL is put behind it. */
  rawString(bytes: Uint8Array, name: string | null = null): void {
    this.#head(AA_STRING, name)
    this.#chunk(bytes)
  }

  struct(name: string): void {
    this.#head(AA_STRUCT, name)
  }

  structEnd(): void {
    this.#put8(AA_STRUCTEND)
  }

  array(length: number, name: string | null = null): void {
    if (length > MOST) refuse(`an array of ${length} elements has more than ${MOST}`)
    this.#head(AA_ARRAY, name)
    this.#put16(length)
  }

  arrayEnd(): void {
    this.#put8(AA_ARRAYEND)
  }

  /** With `align` the first byte lies at a multiple of it, zeros in front, which belong to the blob. */
  blob(bytes: Uint8Array, name: string | null = null, align = 1): void {
    this.#head(AA_BLOB, name)
    const start = this.#size + 4 - this.#origin
    const pad = (align - (start % align)) % align
    this.#put32(bytes.length + pad)
    const at = this.#room(bytes.length + pad)
    this.#bytes.set(bytes, at + pad)
  }

  #head(code: number, name: string | null): void {
    if (name !== null) {
      this.#put8(AA_NAME)
      this.#chunk(nameBytes(name))
    }
    this.#put8(code)
  }

  #chunk(bytes: Uint8Array): void {
    if (bytes.length >= MOST) refuse(`a string of ${bytes.length} bytes is too long`)
    this.#put16(bytes.length + 1)
    const at = this.#room(bytes.length + 1)
    this.#bytes.set(bytes, at)
  }

  #put8(value: number): void {
    const at = this.#room(1)
    this.#bytes[at] = value
  }

  #put16(value: number): void {
    const at = this.#room(2)
    this.#view.setUint16(at, value, true)
  }

  #put32(value: number): void {
    const at = this.#room(4)
    this.#view.setUint32(at, value, true)
  }

  /** Where the next `size` bytes go, which are zero. */
  #room(size: number): number {
    const at = this.#size
    this.#size += size
    if (this.#size > this.#bytes.length) {
      const wider = new Uint8Array(Math.max(this.#bytes.length * 2, this.#size))
      wider.set(this.#bytes)
      this.#bytes = wider
      this.#view = new DataView(wider.buffer)
    }
    return at
  }
}

/** The flat memory of a C text: numbers at addresses, and strings that it names, each once. */
import type { CType } from './types.ts'

export const MEMORY = 1 << 21
/** Address 0 is NULL; nothing lies below what a program may map. */
export const FIRST = 0x10000

export class CMemory {
  readonly bytes = new Uint8Array(MEMORY)
  readonly view = new DataView(this.bytes.buffer)
  /** Nothing lies from here on. */
  protected top = FIRST
  readonly #strings = new Map<string, number>()

  /** Of a memory in which nothing lies yet. */
  protected fillFrom(other: CMemory): void {
    this.bytes.set(other.bytes.subarray(0, other.top))
    this.top = other.top
    for (const [text, at] of other.#strings) this.#strings.set(text, at)
  }

  alloc(size: number, align = 16): number {
    this.top = Math.ceil(this.top / align) * align
    const at = this.top
    this.top += size
    if (this.top > MEMORY) throw new Error('out of memory')
    return at
  }

  /** Runs something whose allocations and strings are forgotten afterwards. */
  scratch<T>(run: () => T): T {
    const { top } = this
    const known = this.#strings.size
    try {
      return run()
    } finally {
      this.top = top
      if (this.#strings.size > known)
        for (const text of [...this.#strings.keys()].slice(known)) this.#strings.delete(text)
    }
  }

  /** Mappings of the task outside of this memory read as zero. */
  load(at: number, type: CType): number {
    if (at > MEMORY - 8) return 0
    switch (type.kind) {
      case 'pointer':
        return Number(this.view.getBigInt64(at, true))
      case 'int':
        return this.#loadInt(at, type.size, type.signed)
      default:
        return at
    }
  }
  #loadInt(at: number, size: number, signed: boolean): number {
    if (size === 1) return signed ? this.view.getInt8(at) : this.view.getUint8(at)
    if (size === 2) return signed ? this.view.getInt16(at, true) : this.view.getUint16(at, true)
    if (size === 4) return signed ? this.view.getInt32(at, true) : this.view.getUint32(at, true)
    return Number(signed ? this.view.getBigInt64(at, true) : this.view.getBigUint64(at, true))
  }

  store(at: number, type: CType, value: number): void {
    const size = type.kind === 'int' ? type.size : 8
    if (at > MEMORY - 8) return
    if (size === 1) this.view.setInt8(at, value)
    else if (size === 2) this.view.setInt16(at, value, true)
    else if (size === 4) this.view.setInt32(at, value, true)
    else this.view.setBigInt64(at, BigInt.asIntN(64, BigInt(Math.trunc(value))), true)
  }

  /** The characters at an address up to the NUL, one a byte; null for NULL. */
  text(at: number): string | null {
    if (at === 0) return null
    let end = at
    while (this.bytes[end] !== 0) end++
    return String.fromCharCode(...this.bytes.subarray(at, end))
  }
  string(text: string): number {
    const known = this.#strings.get(text)
    if (known !== undefined) return known
    const at = this.alloc(text.length + 1, 1)
    for (let i = 0; i < text.length; i++) this.bytes[at + i] = text.charCodeAt(i)
    this.bytes[at + text.length] = 0
    this.#strings.set(text, at)
    return at
  }
  /** Copies bytes to a place of their own. */
  place(bytes: Uint8Array): number {
    const at = this.alloc(bytes.length)
    this.bytes.set(bytes, at)
    return at
  }
  slice(at: number, length: number): Uint8Array {
    return this.bytes.subarray(at, at + length)
  }
}

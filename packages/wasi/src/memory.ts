/**
 * The guest's linear memory: bounds-checked, and right after it has grown.
 *
 * Views are kept between calls. A grown memory detaches them (length 0), a grown shared one leaves them short; either
 * way the check of the next range fails once, and looks again.
 */
import { decodeName } from '@lsmkit/kernel/boot'

/** Windows kept by (address, length), so that a loop over one buffer makes no garbage. A power of two. */
const WINDOWS = 16

const NONE = new Uint8Array(0)
const NO_WORDS = new Uint32Array(0)
const NO_VIEW = new DataView(new ArrayBuffer(0))
const NO_WINDOWS: readonly Uint8Array[] = Array.from({ length: WINDOWS }, () => NONE)

const slotOf = (address: number, length: number): number => ((address >>> 4) ^ (length << 1)) & (WINDOWS - 1)

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export class GuestMemory {
  bytes = NONE
  /** The same memory as 32-bit words: beyond its end, and after growth, an element is undefined. */
  words = NO_WORDS
  view = NO_VIEW
  #memory: WebAssembly.Memory | null = null
  readonly #windows = [...NO_WINDOWS]
  readonly #starts = new Float64Array(WINDOWS).fill(-1)

  /** Once, when the instance exists: before that every range is out of bounds. */
  attach(memory: WebAssembly.Memory): void {
    this.#memory = memory
    this.#look()
  }

  /** Size in pages of 64 KiB. */
  get pages(): number {
    return this.#memory === null ? 0 : this.#memory.buffer.byteLength >>> 16
  }

  /** Whether `length` bytes from `address` (both unsigned) are the guest's own. */
  has(address: number, length: number): boolean {
    return address + length <= this.bytes.length || this.#hasAfterGrowth(address, length)
  }

  /** The bytes of a range that `has` has allowed; valid until the memory grows. */
  window(address: number, length: number): Uint8Array {
    return this.kept(address, length) ?? this.#open(address, length)
  }

  /** A window that is still there, which says that its range is the guest's: after growth its length would be 0. */
  kept(address: number, length: number): Uint8Array | null {
    const slot = slotOf(address, length)
    const window = this.#windows[slot] as Uint8Array
    return this.#starts[slot] === address && window.length === length && length !== 0 ? window : null
  }

  #open(address: number, length: number): Uint8Array {
    const slot = slotOf(address, length)
    this.#starts[slot] = address
    return (this.#windows[slot] = this.bytes.subarray(address, address + length))
  }

  /** The text of a range that `has` has allowed; null when it is not UTF-8. */
  text(address: number, length: number): string | null {
    const { bytes } = this
    let text = ''
    for (let i = address; i < address + length; i++) {
      const byte = bytes[i] as number
      if (byte >= 0x80) return this.#decoded(address, length)
      text += String.fromCharCode(byte)
    }
    return text
  }

  /** The same as a name of the kernel: a lone surrogate for each byte that is not UTF-8. */
  name(address: number, length: number): string {
    return this.text(address, length) ?? decodeName(this.bytes.slice(address, address + length))
  }

  #decoded(address: number, length: number): string | null {
    try {
      return decoder.decode(this.bytes.slice(address, address + length))
    } catch {
      return null
    }
  }

  #hasAfterGrowth(address: number, length: number): boolean {
    if (this.#memory === null) return false
    this.#look()
    return address + length <= this.bytes.length
  }

  #look(): void {
    const { buffer } = this.#memory as WebAssembly.Memory
    this.bytes = new Uint8Array(buffer)
    this.words = new Uint32Array(buffer)
    this.view = new DataView(buffer)
    this.#starts.fill(-1)
  }
}

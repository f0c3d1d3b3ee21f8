/**
 * The guest's linear memory: bounds-checked, and right after it has grown.
 *
 * Views are kept between calls. A grown memory detaches them (length 0), a grown shared one leaves them short; either
 * way the check of the next range fails once, and looks again.
 */

/** Windows kept by (address, length), so that a loop over one buffer makes no garbage. A power of two. */
const WINDOWS = 16

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export class GuestMemory {
  bytes = new Uint8Array(0)
  view = new DataView(new ArrayBuffer(0))
  private memory: WebAssembly.Memory | null = null
  private readonly windows: (Uint8Array | null)[] = new Array<Uint8Array | null>(WINDOWS).fill(null)

  /** Once, when the instance exists: before that every range is out of bounds. */
  attach(memory: WebAssembly.Memory): void {
    this.memory = memory
    this.look()
  }

  /** Size in pages of 64 KiB. */
  get pages(): number {
    return this.memory === null ? 0 : this.memory.buffer.byteLength >>> 16
  }

  /** Whether `length` bytes from `address` (both unsigned) are the guest's own. */
  has(address: number, length: number): boolean {
    return address + length <= this.bytes.length || this.hasAfterGrowth(address, length)
  }

  /** The bytes of a range that `has` has allowed; valid until the memory grows. */
  window(address: number, length: number): Uint8Array {
    const slot = ((address >>> 4) ^ (length << 1)) & (WINDOWS - 1)
    const kept = this.windows[slot]
    if (kept != null && kept.byteOffset === address && kept.length === length) return kept
    const fresh = this.bytes.subarray(address, address + length)
    this.windows[slot] = fresh
    return fresh
  }

  /** The text of a range that `has` has allowed; null when it is not UTF-8. */
  text(address: number, length: number): string | null {
    const { bytes } = this
    let text = ''
    for (let i = address; i < address + length; i++) {
      const byte = bytes[i] as number
      if (byte >= 0x80) return this.decoded(address, length)
      text += String.fromCharCode(byte)
    }
    return text
  }

  private decoded(address: number, length: number): string | null {
    try {
      return decoder.decode(this.bytes.slice(address, address + length))
    } catch {
      return null
    }
  }

  private hasAfterGrowth(address: number, length: number): boolean {
    if (this.memory === null) return false
    this.look()
    return address + length <= this.bytes.length
  }

  private look(): void {
    const { buffer } = this.memory as WebAssembly.Memory
    this.bytes = new Uint8Array(buffer)
    this.view = new DataView(buffer)
    this.windows.fill(null)
  }
}

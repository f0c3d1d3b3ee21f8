/** Memory that system calls read and fill: it is made once, and does not move. */
import type { System } from '../sys/system.ts'

export class Pinned {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly address: number

  constructor(system: System, size: number) {
    const buffer = new ArrayBuffer(size)
    this.bytes = new Uint8Array(buffer)
    this.view = new DataView(buffer)
    this.address = Number(system.address(this.bytes))
  }

  /** Puts bytes at the beginning, with a NUL behind them. False where there is no room. */
  putString(bytes: Uint8Array): boolean {
    if (bytes.length >= this.bytes.length) return false
    this.bytes.set(bytes)
    this.bytes[bytes.length] = 0
    return true
  }
}

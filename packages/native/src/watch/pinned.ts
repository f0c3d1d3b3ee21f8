/** Memory that system calls read and fill: it is made once, and does not move. */
import type { System } from '../sys/system.ts'

/** A number of 64 bits is read and put as two halves: a bigint takes longer, and has to be allocated. */
const HALF = 2 ** 32
/** High halves from here on: a number does not hold all of it. */
const UNSAFE = 2 ** 21

/** A number of 64 bits without a sign, as text. */
export const wordText = (view: DataView, at: number): string => {
  const high = view.getUint32(at + 4, true)
  return high < UNSAFE ? String(high * HALF + view.getUint32(at, true)) : String(view.getBigUint64(at, true))
}

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

  /** Puts a number of 64 bits from 0 to 2^53. */
  putWord(at: number, value: number): void {
    this.view.setUint32(at, value, true)
    this.view.setUint32(at + 4, value / HALF, true)
  }

  /** A number of 64 bits; it is exact up to 2^53. */
  word(at: number): number {
    return this.view.getUint32(at + 4, true) * HALF + this.view.getUint32(at, true)
  }

  /** Puts bytes at the beginning, with a NUL behind them. False where there is no room. */
  putString(bytes: Uint8Array): boolean {
    if (bytes.length >= this.bytes.length) return false
    this.bytes.set(bytes)
    this.bytes[bytes.length] = 0
    return true
  }
}

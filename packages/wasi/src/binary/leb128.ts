/** A cursor over the bytes of a WebAssembly module, and the variable-length integers they are written in. */
import { ProgramError } from '../errors.ts'

/** Reads forward; running off the end or an integer that is too long is a `malformed-module`. */
export class Cursor {
  readonly bytes: Uint8Array
  at: number
  readonly end: number

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  get done(): boolean {
    return this.at >= this.end
  }

  byte(): number {
    if (this.at >= this.end) throw malformed('ends in the middle of an entry', this.at)
    return this.bytes[this.at++] as number
  }

  u32(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte()
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw malformed('has an integer of more than 32 bits', this.at)
  }

  /** Passes one integer of up to `bits` bits, signed or not. */
  skipInt(bits: 32 | 33 | 64): void {
    for (let read = 0; read < bits; read += 7) if (this.byte() < 0x80) return
    throw malformed(`has an integer of more than ${bits} bits`, this.at)
  }

  skip(count: number): void {
    if (count > this.end - this.at) throw malformed('ends in the middle of an entry', this.at)
    this.at += count
  }
}

const malformed = (what: string, at: number): ProgramError =>
  new ProgramError('malformed-module', `the module ${what} (offset ${at})`)

/** `value` as an unsigned LEB128. */
export const leb = (value: number): number[] => {
  const bytes: number[] = []
  while (value >= 0x80) {
    bytes.push((value % 0x80) | 0x80)
    value = Math.floor(value / 0x80)
  }
  bytes.push(value)
  return bytes
}

/** `value` as a signed LEB128. */
export const signedLeb = (value: number): number[] => {
  const bytes: number[] = []
  let rest = value
  for (;;) {
    const byte = ((rest % 128) + 128) % 128
    rest = Math.floor(rest / 128)
    if ((rest === 0 && byte < 0x40) || (rest === -1 && byte >= 0x40)) return [...bytes, byte]
    bytes.push(byte | 0x80)
  }
}

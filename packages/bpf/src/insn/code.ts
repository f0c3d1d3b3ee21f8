/** A program's instructions, taken apart once: one column per field, one row per 8-byte slot. */

/** The columns of `struct bpf_insn`; a 16-byte `lddw` takes two rows, the second with `op` 0. */
export interface Code {
  /** Number of 8-byte slots. */
  readonly length: number
  readonly op: Uint8Array
  readonly dst: Uint8Array
  readonly src: Uint8Array
  readonly off: Int16Array
  readonly imm: Int32Array
}

/** Columns for `length` slots, all zero. */
export const emptyCode = (length: number): Code => ({
  length,
  op: new Uint8Array(length),
  dst: new Uint8Array(length),
  src: new Uint8Array(length),
  off: new Int16Array(length),
  imm: new Int32Array(length),
})

/** Takes little-endian `struct bpf_insn` apart; a tail of fewer than 8 bytes is the caller's error to report. */
export const decodeCode = (bytes: Uint8Array): Code => {
  const code = emptyCode(bytes.length >> 3)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let slot = 0; slot < code.length; slot++) {
    const at = slot * 8
    const registers = view.getUint8(at + 1)
    code.op[slot] = view.getUint8(at)
    code.dst[slot] = registers & 15
    code.src[slot] = registers >> 4
    code.off[slot] = view.getInt16(at + 2, true)
    code.imm[slot] = view.getInt32(at + 4, true)
  }
  return code
}

/** The bytes `decodeCode` reads: what a file or `bpf()` holds. */
export const encodeCode = (code: Code): Uint8Array => {
  const bytes = new Uint8Array(code.length * 8)
  const view = new DataView(bytes.buffer)
  for (let slot = 0; slot < code.length; slot++) {
    const at = slot * 8
    view.setUint8(at, code.op[slot]!)
    view.setUint8(at + 1, code.dst[slot]! | (code.src[slot]! << 4))
    view.setInt16(at + 2, code.off[slot]!, true)
    view.setInt32(at + 4, code.imm[slot]!, true)
  }
  return bytes
}

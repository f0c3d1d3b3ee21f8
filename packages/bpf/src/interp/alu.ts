/**
 * Arithmetic of the interpreter: registers are pairs of int32, low word first. Operations are switched on by literal:
 * an imported constant is loaded from its module each time it is compared.
 */
import { BPF_ADDR_SPACE_CAST, BPF_ALU64, BPF_CLASS, BPF_SRC, BPF_TO_BE } from '@lsmkit/abi'
import { divide, divideSigned, mul, neg, sar, shl, shr, swap32 } from './words.ts'

/** Carries out the operation on `r[dst]` and the right operand `bl`, `bh`; false when there is no such one. */
export const alu64 = (
  op: number, r: Int32Array, dst: number, bl: number, bh: number, off: number, imm: number,
): boolean => {
  const al = r[dst]!
  const ah = r[dst + 1]!
  switch (op >> 4) {
    case 0xb: // BPF_MOV
      return move(r, dst, bl, bh, (op & 8) !== 0 ? off : 0)
    case 0x0: { // BPF_ADD
      const low = (al + bl) | 0
      r[dst] = low
      r[dst + 1] = ah + bh + (low >>> 0 < al >>> 0 ? 1 : 0)
      return true
    }
    case 0x1: // BPF_SUB
      r[dst] = al - bl
      r[dst + 1] = ah - bh - (al >>> 0 < bl >>> 0 ? 1 : 0)
      return true
    case 0x5: // BPF_AND
      r[dst] = al & bl
      r[dst + 1] = ah & bh
      return true
    case 0x4: // BPF_OR
      r[dst] = al | bl
      r[dst + 1] = ah | bh
      return true
    case 0xa: // BPF_XOR
      r[dst] = al ^ bl
      r[dst + 1] = ah ^ bh
      return true
    case 0x8: neg(r, dst); return true // BPF_NEG
    case 0x6: shl(r, dst, bl); return true // BPF_LSH
    case 0x7: shr(r, dst, bl); return true // BPF_RSH
    case 0xc: sar(r, dst, bl); return true // BPF_ARSH
    case 0x2: mul(r, dst, bl, bh); return true // BPF_MUL
    case 0x3: // BPF_DIV
    case 0x9: { // BPF_MOD
      const isRemainder = op >> 4 === 0x9
      if (bl === 0 && bh === 0) {
        if (!isRemainder) r[dst] = r[dst + 1] = 0
        return true
      }
      if (off === 1) divideSigned(r, dst, bl, bh, isRemainder)
      else divide(r, dst, bl, bh, isRemainder)
      return true
    }
    case 0xd: return byteOrder(op, r, dst, imm) // BPF_END
    default: return false
  }
}

/** As `alu64` on the low words; the high word of the result is 0. */
export const alu32 = (op: number, r: Int32Array, dst: number, b: number, off: number, imm: number): boolean => {
  const a = r[dst]!
  let result: number
  switch (op >> 4) {
    case 0x0: result = a + b; break // BPF_ADD
    case 0x1: result = a - b; break // BPF_SUB
    case 0x2: result = Math.imul(a, b); break // BPF_MUL
    case 0x4: result = a | b; break // BPF_OR
    case 0x5: result = a & b; break // BPF_AND
    case 0xa: result = a ^ b; break // BPF_XOR
    case 0x6: result = a << b; break // BPF_LSH
    case 0x7: result = a >>> b; break // BPF_RSH
    case 0xc: result = a >> b; break // BPF_ARSH
    case 0x8: result = -a; break // BPF_NEG
    case 0xb: result = (op & 8) !== 0 ? extended(b, off) : b; break // BPF_MOV
    case 0x3: result = b === 0 ? 0 : off === 1 ? a / b : (a >>> 0) / (b >>> 0); break // BPF_DIV
    case 0x9: result = b === 0 ? a : off === 1 ? a % b : (a >>> 0) % (b >>> 0); break // BPF_MOD
    case 0xd: return byteOrder(op, r, dst, imm) // BPF_END
    default: return false
  }
  r[dst] = result
  r[dst + 1] = 0
  return true
}

const extended = (word: number, bits: number): number =>
  bits === 8 ? (word << 24) >> 24 : bits === 16 ? (word << 16) >> 16 : word

const move = (r: Int32Array, dst: number, low: number, high: number, bits: number): boolean => {
  const isExtended = bits !== 0 && bits !== BPF_ADDR_SPACE_CAST
  const word = extended(low, bits)
  r[dst] = word
  r[dst + 1] = isExtended ? word >> 31 : high
  return true
}

const byteOrder = (op: number, r: Int32Array, dst: number, bits: number): boolean => {
  const swaps = BPF_CLASS(op) === BPF_ALU64 || BPF_SRC(op) === BPF_TO_BE
  const low = r[dst]!
  const high = r[dst + 1]!
  if (bits === 16) {
    r[dst] = swaps ? ((low & 0xff) << 8) | ((low >>> 8) & 0xff) : low & 0xffff
    r[dst + 1] = 0
  } else if (bits === 32) {
    r[dst] = swaps ? swap32(low) : low
    r[dst + 1] = 0
  } else if (bits !== 64) return false
  else if (swaps) {
    r[dst] = swap32(high)
    r[dst + 1] = swap32(low)
  }
  return true
}

/** Arithmetic of the interpreter: registers are pairs of int32, low word first. */
import {
  BPF_ADD, BPF_ADDR_SPACE_CAST, BPF_ALU64, BPF_AND, BPF_ARSH, BPF_CLASS, BPF_DIV, BPF_END, BPF_LSH, BPF_MOD, BPF_MOV,
  BPF_MUL, BPF_NEG, BPF_OP, BPF_OR, BPF_RSH, BPF_SRC, BPF_SUB, BPF_TO_BE, BPF_X, BPF_XOR,
} from '@lsmkit/abi'
import type { Code } from '../insn/code.ts'
import { add, divide, divideSigned, mul, neg, out, sar, shl, shr, sub, swap32 } from './words.ts'

/** Carries out the instruction at `slot`; false when there is no such one. */
export const alu64 = (code: Code, slot: number, r: Int32Array): boolean => {
  const op = code.op[slot]!
  const dst = code.dst[slot]! << 1
  const isRegister = BPF_SRC(op) === BPF_X
  const src = code.src[slot]! << 1
  const al = r[dst]!
  const ah = r[dst + 1]!
  const bl = isRegister ? r[src]! : code.imm[slot]!
  const bh = isRegister ? r[src + 1]! : bl >> 31
  switch (BPF_OP(op)) {
    case BPF_ADD: add(al, ah, bl, bh); break
    case BPF_SUB: sub(al, ah, bl, bh); break
    case BPF_MUL: mul(al, ah, bl, bh); break
    case BPF_OR: r[dst] = al | bl; r[dst + 1] = ah | bh; return true
    case BPF_AND: r[dst] = al & bl; r[dst + 1] = ah & bh; return true
    case BPF_XOR: r[dst] = al ^ bl; r[dst + 1] = ah ^ bh; return true
    case BPF_LSH: shl(al, ah, bl); break
    case BPF_RSH: shr(al, ah, bl); break
    case BPF_ARSH: sar(al, ah, bl); break
    case BPF_NEG: neg(al, ah); break
    case BPF_MOV: return move(r, dst, bl, bh, isRegister ? code.off[slot]! : 0)
    case BPF_DIV:
    case BPF_MOD: {
      const isRemainder = BPF_OP(op) === BPF_MOD
      if (bl === 0 && bh === 0) {
        if (!isRemainder) r[dst] = r[dst + 1] = 0
        return true
      }
      if (code.off[slot] === 1) divideSigned(al, ah, bl, bh, isRemainder)
      else divide(al, ah, bl, bh, isRemainder)
      break
    }
    case BPF_END: return byteOrder(code, slot, r, dst)
    default: return false
  }
  r[dst] = out[0]!
  r[dst + 1] = out[1]!
  return true
}

/** As `alu64` on the low words; the high word of the result is 0. */
export const alu32 = (code: Code, slot: number, r: Int32Array): boolean => {
  const op = code.op[slot]!
  const dst = code.dst[slot]! << 1
  const isRegister = BPF_SRC(op) === BPF_X
  const a = r[dst]!
  const b = isRegister ? r[code.src[slot]! << 1]! : code.imm[slot]!
  let result: number
  switch (BPF_OP(op)) {
    case BPF_ADD: result = a + b; break
    case BPF_SUB: result = a - b; break
    case BPF_MUL: result = Math.imul(a, b); break
    case BPF_OR: result = a | b; break
    case BPF_AND: result = a & b; break
    case BPF_XOR: result = a ^ b; break
    case BPF_LSH: result = a << b; break
    case BPF_RSH: result = a >>> b; break
    case BPF_ARSH: result = a >> b; break
    case BPF_NEG: result = -a; break
    case BPF_MOV: result = isRegister ? extended(b, code.off[slot]!) : b; break
    case BPF_DIV: result = b === 0 ? 0 : code.off[slot] === 1 ? a / b : (a >>> 0) / (b >>> 0); break
    case BPF_MOD: result = b === 0 ? a : code.off[slot] === 1 ? a % b : (a >>> 0) % (b >>> 0); break
    case BPF_END: return byteOrder(code, slot, r, dst)
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

const byteOrder = (code: Code, slot: number, r: Int32Array, dst: number): boolean => {
  const op = code.op[slot]!
  const bits = code.imm[slot]!
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

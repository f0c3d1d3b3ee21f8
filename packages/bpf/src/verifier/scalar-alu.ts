/**
 * Arithmetic on two scalars: what is known of the result. Follows §4.3 of the kernel's rules, operation by operation.
 */
import {
  BPF_ADD, BPF_AND, BPF_ARSH, BPF_DIV, BPF_LSH, BPF_MOD, BPF_MUL, BPF_OR, BPF_RSH, BPF_SUB, BPF_XOR,
} from '@lsmkit/abi'
import { addArcs32, addArcs64 } from './arc-sync.ts'
import { boundsFromBits, boundsFromBits32, unbound32, unbound64, zeroExtend32 } from './bound-steps.ts'
import { shiftSignedBounds, shiftUnsignedUp, signedFromLow, sync } from './bounds.ts'
import { add64, hi, mul64, shl64, shr64, slt64, sub64, ult, ult64 } from './i64.ts'
import type { Num } from './num.ts'
import { constNum, copyNum, isConst, setConst, UNKNOWN, ZERO } from './num.ts'
import { numberRules } from './number-rules.ts'
import { divide, multiply32, multiply64 } from './products.ts'
import {
  tnumAdd, tnumAnd, tnumMul, tnumMulByParts, tnumMulExact, tnumOr, tnumSar, tnumShl, tnumShr, tnumSub, tnumSubreg,
  tnumXor,
} from './tnum.ts'

const SIGN = -2147483648
const MAX = 0x7fffffff

const addSigned64 = (r: Num, b: Num): void => {
  const minl = add64(r.sminl, r.sminh, b.sminl, b.sminh)
  const minh = hi
  const maxl = add64(r.smaxl, r.smaxh, b.smaxl, b.smaxh)
  const maxh = hi
  const overflow = (~(r.sminh ^ b.sminh) & (r.sminh ^ minh)) < 0 || (~(r.smaxh ^ b.smaxh) & (r.smaxh ^ maxh)) < 0
  r.sminl = overflow ? 0 : minl
  r.sminh = overflow ? SIGN : minh
  r.smaxl = overflow ? -1 : maxl
  r.smaxh = overflow ? MAX : maxh
}

/** Whether the bounds of a sum are lost. Later kernels keep them where both have passed the largest number. */
const losesBounds = (minPasses: boolean, maxPasses: boolean): boolean =>
  numberRules.wrappedBounds ? minPasses !== maxPasses : minPasses || maxPasses

const addUnsigned64 = (r: Num, b: Num): void => {
  const minl = add64(r.uminl, r.uminh, b.uminl, b.uminh)
  const minh = hi
  const maxl = add64(r.umaxl, r.umaxh, b.umaxl, b.umaxh)
  const maxh = hi
  const overflow = losesBounds(ult64(minl, minh, b.uminl, b.uminh), ult64(maxl, maxh, b.umaxl, b.umaxh))
  r.uminl = overflow ? 0 : minl
  r.uminh = overflow ? 0 : minh
  r.umaxl = overflow ? -1 : maxl
  r.umaxh = overflow ? -1 : maxh
}

const subSigned64 = (r: Num, b: Num): void => {
  const minl = sub64(r.sminl, r.sminh, b.smaxl, b.smaxh)
  const minh = hi
  const maxl = sub64(r.smaxl, r.smaxh, b.sminl, b.sminh)
  const maxh = hi
  const overflow = ((r.sminh ^ b.smaxh) & (r.sminh ^ minh)) < 0 || ((r.smaxh ^ b.sminh) & (r.smaxh ^ maxh)) < 0
  r.sminl = overflow ? 0 : minl
  r.sminh = overflow ? SIGN : minh
  r.smaxl = overflow ? -1 : maxl
  r.smaxh = overflow ? MAX : maxh
}

const subUnsigned64 = (r: Num, b: Num): void => {
  if (losesBounds(ult64(r.uminl, r.uminh, b.umaxl, b.umaxh), ult64(r.umaxl, r.umaxh, b.uminl, b.uminh))) {
    r.uminl = r.uminh = 0
    r.umaxl = r.umaxh = -1
    return
  }
  const minl = sub64(r.uminl, r.uminh, b.umaxl, b.umaxh)
  const minh = hi
  r.umaxl = sub64(r.umaxl, r.umaxh, b.uminl, b.uminh)
  r.umaxh = hi
  r.uminl = minl
  r.uminh = minh
}

const setSigned32 = (r: Num, min: number, max: number): void => {
  const overflow = min !== (min | 0) || max !== (max | 0)
  r.s32min = overflow ? SIGN : min
  r.s32max = overflow ? MAX : max
}

const add32 = (r: Num, b: Num): void => {
  if (numberRules.arcBounds) return addArcs32(r, b, false)
  setSigned32(r, r.s32min + b.s32min, r.s32max + b.s32max)
  const min = (r.u32min >>> 0) + (b.u32min >>> 0)
  const max = (r.u32max >>> 0) + (b.u32max >>> 0)
  const overflow = losesBounds(min > 0xffffffff, max > 0xffffffff)
  r.u32min = overflow ? 0 : min | 0
  r.u32max = overflow ? -1 : max | 0
}

const sub32 = (r: Num, b: Num): void => {
  if (numberRules.arcBounds) return addArcs32(r, b, true)
  setSigned32(r, r.s32min - b.s32max, r.s32max - b.s32min)
  if (losesBounds(ult(r.u32min, b.u32max), ult(r.u32max, b.u32min))) {
    r.u32min = 0
    r.u32max = -1
    return
  }
  r.u32min = (r.u32min - b.u32max) | 0
  r.u32max = (r.u32max - b.u32min) | 0
}

const add64Bounds = (r: Num, b: Num): void => {
  if (numberRules.arcBounds) return addArcs64(r, b, false)
  addSigned64(r, b)
  addUnsigned64(r, b)
}

const sub64Bounds = (r: Num, b: Num): void => {
  if (numberRules.arcBounds) return addArcs64(r, b, true)
  subSigned64(r, b)
  subUnsigned64(r, b)
}

const mul32 = (r: Num, b: Num): void => {
  if (numberRules.signedProducts) return multiply32(r, b)
  if (b.s32min < 0 || r.s32min < 0 || r.u32max >>> 0 > 0xffff || b.u32max >>> 0 > 0xffff) {
    unbound32(r)
    return
  }
  r.u32min = Math.imul(r.u32min, b.u32min)
  r.u32max = Math.imul(r.u32max, b.u32max)
  signed32FromUnsigned(r, r.u32max < 0)
}

const mulBounds64 = (r: Num, b: Num): void => {
  if (numberRules.signedProducts) return multiply64(r, b)
  if (b.sminh < 0 || r.sminh < 0 || r.umaxh !== 0 || b.umaxh !== 0) {
    unbound64(r)
    return
  }
  r.uminl = mul64(r.uminl, 0, b.uminl, 0)
  r.uminh = hi
  r.umaxl = mul64(r.umaxl, 0, b.umaxl, 0)
  r.umaxh = hi
  signed64FromUnsigned(r, r.umaxh < 0)
}

const signed32FromUnsigned = (r: Num, unknown: boolean): void => {
  const isLost = unknown || numberRules.arcBounds
  r.s32min = isLost ? SIGN : r.u32min
  r.s32max = isLost ? MAX : r.u32max
}

const signed64FromUnsigned = (r: Num, isUnknown: boolean): void => {
  const unknown = isUnknown || numberRules.arcBounds
  r.sminl = unknown ? 0 : r.uminl
  r.sminh = unknown ? SIGN : r.uminh
  r.smaxl = unknown ? -1 : r.umaxl
  r.smaxh = unknown ? MAX : r.umaxh
}

const known32 = (r: Num): void => {
  r.s32min = r.s32max = r.u32min = r.u32max = r.vl
}

/** BPF_AND, BPF_OR and BPF_XOR have their bits already; these give the bounds. */
const bitwise32 = (r: Num, b: Num, op: number): void => {
  if (r.ml === 0 && b.ml === 0) {
    known32(r)
    return
  }
  if (op === BPF_AND) {
    r.u32min = r.vl
    if (ult(b.u32max, r.u32max)) r.u32max = b.u32max
  } else {
    r.u32min = op === BPF_XOR ? r.vl : ult(r.u32min, b.u32min) ? b.u32min : r.u32min
    r.u32max = r.vl | r.ml
  }
  signed32FromUnsigned(r, r.u32min > r.u32max)
}

const bitwise64 = (r: Num, b: Num, op: number): void => {
  if (isConst(r) && isConst(b)) {
    setConst(r, r.vl, r.vh)
    return
  }
  if (op === BPF_AND) {
    r.uminl = r.vl
    r.uminh = r.vh
    if (ult64(b.umaxl, b.umaxh, r.umaxl, r.umaxh)) {
      r.umaxl = b.umaxl
      r.umaxh = b.umaxh
    }
  } else {
    if (op === BPF_XOR) {
      r.uminl = r.vl
      r.uminh = r.vh
    } else if (ult64(r.uminl, r.uminh, b.uminl, b.uminh)) {
      r.uminl = b.uminl
      r.uminh = b.uminh
    }
    r.umaxl = r.vl | r.ml
    r.umaxh = r.vh | r.mh
  }
  signed64FromUnsigned(r, slt64(r.umaxl, r.umaxh, r.uminl, r.uminh))
  boundsFromBits(r)
}

const lshBounds32 = (r: Num, min: number, max: number): void => {
  r.s32min = SIGN
  r.s32max = MAX
  if (max > 31 || r.u32max >>> 0 > 2 ** (31 - max)) {
    r.u32min = 0
    r.u32max = -1
  } else {
    r.u32min <<= min
    r.u32max <<= max
  }
}

const dropNegativeBounds = (r: Num): void => {
  if (r.smaxh < 0) {
    r.smaxl = -1
    r.smaxh = MAX
  }
  if (r.sminh < 0) {
    r.sminl = 0
    r.sminh = SIGN
  }
}

const lsh64 = (r: Num, count: number): void => {
  const limitl = shl64(1, 0, 63 - count)
  if (count === 32) {
    signedFromLow(r)
    if (!numberRules.shiftedSigns) dropNegativeBounds(r)
  } else {
    r.sminl = 0
    r.sminh = SIGN
    r.smaxl = -1
    r.smaxh = MAX
  }
  const limith = count === 32 ? 0 : hi
  const limit = count === 32 ? SIGN : limitl
  if (ult64(limit, limith, r.umaxl, r.umaxh)) {
    r.uminl = r.uminh = 0
    r.umaxl = r.umaxh = -1
  } else shiftUnsignedUp(r, count)
  lshBounds32(r, count, count)
  tnumShl(r, r, count)
  boundsFromBits(r)
}

const rsh64 = (r: Num, count: number): void => {
  r.sminl = 0
  r.sminh = SIGN
  r.smaxl = -1
  r.smaxh = MAX
  tnumShr(r, r, count)
  r.uminl = shr64(r.uminl, r.uminh, count)
  r.uminh = hi
  r.umaxl = shr64(r.umaxl, r.umaxh, count)
  r.umaxh = hi
  unbound32(r)
  boundsFromBits(r)
}

const arsh64 = (r: Num, count: number): void => {
  shiftSignedBounds(r, count)
  tnumSar(r, r, count)
  r.uminl = r.uminh = 0
  r.umaxl = r.umaxh = -1
  unbound32(r)
  boundsFromBits(r)
}

const shift32 = (r: Num, op: number, count: number): void => {
  tnumSubreg(r, r)
  if (op === BPF_LSH) {
    lshBounds32(r, count, count)
    r.vl <<= count
    r.ml <<= count
  } else if (op === BPF_RSH) {
    r.s32min = SIGN
    r.s32max = MAX
    r.vl = (r.vl >>> count) | 0
    r.ml = (r.ml >>> count) | 0
    r.u32min = (r.u32min >>> count) | 0
    r.u32max = (r.u32max >>> count) | 0
  } else {
    r.s32min >>= count
    r.s32max >>= count
    r.vl >>= count
    r.ml >>= count
    r.u32min = 0
    r.u32max = -1
  }
  unbound64(r)
  boundsFromBits32(r)
}

/** As `is_safe_to_compute_dst_reg_range`: bits and bounds say the same number. */
const isOneNumber = (b: Num, wide: boolean): boolean =>
  wide
    ? isConst(b) && b.sminl === b.smaxl && b.sminh === b.smaxh && b.uminl === b.umaxl && b.uminh === b.umaxh
    : b.ml === 0 && b.s32min === b.s32max && b.u32min === b.u32max

const divides = (op: number): boolean => numberRules.divisionBounds && (op === BPF_DIV || op === BPF_MOD)

const divided = (op: number, wide: boolean, a: Num, b: Num, isSigned: boolean): Num => {
  const r = copyNum(a)
  divide(r, b, op === BPF_MOD, wide, isSigned)
  if (!wide) zeroExtend32(r)
  sync(r)
  return r
}

/** The bounds of `-a`. */
export const negated = (a: Num, wide: boolean): Num => scalarAlu(BPF_SUB, wide, ZERO, a)

const isKnown = (b: Num, wide: boolean): boolean => (wide ? isConst(b) : b.ml === 0)

const shiftsTooFar = (op: number, wide: boolean, b: Num): boolean =>
  (op === BPF_LSH || op === BPF_RSH || op === BPF_ARSH) && (b.umaxh !== 0 || b.umaxl >>> 0 >= (wide ? 64 : 32))

/** Bounds that hold no number, or others than the bits: a side of a jump that is never taken. */
const isTainted = (b: Num, wide: boolean): boolean => {
  if (isKnown(b, wide)) return !isOneNumber(b, wide)
  return wide
    ? slt64(b.smaxl, b.smaxh, b.sminl, b.sminh) || ult64(b.umaxl, b.umaxh, b.uminl, b.uminh)
    : b.s32min > b.s32max || ult(b.u32max, b.u32min)
}

/** The bounds of `a op b`; `wide` for 64-bit operations, `isSigned` for division by signed rules. */
export const scalarAlu = (op: number, wide: boolean, a: Num, b: Num, isSigned = false): Num => {
  if (!numberRules.variableOperands) {
    if (isTainted(b, wide) || (!isKnown(b, wide) && op !== BPF_ADD && op !== BPF_SUB && op !== BPF_AND)) return UNKNOWN
    if (op === BPF_DIV || op === BPF_MOD) return wide ? UNKNOWN : UNKNOWN32
    if (shiftsTooFar(op, wide, b)) return wide ? UNKNOWN : UNKNOWN32
  }
  const shifts = op === BPF_LSH || op === BPF_RSH || op === BPF_ARSH
  const width = wide ? 64 : 32
  const count = b.vl
  const computes = shifts
    ? isOneNumber(b, wide) && b.umaxh === 0 && b.umaxl >>> 0 < width
    : op === BPF_ADD || op === BPF_SUB || op === BPF_AND || op === BPF_OR || op === BPF_XOR || op === BPF_MUL
  // the kernel does not remember here that 32-bit operations clear the upper half
  if (!computes) return divides(op) && isOneNumber(b, wide) ? divided(op, wide, a, b, isSigned) : UNKNOWN
  const r = copyNum(a)
  switch (op) {
    case BPF_ADD:
      add32(r, b)
      add64Bounds(r, b)
      tnumAdd(r, r, b)
      break
    case BPF_SUB:
      sub32(r, b)
      sub64Bounds(r, b)
      tnumSub(r, r, b)
      break
    case BPF_MUL:
      if (!numberRules.longProducts) tnumMulByParts(r, a, b)
      else if (numberRules.signedProducts) tnumMulExact(r, a, b)
      else tnumMul(r, a, b)
      mul32(r, b)
      mulBounds64(r, b)
      break
    case BPF_AND:
      tnumAnd(r, r, b)
      bitwise32(r, b, op)
      bitwise64(r, b, op)
      break
    case BPF_OR:
      tnumOr(r, r, b)
      bitwise32(r, b, op)
      bitwise64(r, b, op)
      break
    case BPF_XOR:
      tnumXor(r, r, b)
      bitwise32(r, b, op)
      bitwise64(r, b, op)
      break
    default:
      if (!wide) shift32(r, op, count)
      else if (op === BPF_LSH) lsh64(r, count)
      else if (op === BPF_RSH) rsh64(r, count)
      else arsh64(r, count)
  }
  if (!wide) zeroExtend32(r)
  sync(r)
  return r
}

const lowUnknown = copyNum(UNKNOWN)
zeroExtend32(lowUnknown)
sync(lowUnknown)
/** Any value of 32 bits, zero-extended. */
export const UNKNOWN32: Num = lowUnknown

/** Bounds of `pointer + scalar` are computed on the 64-bit views only (the caller syncs). */
export const addPointerBounds = (pointer: Num, scalar: Num): Num => {
  const r = copyNum(pointer)
  unbound32(r)
  add64Bounds(r, scalar)
  tnumAdd(r, r, scalar)
  sync(r)
  return r
}

export const subPointerBounds = (pointer: Num, scalar: Num): Num => {
  const r = copyNum(pointer)
  unbound32(r)
  sub64Bounds(r, scalar)
  tnumSub(r, r, scalar)
  sync(r)
  return r
}

/** `a + delta` as a linked register takes it over; in earlier kernels its views are not brought in step. */
export const addDelta = (a: Num, delta: number, isNarrow: boolean): Num => {
  const r = copyNum(a)
  const isLater = numberRules.linkedNegativeOffsets
  const amount = constNum(delta | 0, isLater ? Math.floor(delta / 4294967296) : (delta | 0) >> 31)
  add32(r, amount)
  add64Bounds(r, amount)
  tnumAdd(r, r, amount)
  if (isLater) {
    if (isNarrow) zeroExtend32(r)
    sync(r)
  }
  return r
}

/** Compares of two scalars: which way a jump must go, and what each side learns about both operands. */
import {
  BPF_JEQ, BPF_JGE, BPF_JGT, BPF_JLE, BPF_JLT, BPF_JNE, BPF_JSET, BPF_JSGE, BPF_JSGT, BPF_JSLE, BPF_JSLT,
} from '@lsmkit/abi'
import { unbound32, unbound64 } from './bound-steps.ts'
import { contradiction, sync } from './bounds.ts'
import { slt64, ult, ult64 } from './i64.ts'
import type { Num } from './num.ts'
import { copyNum, isConst } from './num.ts'
import { tnumDisjoint, tnumDisjoint32 } from './tnum.ts'

/** "None of these bits set": the other side of BPF_JSET; no opcode has it. */
export const JNSET = 0x108

const swapped = new Map([
  [BPF_JGT, BPF_JLT], [BPF_JGE, BPF_JLE], [BPF_JSGT, BPF_JSLT], [BPF_JSGE, BPF_JSLE],
  [BPF_JLT, BPF_JGT], [BPF_JLE, BPF_JGE], [BPF_JSLT, BPF_JSGT], [BPF_JSLE, BPF_JSGE],
])
/** The compare that holds for (b, a) when `op` holds for (a, b). */
export const swapOp = (op: number): number => swapped.get(op) ?? op

const reversed = new Map([
  [BPF_JEQ, BPF_JNE], [BPF_JNE, BPF_JEQ], [BPF_JSET, JNSET], [JNSET, BPF_JSET],
  [BPF_JGT, BPF_JLE], [BPF_JLE, BPF_JGT], [BPF_JGE, BPF_JLT], [BPF_JLT, BPF_JGE],
  [BPF_JSGT, BPF_JSLE], [BPF_JSLE, BPF_JSGT], [BPF_JSGE, BPF_JSLT], [BPF_JSLT, BPF_JSGE],
])
/** The compare that holds when `op` does not. */
export const reverseOp = (op: number): number => reversed.get(op)!

const disjointRanges32 = (a: Num, b: Num): boolean =>
  ult(a.u32max, b.u32min) || ult(b.u32max, a.u32min) || a.s32max < b.s32min || b.s32max < a.s32min

const disjoint = (a: Num, b: Num, wide: boolean): boolean => {
  if (!wide) return tnumDisjoint32(a, b) || disjointRanges32(a, b)
  return tnumDisjoint(a, b) ||
    ult64(a.umaxl, a.umaxh, b.uminl, b.uminh) || ult64(b.umaxl, b.umaxh, a.uminl, a.uminh) ||
    slt64(a.smaxl, a.smaxh, b.sminl, b.sminh) || slt64(b.smaxl, b.smaxh, a.sminl, a.sminh) ||
    disjointRanges32(a, b)
}

export const known = (a: Num, wide: boolean): boolean => (wide ? isConst(a) : a.ml === 0)

const less = (a: Num, b: Num, wide: boolean): number => {
  if (wide) {
    if (ult64(a.umaxl, a.umaxh, b.uminl, b.uminh)) return 1
    return ult64(a.uminl, a.uminh, b.umaxl, b.umaxh) ? -1 : 0
  }
  if (ult(a.u32max, b.u32min)) return 1
  return ult(a.u32min, b.u32max) ? -1 : 0
}

const lessSigned = (a: Num, b: Num, wide: boolean): number => {
  if (wide) {
    if (slt64(a.smaxl, a.smaxh, b.sminl, b.sminh)) return 1
    return slt64(a.sminl, a.sminh, b.smaxl, b.smaxh) ? -1 : 0
  }
  if (a.s32max < b.s32min) return 1
  return a.s32min < b.s32max ? -1 : 0
}

const not = (answer: number): number => (answer < 0 ? -1 : 1 - answer)

/** 1: always taken; 0: never; -1: either. */
export const scalarTaken = (op: number, wide: boolean, a: Num, b: Num): number => {
  switch (op) {
    case BPF_JEQ:
      if (known(a, wide) && known(b, wide)) return a.vl === b.vl && (!wide || a.vh === b.vh) ? 1 : 0
      return disjoint(a, b, wide) ? 0 : -1
    case BPF_JNE:
      if (known(a, wide) && known(b, wide)) return a.vl === b.vl && (!wide || a.vh === b.vh) ? 0 : 1
      return disjoint(a, b, wide) ? 1 : -1
    case BPF_JSET: {
      const mask = known(b, wide) ? b : a
      const value = mask === b ? a : b
      if (!known(mask, wide)) return -1
      const high = wide ? mask.vh : 0
      if (((value.vl & mask.vl) | (value.vh & high)) !== 0) return 1
      return (((value.vl | value.ml) & mask.vl) | ((value.vh | value.mh) & high)) === 0 ? 0 : -1
    }
    case BPF_JLT: return less(a, b, wide)
    case BPF_JGT: return less(b, a, wide)
    case BPF_JGE: return not(less(a, b, wide))
    case BPF_JLE: return not(less(b, a, wide))
    case BPF_JSLT: return lessSigned(a, b, wide)
    case BPF_JSGT: return lessSigned(b, a, wide)
    case BPF_JSGE: return not(lessSigned(a, b, wide))
    case BPF_JSLE: return not(lessSigned(b, a, wide))
    default: return -1
  }
}

const equal32 = (a: Num, b: Num): void => {
  a.u32min = b.u32min = ult(a.u32min, b.u32min) ? b.u32min : a.u32min
  a.u32max = b.u32max = ult(a.u32max, b.u32max) ? a.u32max : b.u32max
  a.s32min = b.s32min = Math.max(a.s32min, b.s32min)
  a.s32max = b.s32max = Math.min(a.s32max, b.s32max)
}

export const equalBits = (a: Num, b: Num, wide: boolean): void => {
  const ml = a.ml & b.ml
  const vl = (a.vl | b.vl) & ~ml
  a.vl = b.vl = vl
  a.ml = b.ml = ml
  if (!wide) return
  const mh = a.mh & b.mh
  const vh = (a.vh | b.vh) & ~mh
  a.vh = b.vh = vh
  a.mh = b.mh = mh
}

export const equal64 = (a: Num, b: Num): void => {
  if (ult64(a.uminl, a.uminh, b.uminl, b.uminh)) copyUmin(a, b)
  else copyUmin(b, a)
  if (ult64(a.umaxl, a.umaxh, b.umaxl, b.umaxh)) copyUmax(b, a)
  else copyUmax(a, b)
  if (slt64(a.sminl, a.sminh, b.sminl, b.sminh)) copySmin(a, b)
  else copySmin(b, a)
  if (slt64(a.smaxl, a.smaxh, b.smaxl, b.smaxh)) copySmax(b, a)
  else copySmax(a, b)
}

const copyUmin = (to: Num, from: Num): void => {
  to.uminl = from.uminl
  to.uminh = from.uminh
}
const copyUmax = (to: Num, from: Num): void => {
  to.umaxl = from.umaxl
  to.umaxh = from.umaxh
}
const copySmin = (to: Num, from: Num): void => {
  to.sminl = from.sminl
  to.sminh = from.sminh
}
const copySmax = (to: Num, from: Num): void => {
  to.smaxl = from.smaxl
  to.smaxh = from.smaxh
}

/** `a` is not the constant: a bound that equals it moves by one. */
const unequal = (a: Num, cl: number, ch: number, wide: boolean): void => {
  if (!wide) {
    if (a.u32min === cl) a.u32min = (a.u32min + 1) | 0
    if (a.u32max === cl) a.u32max = (a.u32max - 1) | 0
    if (a.s32min === cl) a.s32min = (a.s32min + 1) | 0
    if (a.s32max === cl) a.s32max = (a.s32max - 1) | 0
    return
  }
  if (a.uminl === cl && a.uminh === ch) {
    a.uminl = (cl + 1) | 0
    if (a.uminl === 0) a.uminh = (ch + 1) | 0
  }
  if (a.umaxl === cl && a.umaxh === ch) {
    a.umaxl = (cl - 1) | 0
    if (cl === 0) a.umaxh = (ch - 1) | 0
  }
  if (a.sminl === cl && a.sminh === ch) {
    a.sminl = (cl + 1) | 0
    if (a.sminl === 0) a.sminh = (ch + 1) | 0
  }
  if (a.smaxl === cl && a.smaxh === ch) {
    a.smaxl = (cl - 1) | 0
    if (cl === 0) a.smaxh = (ch - 1) | 0
  }
}

/** a ≤ b, or a < b when `strict` is 1. */
const order = (a: Num, b: Num, wide: boolean, strict: number): void => {
  if (!wide) {
    const max = (b.u32max - strict) | 0
    const min = (a.u32min + strict) | 0
    if (ult(max, a.u32max)) a.u32max = max
    if (ult(b.u32min, min)) b.u32min = min
    return
  }
  const maxl = (b.umaxl - strict) | 0
  const maxh = strict === 1 && b.umaxl === 0 ? (b.umaxh - 1) | 0 : b.umaxh
  const minl = (a.uminl + strict) | 0
  const minh = strict === 1 && minl === 0 ? (a.uminh + 1) | 0 : a.uminh
  if (ult64(maxl, maxh, a.umaxl, a.umaxh)) {
    a.umaxl = maxl
    a.umaxh = maxh
  }
  if (ult64(b.uminl, b.uminh, minl, minh)) {
    b.uminl = minl
    b.uminh = minh
  }
}

const orderSigned = (a: Num, b: Num, wide: boolean, strict: number): void => {
  if (!wide) {
    a.s32max = Math.min(a.s32max, (b.s32max - strict) | 0)
    b.s32min = Math.max(b.s32min, (a.s32min + strict) | 0)
    return
  }
  const maxl = (b.smaxl - strict) | 0
  const maxh = strict === 1 && b.smaxl === 0 ? (b.smaxh - 1) | 0 : b.smaxh
  const minl = (a.sminl + strict) | 0
  const minh = strict === 1 && minl === 0 ? (a.sminh + 1) | 0 : a.sminh
  if (slt64(maxl, maxh, a.smaxl, a.smaxh)) {
    a.smaxl = maxl
    a.smaxh = maxh
  }
  if (slt64(b.sminl, b.sminh, minl, minh)) {
    b.sminl = minl
    b.sminh = minh
  }
}

const setBits = (a: Num, b: Num, wide: boolean): void => {
  const mask = known(b, wide) ? b : a
  const value = mask === b ? a : b
  if (!known(mask, wide)) return
  const low = mask.vl
  const high = wide ? mask.vh : 0
  const single = high === 0 ? low !== 0 && (low & (low - 1)) === 0 : low === 0 && (high & (high - 1)) === 0
  if (!single) return
  value.vl |= low
  value.ml &= ~low
  value.vh |= high
  value.mh &= ~high
}

const clearBits = (a: Num, b: Num, wide: boolean): void => {
  const mask = known(b, wide) ? b : a
  const value = mask === b ? a : b
  if (!known(mask, wide)) return
  unbound32(value)
  unbound64(value)
  value.vl &= ~mask.vl
  value.ml &= ~mask.vl
  if (!wide) return
  value.vh &= ~mask.vh
  value.mh &= ~mask.vh
}

export const refine = (op: number, wide: boolean, a: Num, b: Num): void => {
  switch (op) {
    case BPF_JEQ:
      if (wide) equal64(a, b)
      else equal32(a, b)
      equalBits(a, b, wide)
      return
    case BPF_JNE: {
      const constant = known(b, wide) ? b : a
      const value = constant === b ? a : b
      if (known(constant, wide)) unequal(value, constant.vl, constant.vh, wide)
      return
    }
    case BPF_JSET: return setBits(a, b, wide)
    case JNSET: return clearBits(a, b, wide)
    case BPF_JLE: return order(a, b, wide, 0)
    case BPF_JLT: return order(a, b, wide, 1)
    case BPF_JGE: return order(b, a, wide, 0)
    case BPF_JGT: return order(b, a, wide, 1)
    case BPF_JSLE: return orderSigned(a, b, wide, 0)
    case BPF_JSLT: return orderSigned(a, b, wide, 1)
    case BPF_JSGE: return orderSigned(b, a, wide, 0)
    case BPF_JSGT: return orderSigned(b, a, wide, 1)
  }
}

/** The bounds of both operands if `op` holds: fresh numbers. `same`: both operands are one register. */
export const refined = (op: number, wide: boolean, a: Num, b: Num, same = false): [Num, Num] => {
  const left = copyNum(a)
  const right = same ? left : copyNum(b)
  refine(op, wide, left, right)
  sync(left)
  if (!same) sync(right)
  return [left, right]
}

/** A register compared with itself: as scalarTaken. */
export const ownTaken = (op: number, wide: boolean, a: Num): number => {
  switch (op) {
    case BPF_JGE: case BPF_JLE: case BPF_JSGE: case BPF_JSLE: case BPF_JEQ: return 1
    case BPF_JGT: case BPF_JLT: case BPF_JSGT: case BPF_JSLT: case BPF_JNE: return 0
    case BPF_JSET: {
      if (known(a, wide)) return a.vl === 0 && (!wide || a.vh === 0) ? 0 : 1
      const mayBeZero = wide ? a.sminh < 0 || (a.sminl | a.sminh) === 0 : a.s32min <= 0
      const reachesZero = wide ? a.smaxh >= 0 : a.s32max >= 0
      return mayBeZero && reachesZero ? -1 : 1
    }
    default: return -1
  }
}

/** Where scalarTaken cannot answer: a side on which an operand has no value left is never walked. */
export const liveSide = (op: number, wide: boolean, a: Num, b: Num): number => {
  if (op === BPF_JSET && !known(a, wide) && !known(b, wide)) return -1
  const isDead = (sides: readonly Num[]): boolean =>
    sides.some((num) => contradiction(num) === 'range bounds violation')
  if (isDead(refined(reverseOp(op), wide, a, b))) return 1
  return isDead(refined(op, wide, a, b)) ? 0 : -1
}

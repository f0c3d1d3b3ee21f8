/** Steps by which the views of a number learn from each other: bits to bounds, bounds to bits. */
import { slt64, ult, ult64 } from './i64.ts'
import type { Num } from './num.ts'
import { numberRules } from './number-rules.ts'
import { tnumIntersect, tnumIntersectRange } from './tnum.ts'

const SIGN = -2147483648
const MAX = 0x7fffffff

export const unbound64 = (r: Num): void => {
  r.sminl = 0
  r.sminh = SIGN
  r.smaxl = -1
  r.smaxh = MAX
  r.uminl = r.uminh = 0
  r.umaxl = r.umaxh = -1
}

export const unbound32 = (r: Num): void => {
  r.s32min = SIGN
  r.s32max = MAX
  r.u32min = 0
  r.u32max = -1
}

export const raiseSmin = (r: Num, l: number, h: number): void => {
  if (slt64(r.sminl, r.sminh, l, h)) {
    r.sminl = l
    r.sminh = h
  }
}
export const lowerSmax = (r: Num, l: number, h: number): void => {
  if (slt64(l, h, r.smaxl, r.smaxh)) {
    r.smaxl = l
    r.smaxh = h
  }
}
export const raiseUmin = (r: Num, l: number, h: number): void => {
  if (ult64(r.uminl, r.uminh, l, h)) {
    r.uminl = l
    r.uminh = h
  }
}
export const lowerUmax = (r: Num, l: number, h: number): void => {
  if (ult64(l, h, r.umaxl, r.umaxh)) {
    r.umaxl = l
    r.umaxh = h
  }
}
export const narrowS32 = (r: Num, min: number, max: number): void => {
  if (min > r.s32min) r.s32min = min
  if (max < r.s32max) r.s32max = max
}
export const narrowU32 = (r: Num, min: number, max: number): void => {
  if (ult(r.u32min, min)) r.u32min = min
  if (ult(max, r.u32max)) r.u32max = max
}

/** Bounds of the low half from its bits. */
export const boundsFromBits32 = (r: Num): void => {
  narrowS32(r, r.vl | (r.ml & SIGN), r.vl | (r.ml & MAX))
  narrowU32(r, r.vl, r.vl | r.ml)
}

export const boundsFromBits64 = (r: Num): void => {
  raiseSmin(r, r.vl, r.vh | (r.mh & SIGN))
  lowerSmax(r, r.vl | r.ml, r.vh | (r.mh & MAX))
  raiseUmin(r, r.vl, r.vh)
  lowerUmax(r, r.vl | r.ml, r.vh | r.mh)
}

export const boundsFromBits = (r: Num): void => {
  boundsFromBits32(r)
  boundsFromBits64(r)
}

export const bitsFromBounds = (r: Num): void => {
  const { vl, ml } = r
  tnumIntersectRange(r, r.uminl, r.uminh, r.umaxl, r.umaxh)
  if (!numberRules.narrowBitsFromWide) {
    r.vl = vl
    r.ml = ml
  }
  const diff = r.u32min ^ r.u32max
  if (diff < 0) return
  const mask = (1 << (32 - Math.clz32(diff))) - 1
  tnumIntersect(r, r.u32min & ~mask, 0, mask, -1)
}

/** The low half becomes the whole; the upper half is zero. Bounds of 64 bits come from those of 32. */
export const zeroExtend32 = (r: Num): void => {
  r.vh = r.mh = 0
  r.uminl = r.u32min
  r.umaxl = r.u32max
  r.uminh = r.umaxh = 0
  const positive = r.s32min >= 0 && r.s32max >= 0
  r.sminl = positive ? r.s32min : 0
  r.smaxl = positive ? r.s32max : -1
  r.sminh = r.smaxh = 0
}

/**
 * Keeps the five views of a number in step: bits, signed and unsigned bounds of all 64 bits and of the low 32.
 * Knowledge flows bits → bounds → each bound from the others (three rounds) → bits → bounds, as `reg_bounds_sync`.
 */
import {
  bitsFromBounds, boundsFromBits, lowerSmax, lowerUmax, narrowS32, narrowU32, raiseSmin, raiseUmin, unbound32,
} from './bound-steps.ts'
import { hi, sar64, shl64, slt64, ult, ult64 } from './i64.ts'
import { syncArcs } from './arc-sync.ts'
import { narrowFromWide, syncPlainly } from './plain-sync.ts'
import type { Num } from './num.ts'
import { numberRules } from './number-rules.ts'
import { tnumIntersectRange } from './tnum.ts'

const SIGN = -2147483648
const MAX = 0x7fffffff

const deduce32 = (r: Num): void => {
  if (r.uminh === r.umaxh) {
    narrowU32(r, r.uminl, r.umaxl)
    if (r.uminl <= r.umaxl) narrowS32(r, r.uminl, r.umaxl)
  }
  if (r.sminh === r.smaxh) {
    if (r.sminl >>> 0 <= r.smaxl >>> 0) narrowU32(r, r.sminl, r.smaxl)
    if (r.sminl <= r.smaxl) narrowS32(r, r.sminl, r.smaxl)
  }
  if (((r.uminh + 1) | 0) === r.umaxh && r.uminl < 0 && r.umaxl >= 0) narrowS32(r, r.uminl, r.umaxl)
  if (((r.sminh + 1) | 0) === r.smaxh && r.sminl < 0 && r.smaxl >= 0) narrowS32(r, r.sminl, r.smaxl)
  if (r.u32min <= r.u32max) narrowS32(r, r.u32min, r.u32max)
  if (r.s32min >>> 0 <= r.s32max >>> 0) narrowU32(r, r.s32min, r.s32max)
  else if (numberRules.lowHalvesApart) return
  else if (ult(r.u32max, r.s32min)) {
    r.s32min = r.u32min
    if (ult(r.s32max, r.u32max)) r.u32max = r.s32max
  } else if (ult(r.s32max, r.u32min)) {
    r.s32max = r.u32max
    if (ult(r.u32min, r.s32min)) r.u32min = r.s32min
  }
}

const deduce64 = (r: Num): void => {
  if (!slt64(r.umaxl, r.umaxh, r.uminl, r.uminh)) {
    raiseSmin(r, r.uminl, r.uminh)
    lowerSmax(r, r.umaxl, r.umaxh)
  }
  if (!ult64(r.smaxl, r.smaxh, r.sminl, r.sminh)) {
    raiseUmin(r, r.sminl, r.sminh)
    lowerUmax(r, r.smaxl, r.smaxh)
  } else if (ult64(r.umaxl, r.umaxh, r.sminl, r.sminh)) {
    r.sminl = r.uminl
    r.sminh = r.uminh
    lowerUmax(r, r.smaxl, r.smaxh)
  } else if (ult64(r.smaxl, r.smaxh, r.uminl, r.uminh)) {
    r.smaxl = r.umaxl
    r.smaxh = r.umaxh
    raiseUmin(r, r.sminl, r.sminh)
  }
}

const mix = (r: Num): void => {
  raiseUmin(r, r.u32min, r.uminh)
  lowerUmax(r, r.u32max, r.umaxh)
  raiseSmin(r, r.u32min, r.sminh)
  lowerSmax(r, r.u32max, r.smaxh)
  if (r.s32min >>> 0 <= r.s32max >>> 0) {
    raiseUmin(r, r.s32min, r.uminh)
    lowerUmax(r, r.s32max, r.umaxh)
    raiseSmin(r, r.s32min, r.sminh)
    lowerSmax(r, r.s32max, r.smaxh)
  }
  if (r.s32min >= 0 && !slt64(r.sminl, r.sminh, SIGN, -1) && !slt64(MAX, 0, r.smaxl, r.smaxh)) {
    r.sminl = r.uminl = r.s32min
    r.smaxl = r.umaxl = r.s32max
    r.sminh = r.uminh = r.smaxh = r.umaxh = 0
    tnumIntersectRange(r, r.s32min, 0, r.s32max, 0)
  }
}

export const sync = (r: Num): void => {
  if (!numberRules.crossedBounds) return syncPlainly(r)
  if (numberRules.arcBounds) return syncArcs(r)
  boundsFromBits(r)
  for (let round = 0; round < 3; round++) {
    deduce32(r)
    deduce64(r)
    mix(r)
  }
  bitsFromBounds(r)
  boundsFromBits(r)
}

/** Null when the views agree with each other, else which do not (texts of `reg_bounds_sanity_check`). */
export const contradiction = (r: Num): string | null => {
  if (ult64(r.umaxl, r.umaxh, r.uminl, r.uminh) || slt64(r.smaxl, r.smaxh, r.sminl, r.sminh) ||
    ult(r.u32max, r.u32min) || r.s32max < r.s32min) return 'range bounds violation'
  if ((r.ml | r.mh) === 0) {
    const { vl, vh } = r
    if (r.uminl !== vl || r.uminh !== vh || r.umaxl !== vl || r.umaxh !== vh ||
      r.sminl !== vl || r.sminh !== vh || r.smaxl !== vl ||
        r.smaxh !== vh) return 'const tnum out of sync with range bounds'
  }
  if (r.ml === 0 && (r.u32min !== r.vl || r.u32max !== r.vl || r.s32min !== r.vl || r.s32max !== r.vl))
    return 'const subreg tnum out of sync with range bounds'
  return null
}

/** A value loaded with 1, 2 or 4 bytes: the rest is zero. */
export const truncate = (r: Num, size: number): void => {
  const mask = size === 4 ? -1 : (1 << (size * 8)) - 1
  const within = r.uminh === r.umaxh && (r.uminl & ~mask) === (r.umaxl & ~mask)
  r.vl &= mask
  r.ml &= mask
  r.vh = r.mh = 0
  r.uminl = within ? r.uminl & mask : 0
  r.umaxl = within ? r.umaxl & mask : mask
  r.uminh = r.umaxh = 0
  r.sminl = r.uminl
  r.smaxl = r.umaxl
  r.sminh = r.smaxh = 0
  if (!numberRules.crossedBounds) {
    if (size < 4) narrowFromWide(r)
    return
  }
  if (size < 4) unbound32(r)
  sync(r)
}

/** A value moved or loaded as a signed one of 1, 2 or 4 bytes, extended to 64 bits. */
export const signExtend = (r: Num, size: number): void => {
  const bits = size * 8
  const extend = (low: number): number => (low << (32 - bits)) >> (32 - bits)
  if ((r.ml | r.mh) === 0) {
    r.vl = extend(r.vl)
    r.vh = r.vl >> 31
    setAll(r, r.vl, r.vh, r.vl, r.vh)
    return
  }
  const top = 32 - bits
  const sameTop = r.sminh === r.smaxh && (bits === 32 || r.sminl >> bits === r.smaxl >> bits)
  if (sameTop) {
    const a = (r.sminl << top) >> top
    const b = (r.smaxl << top) >> top
    if (a < 0 === b < 0) {
      const min = a < b ? a : b
      const max = a < b ? b : a
      setAll(r, min, min >> 31, max, max >> 31)
      r.vl = r.vh = 0
      r.ml = r.mh = -1
      tnumIntersectRange(r, min, min >> 31, max, max >> 31)
      return
    }
  }
  const max = size === 4 ? MAX : (1 << (bits - 1)) - 1
  r.sminl = ~max
  r.sminh = -1
  r.smaxl = max
  r.smaxh = 0
  r.s32min = ~max
  r.s32max = max
  r.uminl = r.uminh = r.u32min = 0
  r.umaxl = r.umaxh = r.u32max = -1
  r.vl = r.vh = 0
  r.ml = r.mh = -1
}

const setAll = (r: Num, minl: number, minh: number, maxl: number, maxh: number): void => {
  r.sminl = r.uminl = r.s32min = r.u32min = minl
  r.sminh = r.uminh = minh
  r.smaxl = r.umaxl = r.s32max = r.u32max = maxl
  r.smaxh = r.umaxh = maxh
}

/** As `signExtend` for `w1 = (s8)w2`: the low half is extended to 32 bits, the upper half is zero. */
export const signExtend32 = (r: Num, size: number): void => {
  const shift = 32 - size * 8
  if (r.ml === 0) {
    const value = (r.vl << shift) >> shift
    r.vl = value
    r.vh = r.mh = 0
    r.s32min = r.s32max = r.u32min = r.u32max = value
    return
  }
  if (r.s32min >> (size * 8) === r.s32max >> (size * 8)) {
    const a = (r.s32min << shift) >> shift
    const b = (r.s32max << shift) >> shift
    if (a < 0 === b < 0) {
      r.s32min = r.u32min = a < b ? a : b
      r.s32max = r.u32max = a < b ? b : a
      r.vl = r.vh = r.mh = 0
      r.ml = -1
      const diff = r.u32min ^ r.u32max
      if (diff >= 0) {
        const mask = (1 << (32 - Math.clz32(diff))) - 1
        r.vl = r.u32min & ~mask
        r.ml = mask
      }
      return
    }
  }
  r.s32max = (1 << (size * 8 - 1)) - 1
  r.s32min = ~r.s32max
  r.u32min = 0
  r.u32max = -1
  r.vl = r.vh = r.mh = 0
  r.ml = -1
}

/** Signed bounds of the low half, shifted up by exactly 32: what `r <<= 32` leaves. */
export const signedFromLow = (r: Num): void => {
  r.sminl = r.smaxl = 0
  r.sminh = r.s32min
  r.smaxh = r.s32max
}

/** Bounds of 64 bits after an arithmetic shift. */
export const shiftSignedBounds = (r: Num, count: number): void => {
  r.sminl = sar64(r.sminl, r.sminh, count)
  r.sminh = hi
  r.smaxl = sar64(r.smaxl, r.smaxh, count)
  r.smaxh = hi
}

export const shiftUnsignedUp = (r: Num, count: number): void => {
  r.uminl = shl64(r.uminl, r.uminh, count)
  r.uminh = hi
  r.umaxl = shl64(r.umaxl, r.umaxh, count)
  r.umaxh = hi
}

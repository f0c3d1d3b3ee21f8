/**
 * Brings the views of a number in step where a kernel learns signed bounds from unsigned ones, and the other way, and
 * nothing across the halves: bits → bounds → sign → bits → bounds.
 */
import { bitsFromBounds, boundsFromBits, unbound32, unbound64, zeroExtend32 } from './bound-steps.ts'
import { ult, ult64 } from './i64.ts'
import type { Num } from './num.ts'

const mergeMin64 = (r: Num): void => {
  if (ult64(r.uminl, r.uminh, r.sminl, r.sminh)) {
    r.uminl = r.sminl
    r.uminh = r.sminh
  } else {
    r.sminl = r.uminl
    r.sminh = r.uminh
  }
}

const mergeMax64 = (r: Num): void => {
  if (ult64(r.smaxl, r.smaxh, r.umaxl, r.umaxh)) {
    r.umaxl = r.smaxl
    r.umaxh = r.smaxh
  } else {
    r.smaxl = r.umaxl
    r.smaxh = r.umaxh
  }
}

/** A number whose sign is known has the same signed and unsigned bounds. */
const learnSign64 = (r: Num): void => {
  if (r.sminh >= 0 || r.smaxh < 0) {
    mergeMin64(r)
    mergeMax64(r)
  } else if (r.umaxh >= 0) {
    r.sminl = r.uminl
    r.sminh = r.uminh
    mergeMax64(r)
  } else if (r.uminh < 0) {
    mergeMin64(r)
    r.smaxl = r.umaxl
    r.smaxh = r.umaxh
  }
}

const learnSign32 = (r: Num): void => {
  const min = ult(r.s32min, r.u32min) ? r.u32min : r.s32min
  const max = ult(r.s32max, r.u32max) ? r.s32max : r.u32max
  if (r.s32min >= 0 || r.s32max < 0) {
    r.s32min = r.u32min = min
    r.s32max = r.u32max = max
  } else if (r.u32max >= 0) {
    r.s32min = r.u32min
    r.s32max = r.u32max = max
  } else if (r.u32min < 0) {
    r.s32min = r.u32min = min
    r.s32max = r.u32max
  }
}

export const syncPlainly = (r: Num): void => {
  boundsFromBits(r)
  learnSign32(r)
  learnSign64(r)
  bitsFromBounds(r)
  boundsFromBits(r)
}

/** Bounds of the low half are made anew from those of the whole, where these fit. */
export const narrowFromWide = (r: Num): void => {
  unbound32(r)
  if (r.sminl >> 31 === r.sminh && r.smaxl >> 31 === r.smaxh) {
    r.s32min = r.sminl
    r.s32max = r.smaxl
  }
  if (r.uminh === 0 && r.umaxh === 0) {
    r.u32min = r.uminl
    r.u32max = r.umaxl
  }
  syncPlainly(r)
}

/** Bounds of the whole are made anew: from those of the low half where the upper one is 0. */
export const wideFromNarrow = (r: Num): void => {
  if (r.vh === 0 && r.mh === 0) zeroExtend32(r)
  else unbound64(r)
  syncPlainly(r)
}

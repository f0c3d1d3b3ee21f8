/**
 * Ranges of 64-bit numbers as arcs of a circle: the numbers from a base on, upward and around. One arc stands for
 * signed and unsigned bounds alike. Halves are int32 words, low word first; `size` counts the numbers after the base.
 */
import { add64, hi, slt64, sub64, ult64 } from './i64.ts'
import type { Num } from './num.ts'

const SIGN = -2147483648
const MAX = 0x7fffffff

export class Arc64 {
  bl = 0
  bh = 0
  sl = -1
  sh = -1
}

export const setArc = (to: Arc64, bl: number, bh: number, sl: number, sh: number): void => {
  to.bl = bl
  to.bh = bh
  to.sl = sl
  to.sh = sh
}

export const copyArc = (to: Arc64, from: Arc64): void => setArc(to, from.bl, from.bh, from.sl, from.sh)

/** No number at all. */
export const setEmpty = (to: Arc64): void => setArc(to, -1, -1, -1, -1)
export const isEmpty = ({ bl, bh, sl, sh }: Arc64): boolean => (bl & bh & sl & sh) === -1

const isFull = (a: Arc64): boolean => (a.sl & a.sh) === -1

export const setUnsigned = (to: Arc64, minl: number, minh: number, maxl: number, maxh: number): void => {
  const sl = sub64(maxl, maxh, minl, minh)
  setArc(to, minl, minh, sl, hi)
}

export const setSigned = (to: Arc64, minl: number, minh: number, maxl: number, maxh: number): void => {
  setUnsigned(to, minl, minh, maxl, maxh)
  if (isFull(to)) to.bl = to.bh = 0
}

/** Whether the arc passes from the largest unsigned number to 0. */
export const wraps = (a: Arc64): boolean => {
  const endl = add64(a.bl, a.bh, a.sl, a.sh)
  return ult64(endl, hi, a.bl, a.bh)
}

/** The numbers in both arcs; where those are two pieces, the smaller of the two arcs. `to` may be one of them. */
export const intersect = (to: Arc64, one: Arc64, two: Arc64): void => {
  if (isEmpty(one) || isEmpty(two)) return setEmpty(to)
  const swap = ult64(two.bl, two.bh, one.bl, one.bh)
  const a = swap ? two : one
  const b = swap ? one : two
  const dl = sub64(b.bl, b.bh, a.bl, a.bh)
  const dh = hi
  const endl = add64(dl, dh, b.sl, b.sh)
  const endh = hi
  const startsInside = !ult64(a.sl, a.sh, dl, dh)
  if (ult64(endl, endh, dl, dh)) {
    if (startsInside) return copyArc(to, ult64(b.sl, b.sh, a.sl, a.sh) ? b : a)
    const shorter = ult64(endl, endh, a.sl, a.sh)
    return setArc(to, a.bl, a.bh, shorter ? endl : a.sl, shorter ? endh : a.sh)
  }
  if (!startsInside) return setEmpty(to)
  const restl = sub64(a.sl, a.sh, dl, dh)
  const resth = hi
  const shorter = ult64(restl, resth, b.sl, b.sh)
  setArc(to, b.bl, b.bh, shorter ? restl : b.sl, shorter ? resth : b.sh)
}

/** A full arc begins at 0, but where it would be the sign's limit or is there already. */
const normalize = (a: Arc64): void => {
  if (isFull(a) && !(a.bl === -1 && a.bh === MAX)) a.bl = a.bh = 0
}

export const add = (to: Arc64, a: Arc64, b: Arc64): void => {
  if (isEmpty(a) || isEmpty(b)) return setEmpty(to)
  const sl = add64(a.sl, a.sh, b.sl, b.sh)
  const sh = hi
  if (ult64(sl, sh, a.sl, a.sh)) return setArc(to, 0, 0, -1, -1)
  const bl = add64(a.bl, a.bh, b.bl, b.bh)
  setArc(to, bl, hi, sl, sh)
  normalize(to)
}

export const negate = (to: Arc64, a: Arc64): void => {
  if (isEmpty(a)) return setEmpty(to)
  const endl = add64(a.bl, a.bh, a.sl, a.sh)
  const bl = sub64(0, 0, endl, hi)
  setArc(to, bl, hi, a.sl, a.sh)
  normalize(to)
}

/** From the bits that are known. */
export const setFromBits = (to: Arc64, r: Num): void => {
  if (((r.mh | r.vh) & SIGN) === 0) return setUnsigned(to, r.vl, r.vh, r.vl | r.ml, r.vh | r.mh)
  setSigned(to, r.vl, r.vh | (r.mh & SIGN), r.vl | r.ml, r.vh | (r.mh & MAX))
}

const signed = new Arc64()

/** From both pairs of bounds; empty where one contradicts itself. */
export const setFromBounds = (to: Arc64, r: Num): void => {
  if (ult64(r.umaxl, r.umaxh, r.uminl, r.uminh) || slt64(r.smaxl, r.smaxh, r.sminl, r.sminh)) return setEmpty(to)
  setUnsigned(to, r.uminl, r.uminh, r.umaxl, r.umaxh)
  setSigned(signed, r.sminl, r.sminh, r.smaxl, r.smaxh)
  if (isFull(signed)) return
  if (isFull(to)) return copyArc(to, signed)
  if (to.bl !== signed.bl || to.bh !== signed.bh || to.sl !== signed.sl || to.sh !== signed.sh)
    intersect(to, to, signed)
}

/** Both pairs of bounds of `r` from the arc; bounds that contradict each other from an empty one. */
export const boundsOfArc = (r: Num, a: Arc64): void => {
  if (isEmpty(a)) {
    r.uminl = r.uminh = r.smaxl = -1
    r.umaxl = r.umaxh = r.sminl = 0
    r.sminh = MAX
    r.smaxh = SIGN
    return
  }
  const endl = add64(a.bl, a.bh, a.sl, a.sh)
  const endh = hi
  const isUnsigned = !ult64(endl, endh, a.bl, a.bh)
  r.uminl = isUnsigned ? a.bl : 0
  r.uminh = isUnsigned ? a.bh : 0
  r.umaxl = isUnsigned ? endl : -1
  r.umaxh = isUnsigned ? endh : -1
  const isSigned = !slt64(endl, endh, a.bl, a.bh)
  r.sminl = isSigned ? a.bl : 0
  r.sminh = isSigned ? a.bh : SIGN
  r.smaxl = isSigned ? endl : -1
  r.smaxh = isSigned ? endh : MAX
}

/**
 * Brings the views of a number in step where a kernel keeps its bounds as arcs: bits → both arcs → each from the
 * other → bits → arcs. Bounds that contradict each other come out where no number is left.
 */
import * as narrow from './arc32.ts'
import { Arc32 } from './arc32.ts'
import * as wide from './arc64.ts'
import { Arc64 } from './arc64.ts'
import { add64, hi, shl64, sub64, ult64 } from './i64.ts'
import type { Num } from './num.ts'
import { setConst } from './num.ts'
import { tnumIntersect, tnumIntersectRange } from './tnum.ts'

const whole = new Arc64()
const low = new Arc32()
const bits64 = new Arc64()
const bits32 = new Arc32()

/** The ends of `whole` as unsigned bounds. */
let minl = 0
let minh = 0
let maxl = 0
let maxh = 0
const readEnds = (): void => {
  const wraps = wide.wraps(whole)
  minl = wraps ? 0 : whole.bl
  minh = wraps ? 0 : whole.bh
  maxl = wraps ? -1 : add64(whole.bl, whole.bh, whole.sl, whole.sh)
  maxh = wraps ? -1 : hi
}

/** The next number after `z` that fits the bits (`hi` has its upper half); the last one where there is none. */
const nextOf = (r: Num, zl: number, zh: number): number => {
  const lastl = r.vl | r.ml
  const lasth = r.vh | r.mh
  if (!ult64(zl, zh, lastl, lasth)) return withHigh(lastl, lasth)
  if (ult64(zl, zh, r.vl, r.vh)) return withHigh(r.vl, r.vh)
  const dl = sub64(zl, zh, r.vl, r.vh)
  const dh = hi
  const fixedl = dl & ~r.ml
  const fixedh = dh & ~r.mh
  const bits = fixedh === 0 ? 32 - Math.clz32(fixedl) : 64 - Math.clz32(fixedh)
  const below = bits === 64 ? withHigh(-1, -1) : lowBits(bits)
  const filledl = dl | below | ~r.ml
  const filledh = dh | hi | ~r.mh
  const nextl = add64(filledl, filledh, 1, 0)
  return withHigh(r.vl | (nextl & r.ml), r.vh | (hi & r.mh))
}

const withHigh = (l: number, h: number): number => sub64(l, h, 0, 0)

const lowBits = (bits: number): number => {
  const l = shl64(1, 0, bits)
  return sub64(l, hi, 1, 0)
}

const know = (r: Num, l: number, h: number): void => {
  setConst(r, l, h)
  wide.setArc(whole, l, h, 0, 0)
  low.base = l >>> 0
  low.size = 0
}

/** Bits and bounds may have one number in common. */
const meetInOne = (r: Num): void => {
  readEnds()
  const lastl = r.vl | r.ml
  const lasth = r.vh | r.mh
  const nextl = nextOf(r, minl, minh)
  const nexth = hi
  const fits = (minl & ~r.ml) === r.vl && (minh & ~r.mh) === r.vh
  const isPast = ult64(maxl, maxh, nextl, nexth)
  if (fits) {
    if (isPast) know(r, minl, minh)
    return
  }
  if (nextl === lastl && nexth === lasth) return know(r, lastl, lasth)
  if (isPast) return
  const afterl = nextOf(r, nextl, nexth)
  if (ult64(maxl, maxh, afterl, hi)) know(r, nextl, nexth)
}

const arcsFromBits = (r: Num): void => {
  narrow.setFromBits(bits32, r)
  narrow.intersect(low, low, bits32)
  wide.setFromBits(bits64, r)
  wide.intersect(whole, whole, bits64)
  meetInOne(r)
}

const deduce = (): void => {
  narrow.setFromWide(bits32, whole)
  narrow.intersect(low, low, bits32)
  narrow.trimByLow(whole, low)
}

const bitsFromArcs = (r: Num): void => {
  readEnds()
  tnumIntersectRange(r, minl, minh, maxl, maxh)
  const end = low.base + low.size
  const isUnsigned = end <= 0xffffffff
  const min = isUnsigned ? low.base | 0 : 0
  const difference = isUnsigned ? min ^ (end | 0) : -1
  if (difference < 0) return
  const mask = difference === 0 ? 0 : -1 >>> Math.clz32(difference)
  tnumIntersect(r, min & ~mask, 0, mask, -1)
}

/** One number, which every bound names: nothing is left to learn. */
const isSettled = (r: Num): boolean =>
  r.ml === 0 && r.mh === 0 && r.uminl === r.vl && r.umaxl === r.vl && r.uminh === r.vh && r.umaxh === r.vh &&
  r.sminl === r.vl && r.smaxl === r.vl && r.sminh === r.vh && r.smaxh === r.vh && r.s32min === r.vl &&
  r.s32max === r.vl && r.u32min === r.vl && r.u32max === r.vl

export const syncArcs = (r: Num): void => {
  if (isSettled(r)) return
  wide.setFromBounds(whole, r)
  narrow.setFromBounds(low, r)
  if (!wide.isEmpty(whole) && !narrow.isEmpty(low)) {
    arcsFromBits(r)
    deduce()
    deduce()
    bitsFromArcs(r)
    arcsFromBits(r)
  }
  wide.boundsOfArc(r, whole)
  narrow.boundsOfArc(r, low)
}

const left = new Arc64()
const right = new Arc64()
const lowLeft = new Arc32()
const lowRight = new Arc32()

/** Bounds of all 64 bits of `r + b`, or `r - b`. */
export const addArcs64 = (r: Num, b: Num, isMinus: boolean): void => {
  wide.setFromBounds(left, r)
  wide.setFromBounds(right, b)
  if (isMinus) wide.negate(right, right)
  wide.add(left, left, right)
  wide.boundsOfArc(r, left)
}

/** As addArcs64 for the low half. */
export const addArcs32 = (r: Num, b: Num, isMinus: boolean): void => {
  narrow.setFromBounds(lowLeft, r)
  narrow.setFromBounds(lowRight, b)
  if (isMinus) narrow.negate(lowRight, lowRight)
  narrow.add(lowLeft, lowLeft, lowRight)
  narrow.boundsOfArc(r, lowLeft)
}

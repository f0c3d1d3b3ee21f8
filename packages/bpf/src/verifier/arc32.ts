/** As arc64.ts for the low half of a number: base and size are unsigned 32-bit numbers. */
import type { Arc64 } from './arc64.ts'
import { isEmpty as isEmpty64, setEmpty as setEmpty64 } from './arc64.ts'
import { add64, hi, sub64, ult64 } from './i64.ts'
import type { Num } from './num.ts'

const SIGN = -2147483648
const MAX = 0x7fffffff
const FULL = 0xffffffff

export class Arc32 {
  base = 0
  size = FULL
}

const setArc = (to: Arc32, base: number, size: number): void => {
  to.base = base >>> 0
  to.size = size >>> 0
}

const setEmpty = (to: Arc32): void => setArc(to, FULL, FULL)
export const isEmpty = ({ base, size }: Arc32): boolean => base === FULL && size === FULL

const setSigned = (to: Arc32, min: number, max: number): void => {
  const size = (max - min) >>> 0
  setArc(to, size === FULL ? 0 : min, size)
}

export const intersect = (to: Arc32, one: Arc32, two: Arc32): void => {
  if (isEmpty(one) || isEmpty(two)) return setEmpty(to)
  const [a, b] = two.base < one.base ? [two, one] : [one, two]
  const distance = b.base - a.base
  const end = distance + b.size
  if (end > FULL) {
    if (distance <= a.size) {
      const smaller = a.size <= b.size ? a : b
      return setArc(to, smaller.base, smaller.size)
    }
    return setArc(to, a.base, Math.min(a.size, end >>> 0))
  }
  if (a.size < distance) return setEmpty(to)
  setArc(to, b.base, Math.min(a.size - distance, b.size))
}

const normalize = (a: Arc32): void => {
  if (a.size === FULL && a.base !== MAX) a.base = 0
}

export const add = (to: Arc32, a: Arc32, b: Arc32): void => {
  if (isEmpty(a) || isEmpty(b)) return setEmpty(to)
  if (a.size + b.size > FULL) return setArc(to, 0, FULL)
  setArc(to, a.base + b.base, a.size + b.size)
  normalize(to)
}

export const negate = (to: Arc32, a: Arc32): void => {
  if (isEmpty(a)) return setEmpty(to)
  setArc(to, -(a.base + a.size), a.size)
  normalize(to)
}

export const setFromBits = (to: Arc32, r: Num): void => {
  if (((r.ml | r.vl) & SIGN) === 0) return setArc(to, r.vl, (r.vl | r.ml) - r.vl)
  setSigned(to, r.vl | (r.ml & SIGN), r.vl | (r.ml & MAX))
}

const signed = new Arc32()

export const setFromBounds = (to: Arc32, r: Num): void => {
  const min = r.u32min >>> 0
  const max = r.u32max >>> 0
  if (max < min || r.s32max < r.s32min) return setEmpty(to)
  setArc(to, min, max - min)
  setSigned(signed, r.s32min, r.s32max)
  if (signed.size === FULL) return
  if (to.size === FULL) return setArc(to, signed.base, signed.size)
  if (to.base !== signed.base || to.size !== signed.size) intersect(to, to, signed)
}

export const boundsOfArc = (r: Num, a: Arc32): void => {
  if (isEmpty(a)) {
    r.u32min = -1
    r.u32max = 0
    r.s32min = MAX
    r.s32max = SIGN
    return
  }
  const base = a.base | 0
  const end = (a.base + a.size) | 0
  const isUnsigned = a.base + a.size <= FULL
  r.u32min = isUnsigned ? base : 0
  r.u32max = isUnsigned ? end : -1
  const isSigned = base <= end
  r.s32min = isSigned ? base : SIGN
  r.s32max = isSigned ? end : MAX
}

/** The low halves of the numbers of `a`. */
export const setFromWide = (to: Arc32, a: Arc64): void => {
  if (isEmpty64(a)) setEmpty(to)
  else if (a.sh !== 0 || a.sl === -1) setArc(to, 0, FULL)
  else setArc(to, a.bl, a.sl)
}

/** Takes off the ends of `a` the numbers whose low halves are not in `low`. */
export const trimByLow = (a: Arc64, low: Arc32): void => {
  if (isEmpty64(a) || isEmpty(low)) return setEmpty64(a)
  const base = (low.base - a.bl) >>> 0
  const size = a.sl >>> 0
  const end = base + low.size
  if (end > FULL) {
    const last = end >>> 0
    if (size > last && size < base) shorten(a, size - last)
    return
  }
  if (a.sh === 0 && size < base) return setEmpty64(a)
  const baseLow = a.bl
  const baseHigh = a.bh
  a.bl = add64(baseLow, baseHigh, base | 0, 0)
  a.bh = hi
  const sizeLow = sub64(a.sl, a.sh, base | 0, 0)
  a.sh = hi
  a.sl = sizeLow
  if (size < base) shorten(a, size + (FULL + 1 - end))
  else if (size >= end) shorten(a, size - end)
}

const shorten = (a: Arc64, by: number): void => {
  const high = Math.floor(by / 4294967296)
  if (ult64(a.sl, a.sh, by | 0, high)) return setEmpty64(a)
  const low = sub64(a.sl, a.sh, by | 0, high)
  a.sh = hi
  a.sl = low
}

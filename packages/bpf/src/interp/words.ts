/** 64-bit arithmetic on pairs of int32, low word first: `r[at]` and `r[at + 1]` are changed in place. */

/** The low 64 bits of the product: schoolbook on 16-bit digits. */
export const mul = (r: Int32Array, at: number, bl: number, bh: number): void => {
  const al = r[at]!
  const a0 = al & 0xffff
  const a1 = al >>> 16
  const b0 = bl & 0xffff
  const b1 = bl >>> 16
  // neither sum reaches 2^32
  const t = Math.imul(a1, b0) + (Math.imul(a0, b0) >>> 16) | 0
  const u = Math.imul(a0, b1) + (t & 0xffff) | 0
  r[at] = Math.imul(al, bl)
  r[at + 1] = Math.imul(a1, b1) + (t >>> 16) + (u >>> 16) + Math.imul(al, bh) + Math.imul(r[at + 1]!, bl)
}

export const neg = (r: Int32Array, at: number): void => {
  const low = r[at]!
  r[at] = -low
  r[at + 1] = -r[at + 1]! - (low !== 0 ? 1 : 0)
}

/** Whether a < b, unsigned. */
export const below = (al: number, ah: number, bl: number, bh: number): boolean =>
  ah === bh ? al >>> 0 < bl >>> 0 : ah >>> 0 < bh >>> 0

/** Whether a < b, signed. */
export const less = (al: number, ah: number, bl: number, bh: number): boolean =>
  ah === bh ? al >>> 0 < bl >>> 0 : ah < bh

/** Quotient, or the remainder; the divisor is not 0. By a word: three digits, each exact as a double. */
export const divide = (r: Int32Array, at: number, bl: number, bh: number, wantsRemainder: boolean): void => {
  if (bh !== 0) return divideByLong(r, at, bl, bh, wantsRemainder)
  const divisor = bl >>> 0
  const high = r[at + 1]! >>> 0
  const low = r[at]!
  const quotient = (high / divisor) >>> 0
  // the remainder of a double is a call, its product is not; none of these reaches 2^53
  const middle = (high - quotient * divisor) * 0x10000 + (low >>> 16)
  const upper = Math.floor(middle / divisor)
  const last = (middle - upper * divisor) * 0x10000 + (low & 0xffff)
  const lower = Math.floor(last / divisor)
  if (wantsRemainder) {
    r[at] = last - lower * divisor
    r[at + 1] = 0
    return
  }
  r[at + 1] = quotient
  r[at] = (upper << 16) | lower
}

/** Bit by bit: the quotient has 32 at most. */
const divideByLong = (r: Int32Array, at: number, bl: number, bh: number, wantsRemainder: boolean): void => {
  const low = r[at]!
  let quotient = 0
  let rl = r[at + 1]!
  let rh = 0
  for (let bit = 31; bit >= 0; bit--) {
    const carry = rh >>> 31
    rh = (rh << 1) | (rl >>> 31)
    rl = (rl << 1) | ((low >>> bit) & 1)
    if (carry === 0 && below(rl, rh, bl, bh)) continue
    rh = (rh - bh - (rl >>> 0 < bl >>> 0 ? 1 : 0)) | 0
    rl = (rl - bl) | 0
    quotient |= 1 << bit
  }
  r[at] = wantsRemainder ? rl : quotient
  r[at + 1] = wantsRemainder ? rh : 0
}

/** Towards zero; the remainder has the dividend's sign; the smallest number by -1 is itself. */
export const divideSigned = (r: Int32Array, at: number, bl: number, bh: number, wantsRemainder: boolean): void => {
  const isNegative = r[at + 1]! < 0
  const flips = wantsRemainder ? isNegative : isNegative !== bh < 0
  if (isNegative) neg(r, at)
  if (bh < 0) divide(r, at, -bl | 0, (-bh - (bl !== 0 ? 1 : 0)) | 0, wantsRemainder)
  else divide(r, at, bl, bh, wantsRemainder)
  if (flips) neg(r, at)
}

/** Reverses the bytes of a word. */
export const swap32 = (word: number): number =>
  (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)

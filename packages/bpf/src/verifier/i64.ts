/**
 * 64-bit integers as two int32 halves, low word first. An operation returns the low word and leaves the high one in
 * `hi`: the verifier only does such arithmetic, and a BigInt for each value would cost ten times as much.
 */

/** High word of the last two-word result. */
export let hi = 0

export const add64 = (al: number, ah: number, bl: number, bh: number): number => {
  const low = (al + bl) | 0
  hi = (ah + bh + (low >>> 0 < al >>> 0 ? 1 : 0)) | 0
  return low
}

export const sub64 = (al: number, ah: number, bl: number, bh: number): number => {
  hi = (ah - bh - (al >>> 0 < bl >>> 0 ? 1 : 0)) | 0
  return (al - bl) | 0
}

/** Low 64 bits of the product, on 16-bit limbs so that no partial sum leaves the exact range of a double. */
export const mul64 = (al: number, ah: number, bl: number, bh: number): number => {
  const a0 = al & 0xffff
  const a1 = al >>> 16
  const b0 = bl & 0xffff
  const b1 = bl >>> 16
  const low = a0 * b0
  const mid = a1 * b0 + (low >>> 16)
  const mid2 = a0 * b1 + (mid & 0xffff)
  const carry = a1 * b1 + Math.floor(mid / 65536) + Math.floor(mid2 / 65536)
  hi = (carry + Math.imul(al, bh) + Math.imul(ah, bl)) | 0
  return Math.imul(al, bl)
}

/** `count` is 0..63 in the three shifts. */
export const shl64 = (l: number, h: number, count: number): number => {
  if (count === 0) {
    hi = h
    return l
  }
  if (count >= 32) {
    hi = l << (count - 32)
    return 0
  }
  hi = (h << count) | (l >>> (32 - count))
  return l << count
}

export const shr64 = (l: number, h: number, count: number): number => {
  if (count === 0) {
    hi = h
    return l
  }
  if (count >= 32) {
    hi = 0
    return (h >>> (count - 32)) | 0
  }
  hi = (h >>> count) | 0
  return (l >>> count) | (h << (32 - count))
}

export const sar64 = (l: number, h: number, count: number): number => {
  if (count === 0) {
    hi = h
    return l
  }
  if (count >= 32) {
    hi = h >> 31
    return h >> (count - 32)
  }
  hi = h >> count
  return (l >>> count) | (h << (32 - count))
}

export const ult = (a: number, b: number): boolean => a >>> 0 < b >>> 0

export const ult64 = (al: number, ah: number, bl: number, bh: number): boolean =>
  ah === bh ? al >>> 0 < bl >>> 0 : ah >>> 0 < bh >>> 0

export const slt64 = (al: number, ah: number, bl: number, bh: number): boolean =>
  ah === bh ? al >>> 0 < bl >>> 0 : ah < bh

/** The value as a double: exact up to 2^53, what size and offset checks need. */
export const toNumber = (l: number, h: number): number => h * 4294967296 + (l >>> 0)
export const toUnsignedNumber = (l: number, h: number): number => (h >>> 0) * 4294967296 + (l >>> 0)

export const toBig = (l: number, h: number): bigint => (BigInt(h) << 32n) | BigInt(l >>> 0)
export const toUnsignedBig = (l: number, h: number): bigint => (BigInt(h >>> 0) << 32n) | BigInt(l >>> 0)

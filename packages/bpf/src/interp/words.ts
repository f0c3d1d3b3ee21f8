/** 64-bit arithmetic on two int32 halves. Results are left in `out`: low word, high word. */

/** The last result. */
export const out = new Int32Array(2)

const give = (low: number, high: number): void => {
  out[0] = low
  out[1] = high
}

export const add = (al: number, ah: number, bl: number, bh: number): void => {
  const low = (al + bl) | 0
  give(low, (ah + bh + (low >>> 0 < al >>> 0 ? 1 : 0)) | 0)
}

export const sub = (al: number, ah: number, bl: number, bh: number): void => {
  give((al - bl) | 0, (ah - bh - (al >>> 0 < bl >>> 0 ? 1 : 0)) | 0)
}

/** The low 64 bits of the product: schoolbook on 16-bit digits. */
export const mul = (al: number, ah: number, bl: number, bh: number): void => {
  const [a0, a1, b0, b1] = [al & 0xffff, al >>> 16, bl & 0xffff, bl >>> 16]
  const low = Math.imul(al, bl)
  const t = a1 * b0 + ((a0 * b0) >>> 16)
  const high = a1 * b1 + Math.floor(t / 0x10000) + Math.floor(((t & 0xffff) + a0 * b1) / 0x10000)
  give(low, (high + Math.imul(al, bh) + Math.imul(ah, bl)) | 0)
}

export const shl = (low: number, high: number, by: number): void => {
  const n = by & 63
  if (n === 0) give(low, high)
  else if (n < 32) give(low << n, (high << n) | (low >>> (32 - n)))
  else give(0, low << (n - 32))
}

export const shr = (low: number, high: number, by: number): void => {
  const n = by & 63
  if (n === 0) give(low, high)
  else if (n < 32) give((low >>> n) | (high << (32 - n)), high >>> n)
  else give(high >>> (n - 32), 0)
}

export const sar = (low: number, high: number, by: number): void => {
  const n = by & 63
  if (n === 0) give(low, high)
  else if (n < 32) give((low >>> n) | (high << (32 - n)), high >> n)
  else give(high >> (n - 32), high >> 31)
}

export const neg = (low: number, high: number): void => sub(0, 0, low, high)

/** Whether a < b, unsigned. */
export const below = (al: number, ah: number, bl: number, bh: number): boolean =>
  ah === bh ? al >>> 0 < bl >>> 0 : ah >>> 0 < bh >>> 0

/** Whether a < b, signed. */
export const less = (al: number, ah: number, bl: number, bh: number): boolean =>
  ah === bh ? al >>> 0 < bl >>> 0 : ah < bh

/** Quotient, or the remainder; the divisor is not 0. Numbers up to 2^53 divide as doubles, larger ones bit by bit. */
export const divide = (al: number, ah: number, bl: number, bh: number, wantsRemainder: boolean): void => {
  if (ah >>> 0 < SAFE_HIGH && bh >>> 0 < SAFE_HIGH) {
    const a = (ah >>> 0) * WORD + (al >>> 0)
    const b = (bh >>> 0) * WORD + (bl >>> 0)
    const rest = a % b
    const result = wantsRemainder ? rest : (a - rest) / b
    give(result | 0, Math.floor(result / WORD) | 0)
    return
  }
  let [ql, qh, rl, rh] = [0, 0, 0, 0]
  for (let bit = 63; bit >= 0; bit--) {
    const carry = rh >>> 31
    rh = (rh << 1) | (rl >>> 31)
    rl = (rl << 1) | ((bit >= 32 ? ah >>> (bit - 32) : al >>> bit) & 1)
    if (carry === 0 && below(rl, rh, bl, bh)) continue
    sub(rl, rh, bl, bh)
    rl = out[0]!
    rh = out[1]!
    if (bit >= 32) qh |= 1 << (bit - 32)
    else ql |= 1 << bit
  }
  if (wantsRemainder) give(rl, rh)
  else give(ql, qh)
}

/** Towards zero; the remainder has the dividend's sign; the smallest number by -1 is itself. */
export const divideSigned = (al: number, ah: number, bl: number, bh: number, wantsRemainder: boolean): void => {
  const isNegative = ah < 0
  const flips = wantsRemainder ? isNegative : isNegative !== bh < 0
  if (isNegative) neg(al, ah)
  else give(al, ah)
  const [ul, uh] = [out[0]!, out[1]!]
  if (bh < 0) neg(bl, bh)
  else give(bl, bh)
  divide(ul, uh, out[0]!, out[1]!, wantsRemainder)
  if (flips) neg(out[0]!, out[1]!)
}

/** Reverses the bytes of a word. */
export const swap32 = (word: number): number =>
  (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)

const WORD = 0x1_0000_0000
/** Numbers whose high word is below this are exact as doubles. */
const SAFE_HIGH = 0x20_0000

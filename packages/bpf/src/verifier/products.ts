/**
 * Bounds of products, quotients and remainders. They are rare, so 64-bit ones are worked out with BigInt. Callers sync.
 */
import { unbound32, unbound64 } from './bound-steps.ts'
import { toBig, toUnsignedBig } from './i64.ts'
import type { Num } from './num.ts'
import { setConst, smaxBig, sminBig, umaxBig, uminBig } from './num.ts'

const MIN64 = -(2n ** 63n)
const MAX64 = 2n ** 63n - 1n
const UMAX64 = 2n ** 64n - 1n
const MIN32 = -2147483648
const MAX32 = 0x7fffffff
const UMAX32 = 0xffffffff

const low = (value: bigint): number => Number(BigInt.asIntN(32, value))
const high = (value: bigint): number => Number(BigInt.asIntN(32, value >> 32n))

const setUnsigned64 = (r: Num, min: bigint, max: bigint): void => {
  r.uminl = low(min)
  r.uminh = high(min)
  r.umaxl = low(max)
  r.umaxh = high(max)
}

const setSigned64 = (r: Num, min: bigint, max: bigint): void => {
  r.sminl = low(min)
  r.sminh = high(min)
  r.smaxl = low(max)
  r.smaxh = high(max)
}

const setSigned32 = (r: Num, min: number, max: number): void => {
  r.s32min = min
  r.s32max = max
}

const smallest = (values: readonly bigint[]): bigint => values.reduce((a, b) => (b < a ? b : a))
const largest = (values: readonly bigint[]): bigint => values.reduce((a, b) => (b > a ? b : a))

const products = (a: readonly [bigint, bigint], b: readonly [bigint, bigint]): bigint[] =>
  a.flatMap((one) => b.map((two) => one * two))

/** All that it can be is from 0 to 2^32 - 1, with or without sign. */
const isShort = (r: Num): boolean => r.sminh === 0 && r.smaxh === 0 && r.uminh === 0 && r.umaxh === 0

const TWO32 = 2 ** 32

/** Products of short numbers that a double holds exactly; false for others. */
const multiplyShort = (r: Num, b: Num): boolean => {
  if (!isShort(r) || !isShort(b)) return false
  const most = Math.max(r.smaxl >>> 0, r.umaxl >>> 0) * Math.max(b.smaxl >>> 0, b.umaxl >>> 0)
  if (most > Number.MAX_SAFE_INTEGER) return false
  const [smin, smax] = [(r.sminl >>> 0) * (b.sminl >>> 0), (r.smaxl >>> 0) * (b.smaxl >>> 0)]
  const [umin, umax] = [(r.uminl >>> 0) * (b.uminl >>> 0), (r.umaxl >>> 0) * (b.umaxl >>> 0)]
  r.sminl = smin | 0
  r.sminh = Math.floor(smin / TWO32)
  r.smaxl = smax | 0
  r.smaxh = Math.floor(smax / TWO32)
  r.uminl = umin | 0
  r.uminh = Math.floor(umin / TWO32)
  r.umaxl = umax | 0
  r.umaxh = Math.floor(umax / TWO32)
  return true
}

export const multiply64 = (r: Num, b: Num): void => {
  if (multiplyShort(r, b)) return
  const all = products([sminBig(r), smaxBig(r)], [sminBig(b), smaxBig(b)])
  const max = umaxBig(r) * umaxBig(b)
  const min = uminBig(r) * uminBig(b)
  const fits = smallest(all) >= MIN64 && largest(all) <= MAX64
  setSigned64(r, fits ? smallest(all) : MIN64, fits ? largest(all) : MAX64)
  setUnsigned64(r, max > UMAX64 ? 0n : min, max > UMAX64 ? UMAX64 : max)
}

/** The same of 32 bits: both are positive, and so is the product. */
const multiplyShort32 = (r: Num, b: Num): boolean => {
  if (r.s32min < 0 || b.s32min < 0 || r.u32min < 0 || b.u32min < 0 || r.u32max < 0 || b.u32max < 0) return false
  const most = Math.max(r.s32max, r.u32max) * Math.max(b.s32max, b.u32max)
  if (most > MAX32) return false
  r.s32min *= b.s32min
  r.s32max *= b.s32max
  r.u32min *= b.u32min
  r.u32max *= b.u32max
  return true
}

export const multiply32 = (r: Num, b: Num): void => {
  if (multiplyShort32(r, b)) return
  const big = BigInt
  const all = products([big(r.s32min), big(r.s32max)], [big(b.s32min), big(b.s32max)])
  const max = big(r.u32max >>> 0) * big(b.u32max >>> 0)
  const fits = smallest(all) >= big(MIN32) && largest(all) <= big(MAX32)
  setSigned32(r, fits ? Number(smallest(all)) : MIN32, fits ? Number(largest(all)) : MAX32)
  const isLost = max > big(UMAX32)
  r.u32min = isLost ? 0 : low(big(r.u32min >>> 0) * big(b.u32min >>> 0))
  r.u32max = isLost ? -1 : low(max)
}

interface Range {
  readonly min: bigint
  readonly max: bigint
}

/** The lowest number divided by -1 is itself. */
const quotient = ({ min, max }: Range, by: bigint, lowest: bigint): Range => {
  if (min === lowest && by === -1n) return max === lowest ? { min, max } : { min, max: -lowest - 1n }
  const [one, two] = [min / by, max / by]
  return one < two ? { min: one, max: two } : { min: two, max: one }
}

/** Null: the number stays what it was. The sign is that of the dividend. */
const remainder = ({ min, max }: Range, by: bigint): Range | null => {
  const most = (by < 0n ? -by : by) - 1n
  if (min >= -most && max <= most) return null
  if (min >= 0n) return { min: 0n, max: max < most ? max : most }
  if (max <= 0n) return { min: min > -most ? min : -most, max: 0n }
  return { min: -most, max: most }
}

const rangeOf = (r: Num, wide: boolean, isSigned: boolean): Range => {
  if (wide) return isSigned ? { min: sminBig(r), max: smaxBig(r) } : { min: uminBig(r), max: umaxBig(r) }
  return isSigned ? { min: BigInt(r.s32min), max: BigInt(r.s32max) }
    : { min: BigInt(r.u32min >>> 0), max: BigInt(r.u32max >>> 0) }
}

const divisorOf = (b: Num, wide: boolean, isSigned: boolean): bigint => {
  if (wide) return isSigned ? toBig(b.sminl, b.sminh) : toUnsignedBig(b.uminl, b.uminh)
  return BigInt(isSigned ? b.s32min : b.u32min >>> 0)
}

const replace = (r: Num, { min, max }: Range, wide: boolean, isSigned: boolean): void => {
  unbound32(r)
  unbound64(r)
  r.vl = r.vh = 0
  r.ml = r.mh = -1
  if (wide && isSigned) setSigned64(r, min, max)
  else if (wide) setUnsigned64(r, min, max)
  else if (isSigned) setSigned32(r, Number(min), Number(max))
  else {
    r.u32min = low(min)
    r.u32max = low(max)
  }
}

/** `r` divided by the constant `b`, or what is left over: x / 0 is 0, and x % 0 is x. */
export const divide = (r: Num, b: Num, isModulo: boolean, wide: boolean, isSigned: boolean): void => {
  const by = divisorOf(b, wide, isSigned)
  if (by === 0n) {
    if (!isModulo) setConst(r, 0, 0)
    return
  }
  const range = rangeOf(r, wide, isSigned)
  const result = isModulo ? remainder(range, by) : quotient(range, by, wide ? MIN64 : BigInt(MIN32))
  if (result !== null) replace(r, result, wide, isSigned)
}

/**
 * The verifier's knowledge about one 64-bit value: bits (a tnum) and signed and unsigned bounds of the whole and of the
 * low half.
 */
import { toBig, toUnsignedBig } from './i64.ts'

const SIGN = -2147483648
const MAX = 0x7fffffff

/**
 * Every field is one int32 word (unsigned ones too; compare them with `>>> 0`); `l` and `h` end the halves of a
 * 64-bit value.
 * INVARIANT: a Num that a register holds is never written again: operations fill a fresh one, so states may share them.
 */
export class Num {
  /** Known bits: value where mask is 0. */
  vl = 0
  vh = 0
  ml = -1
  mh = -1
  sminl = 0
  sminh = SIGN
  smaxl = -1
  smaxh = MAX
  uminl = 0
  uminh = 0
  umaxl = -1
  umaxh = -1
  s32min = SIGN
  s32max = MAX
  u32min = 0
  u32max = -1
}

export const copyNum = (from: Num): Num => {
  const to = new Num()
  to.vl = from.vl
  to.vh = from.vh
  to.ml = from.ml
  to.mh = from.mh
  to.sminl = from.sminl
  to.sminh = from.sminh
  to.smaxl = from.smaxl
  to.smaxh = from.smaxh
  to.uminl = from.uminl
  to.uminh = from.uminh
  to.umaxl = from.umaxl
  to.umaxh = from.umaxh
  to.s32min = from.s32min
  to.s32max = from.s32max
  to.u32min = from.u32min
  to.u32max = from.u32max
  return to
}

/** Makes `to` the constant. */
export const setConst = (to: Num, l: number, h: number): void => {
  to.vl = to.sminl = to.smaxl = to.uminl = to.umaxl = l
  to.vh = to.sminh = to.smaxh = to.uminh = to.umaxh = h
  to.ml = to.mh = 0
  to.s32min = to.s32max = to.u32min = to.u32max = l
}

/** Nothing known. */
export const UNKNOWN = new Num()

const small: Num[] = []
/** The constant with these halves; small ones are shared. */
export const constNum = (l: number, h: number): Num => {
  const cached = h === 0 && l >= 0 && l < 256
  if (cached && small[l] !== undefined) return small[l]
  const num = new Num()
  setConst(num, l, h)
  if (cached) small[l] = num
  return num
}

/** The constant that an int32 immediate sign-extends to. */
export const immNum = (imm: number): Num => constNum(imm, imm >> 31)

export const ZERO = constNum(0, 0)

export const isConst = (a: Num): boolean => (a.ml | a.mh) === 0
export const isZero = (a: Num): boolean => (a.ml | a.mh | a.vl | a.vh) === 0

export const sameNum = (a: Num, b: Num): boolean =>
  a === b ||
  (a.vl === b.vl &&
    a.vh === b.vh &&
    a.ml === b.ml &&
    a.mh === b.mh &&
    a.sminl === b.sminl &&
    a.sminh === b.sminh &&
    a.smaxl === b.smaxl &&
    a.smaxh === b.smaxh &&
    a.uminl === b.uminl &&
    a.uminh === b.uminh &&
    a.umaxl === b.umaxl &&
    a.umaxh === b.umaxh &&
    a.s32min === b.s32min &&
    a.s32max === b.s32max &&
    a.u32min === b.u32min &&
    a.u32max === b.u32max)

export const sminBig = (a: Num): bigint => toBig(a.sminl, a.sminh)
export const smaxBig = (a: Num): bigint => toBig(a.smaxl, a.smaxh)
export const uminBig = (a: Num): bigint => toUnsignedBig(a.uminl, a.uminh)
export const umaxBig = (a: Num): bigint => toUnsignedBig(a.umaxl, a.umaxh)

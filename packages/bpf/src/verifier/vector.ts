/**
 * A number as recorded vectors write it: `value:mask:smin:smax:umin:umax:s32min:s32max:u32min:u32max`, the first two
 * in hex.
 */
import { toUnsignedBig } from './i64.ts'
import { Num, smaxBig, sminBig, umaxBig, uminBig } from './num.ts'

const low = (value: bigint): number => Number(BigInt.asIntN(32, value))
const high = (value: bigint): number => Number(BigInt.asIntN(32, value >> 32n))

/** Throws a SyntaxError on text that is not a number. */
export const parseVector = (text: string): Num => {
  const parts = text.split(':').map((part, i) => BigInt(i < 2 ? `0x${part}` : part))
  if (parts.length !== 10) throw new SyntaxError(`not a number of ten parts: ${text}`)
  const [v, m, smin, smax, umin, umax, s32min, s32max, u32min, u32max] = parts as [bigint, ...bigint[]] & bigint[]
  const num = new Num()
  num.vl = low(v)
  num.vh = high(v)
  num.ml = low(m!)
  num.mh = high(m!)
  num.sminl = low(smin!)
  num.sminh = high(smin!)
  num.smaxl = low(smax!)
  num.smaxh = high(smax!)
  num.uminl = low(umin!)
  num.uminh = high(umin!)
  num.umaxl = low(umax!)
  num.umaxh = high(umax!)
  num.s32min = low(s32min!)
  num.s32max = low(s32max!)
  num.u32min = low(u32min!)
  num.u32max = low(u32max!)
  return num
}

export const formatVector = (a: Num): string =>
  [
    toUnsignedBig(a.vl, a.vh).toString(16), toUnsignedBig(a.ml, a.mh).toString(16),
    sminBig(a), smaxBig(a), uminBig(a), umaxBig(a), a.s32min, a.s32max, a.u32min >>> 0, a.u32max >>> 0,
  ].join(':')

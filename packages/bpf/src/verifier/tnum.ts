/**
 * The bits of a number that are known: value `v`, and mask `m` of the unknown ones. Each operation writes the tnum of
 * `to` and leaves its bounds alone; the algorithms are those of kernel/bpf/tnum.c, stated in Vishwanathan et al., CGO
 * 2022.
 */
import { add64, hi, mul64, sar64, shl64, shr64, sub64 } from './i64.ts'
import type { Num } from './num.ts'

export const tnumAdd = (to: Num, a: Num, b: Num): void => {
  addParts(to, a.vl, a.vh, a.ml, a.mh, b.vl, b.vh, b.ml, b.mh)
}

const addParts = (
  to: Num, avl: number, avh: number, aml: number, amh: number, bvl: number, bvh: number, bml: number, bmh: number,
): void => {
  const smaskl = add64(aml, amh, bml, bmh)
  const smaskh = hi
  const svl = add64(avl, avh, bvl, bvh)
  const svh = hi
  const suml = add64(smaskl, smaskh, svl, svh)
  const ml = (suml ^ svl) | aml | bml
  const mh = (hi ^ svh) | amh | bmh
  to.vl = svl & ~ml
  to.vh = svh & ~mh
  to.ml = ml
  to.mh = mh
}

export const tnumSub = (to: Num, a: Num, b: Num): void => {
  const aml = a.ml
  const amh = a.mh
  const bml = b.ml
  const bmh = b.mh
  const dl = sub64(a.vl, a.vh, b.vl, b.vh)
  const dh = hi
  const al = add64(dl, dh, aml, amh)
  const ah = hi
  const bl = sub64(dl, dh, bml, bmh)
  const ml = (al ^ bl) | aml | bml
  const mh = (ah ^ hi) | amh | bmh
  to.vl = dl & ~ml
  to.vh = dh & ~mh
  to.ml = ml
  to.mh = mh
}

export const tnumAnd = (to: Num, a: Num, b: Num): void => {
  const vl = a.vl & b.vl
  const vh = a.vh & b.vh
  const ml = (a.vl | a.ml) & (b.vl | b.ml) & ~vl
  const mh = (a.vh | a.mh) & (b.vh | b.mh) & ~vh
  to.vl = vl
  to.vh = vh
  to.ml = ml
  to.mh = mh
}

export const tnumOr = (to: Num, a: Num, b: Num): void => {
  const vl = a.vl | b.vl
  const vh = a.vh | b.vh
  const ml = (a.ml | b.ml) & ~vl
  const mh = (a.mh | b.mh) & ~vh
  to.vl = vl
  to.vh = vh
  to.ml = ml
  to.mh = mh
}

export const tnumXor = (to: Num, a: Num, b: Num): void => {
  const ml = a.ml | b.ml
  const mh = a.mh | b.mh
  to.vl = (a.vl ^ b.vl) & ~ml
  to.vh = (a.vh ^ b.vh) & ~mh
  to.ml = ml
  to.mh = mh
}

/**
 * Long multiplication over the uncertain bits of `a`: known parts multiply exactly, uncertain ones only widen the
 * mask.
 */
export const tnumMul = (to: Num, a: Num, b: Num): void => {
  const knownl = mul64(a.vl, a.vh, b.vl, b.vh)
  const knownh = hi
  let avl = a.vl
  let avh = a.vh
  let aml = a.ml
  let amh = a.mh
  let bvl = b.vl
  let bvh = b.vh
  let bml = b.ml
  let bmh = b.mh
  to.vl = to.vh = to.ml = to.mh = 0
  while ((avl | avh | aml | amh) !== 0) {
    if ((avl & 1) !== 0) addParts(to, to.vl, to.vh, to.ml, to.mh, 0, 0, bml, bmh)
    else if ((aml & 1) !== 0) addParts(to, to.vl, to.vh, to.ml, to.mh, 0, 0, bvl | bml, bvh | bmh)
    avl = shr64(avl, avh, 1)
    avh = hi
    aml = shr64(aml, amh, 1)
    amh = hi
    bvl = shl64(bvl, bvh, 1)
    bvh = hi
    bml = shl64(bml, bmh, 1)
    bmh = hi
  }
  addParts(to, to.vl, to.vh, to.ml, to.mh, knownl, knownh, 0, 0)
}

/** Adds `v` to `to` for each bit of `m`, shifted to its place, as bits of which none is known. */
const addUnknown = (to: Num, vl: number, vh: number, ml: number, mh: number): void => {
  while ((ml | mh) !== 0) {
    if ((ml & 1) !== 0) addParts(to, to.vl, to.vh, to.ml, to.mh, 0, 0, vl, vh)
    ml = shr64(ml, mh, 1)
    mh = hi
    vl = shl64(vl, vh, 1)
    vh = hi
  }
}

/** The product of the known bits, and each uncertain part times the other side. */
export const tnumMulByParts = (to: Num, a: Num, b: Num): void => {
  const [avl, avh, aml, amh] = [a.vl, a.vh, a.ml, a.mh]
  const [bvl, bvh, bml, bmh] = [b.vl, b.vh, b.ml, b.mh]
  to.vl = mul64(avl, avh, bvl, bvh)
  to.vh = hi
  to.ml = to.mh = 0
  addUnknown(to, aml, amh, bml | bvl, bmh | bvh)
  addUnknown(to, bml, bmh, avl, avh)
}

/** Long multiplication: for each bit of `a`, `b` is added, or not, or both are joined where the bit is unknown. */
export const tnumMulExact = (to: Num, a: Num, b: Num): void => {
  let [avl, avh, aml, amh] = [a.vl, a.vh, a.ml, a.mh]
  let [bvl, bvh, bml, bmh] = [b.vl, b.vh, b.ml, b.mh]
  to.vl = to.vh = to.ml = to.mh = 0
  while ((avl | avh | aml | amh) !== 0) {
    const { vl, vh, ml, mh } = to
    const isUnknown = (aml & 1) !== 0
    if (isUnknown || (avl & 1) !== 0) addParts(to, vl, vh, ml, mh, bvl, bvh, bml, bmh)
    if (isUnknown) join(to, vl, vh, ml, mh)
    avl = shr64(avl, avh, 1)
    avh = hi
    aml = shr64(aml, amh, 1)
    amh = hi
    bvl = shl64(bvl, bvh, 1)
    bvh = hi
    bml = shl64(bml, bmh, 1)
    bmh = hi
  }
}

/** What fits one of both: bits that differ are unknown. */
const join = (to: Num, vl: number, vh: number, ml: number, mh: number): void => {
  to.ml |= ml | (to.vl ^ vl)
  to.mh |= mh | (to.vh ^ vh)
  to.vl &= vl & ~to.ml
  to.vh &= vh & ~to.mh
}

export const tnumShl = (to: Num, a: Num, count: number): void => {
  to.vl = shl64(a.vl, a.vh, count)
  to.vh = hi
  to.ml = shl64(a.ml, a.mh, count)
  to.mh = hi
}

export const tnumShr = (to: Num, a: Num, count: number): void => {
  to.vl = shr64(a.vl, a.vh, count)
  to.vh = hi
  to.ml = shr64(a.ml, a.mh, count)
  to.mh = hi
}

export const tnumSar = (to: Num, a: Num, count: number): void => {
  to.vl = sar64(a.vl, a.vh, count)
  to.vh = hi
  to.ml = sar64(a.ml, a.mh, count)
  to.mh = hi
}

export const tnumSubreg = (to: Num, a: Num): void => {
  to.vl = a.vl
  to.ml = a.ml
  to.vh = to.mh = 0
}

const swap32 = (word: number): number =>
  (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)

const swap16 = (word: number): number => ((word & 0xff) << 8) | ((word >>> 8) & 0xff)

/** The lowest `width` bits (16, 32 or 64) with their bytes in the other order; the rest is 0. */
export const tnumSwap = (to: Num, width: number): void => {
  if (width === 64) {
    [to.vl, to.vh] = [swap32(to.vh), swap32(to.vl)];
    [to.ml, to.mh] = [swap32(to.mh), swap32(to.ml)]
    return
  }
  const swap = width === 32 ? swap32 : swap16
  to.vl = swap(to.vl)
  to.ml = swap(to.ml)
  to.vh = to.mh = 0
}

/** Knowledge of both; the caller knows that they do not contradict each other. */
export const tnumIntersect = (to: Num, vl: number, vh: number, ml: number, mh: number): void => {
  const nextml = to.ml & ml
  const nextmh = to.mh & mh
  to.vl = (to.vl | vl) & ~nextml
  to.vh = (to.vh | vh) & ~nextmh
  to.ml = nextml
  to.mh = nextmh
}

/** Intersects with the smallest tnum that holds every unsigned value from min to max. */
export const tnumIntersectRange = (to: Num, minl: number, minh: number, maxl: number, maxh: number): void => {
  const diffh = minh ^ maxh
  const diffl = minl ^ maxl
  if (diffh < 0) return
  let ml: number
  let mh: number
  if (diffh !== 0) {
    ml = -1
    mh = (1 << (32 - Math.clz32(diffh))) - 1
  } else {
    mh = 0
    ml = diffl < 0 ? -1 : (1 << (32 - Math.clz32(diffl))) - 1
  }
  tnumIntersect(to, minl & ~ml, minh & ~mh, ml, mh)
}

/** No value satisfies both. */
export const tnumDisjoint = (a: Num, b: Num): boolean =>
  ((a.vl ^ b.vl) & ~(a.ml | b.ml)) !== 0 || ((a.vh ^ b.vh) & ~(a.mh | b.mh)) !== 0

export const tnumDisjoint32 = (a: Num, b: Num): boolean => ((a.vl ^ b.vl) & ~(a.ml | b.ml)) !== 0

/** Every value of `b` is one of `a`. */
export const tnumIn = (a: Num, b: Num): boolean =>
  (b.ml & ~a.ml) === 0 && (b.mh & ~a.mh) === 0 && (b.vl & ~a.ml) === a.vl && (b.vh & ~a.mh) === a.vh

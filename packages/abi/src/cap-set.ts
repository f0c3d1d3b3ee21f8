/**
 * Sets of capabilities, `kernel_cap_t`: 64 bits in two int32 words, so that a test of one capability is a shift and no
 * set is a heap number. Functions take anything with the two words; only `capRaise`, `capLower` and `capAssign` write.
 */
import {
  CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_FSETID, CAP_LAST_CAP, CAP_LINUX_IMMUTABLE,
  CAP_MAC_OVERRIDE, CAP_MKNOD, CAP_SYS_RESOURCE,
} from './capability.ts'

/** `lo` has capabilities 0 to 31, `hi` 32 to 63; either may be read as signed or unsigned. */
export interface CapWords {
  readonly lo: number
  readonly hi: number
}

export class CapSet implements CapWords {
  lo: number
  hi: number
  constructor(lo = 0, hi = 0) {
    this.lo = lo | 0
    this.hi = hi | 0
  }
}

/** As `cap_raised`: whether `cap` is in the set; false for numbers outside 0 to 63. */
export const capHas = (set: CapWords, cap: number): boolean => {
  const word = cap >>> 5
  return word === 0 ? ((set.lo >>> cap) & 1) !== 0 : word === 1 ? ((set.hi >>> cap) & 1) !== 0 : false
}

/** As `cap_raise`: adds `cap` in place. Numbers outside 0 to 63 change nothing. */
export const capRaise = (set: CapSet, cap: number): void => {
  const word = cap >>> 5
  if (word === 0) set.lo |= 1 << cap
  else if (word === 1) set.hi |= 1 << cap
}

/** As `cap_lower`: takes `cap` out in place. Numbers outside 0 to 63 change nothing. */
export const capLower = (set: CapSet, cap: number): void => {
  const word = cap >>> 5
  if (word === 0) set.lo &= ~(1 << cap)
  else if (word === 1) set.hi &= ~(1 << cap)
}

/** Makes `target` equal to `from`, in place. */
export const capAssign = (target: CapSet, from: CapWords): void => {
  target.lo = from.lo | 0
  target.hi = from.hi | 0
}

/** A set of its own: needed before one of the constants below, or another cred's set, is changed. */
export const capCopy = (set: CapWords): CapSet => new CapSet(set.lo, set.hi)

/** As `cap_combine`. */
export const capUnion = (a: CapWords, b: CapWords): CapSet => new CapSet(a.lo | b.lo, a.hi | b.hi)

/** As `cap_intersect`. */
export const capIntersect = (a: CapWords, b: CapWords): CapSet => new CapSet(a.lo & b.lo, a.hi & b.hi)

/** As `cap_drop`: what is in `a` and not in `b`. */
export const capWithout = (a: CapWords, b: CapWords): CapSet => new CapSet(a.lo & ~b.lo, a.hi & ~b.hi)

/** As `cap_issubset`: whether all of `a` is in `of`. */
export const capIsSubset = (a: CapWords, of: CapWords): boolean => ((a.lo & ~of.lo) | (a.hi & ~of.hi)) === 0

/** As `cap_isidentical`. */
export const capEqual = (a: CapWords, b: CapWords): boolean => ((a.lo ^ b.lo) | (a.hi ^ b.hi)) === 0

/** As `cap_isclear`. */
export const capIsEmpty = (set: CapWords): boolean => (set.lo | set.hi) === 0

export const capSetOf = (...caps: readonly number[]): CapSet => {
  const set = new CapSet()
  for (const cap of caps) capRaise(set, cap)
  return set
}

/** The members, rising. */
export const capList = (set: CapWords): number[] => {
  const caps: number[] = []
  for (let cap = 0; cap < 64; cap++) if (capHas(set, cap)) caps.push(cap)
  return caps
}

/** Sixteen hexadecimal digits, as the Cap lines of /proc/PID/status. */
export const capToHex = (set: CapWords): string => hex8(set.hi) + hex8(set.lo)

/** Hexadecimal without leading zeros; the empty set is `0`. */
export const capToShortHex = (set: CapWords): string => capToHex(set).replace(/^0+(?=.)/, '')

/** Reads 1 to 16 hexadecimal digits, `0x` allowed; undefined for any other text. */
export const capFromHex = (text: string): CapSet | undefined => {
  const digits = /^(?:0x)?([0-9a-f]{1,16})$/i.exec(text)?.[1]?.padStart(16, '0')
  return digits === undefined ? undefined : new CapSet(parseInt(digits.slice(8), 16), parseInt(digits.slice(0, 8), 16))
}

/** The set as one unsigned 64-bit number. */
export const capToBigInt = (set: CapWords): bigint => (BigInt(set.hi >>> 0) << 32n) | BigInt(set.lo >>> 0)

export const capFromBigInt = (value: bigint): CapSet =>
  new CapSet(Number(value & 0xffffffffn), Number((value >> 32n) & 0xffffffffn))

const hex8 = (word: number): string => (word >>> 0).toString(16).padStart(8, '0')

const constant = (...caps: readonly number[]): CapWords => Object.freeze(capSetOf(...caps))

export const CAP_EMPTY_SET: CapWords = /* @__PURE__ */ constant()

/** Every capability up to CAP_LAST_CAP. */
export const CAP_FULL_SET: CapWords = /* @__PURE__ */ constant(...Array(CAP_LAST_CAP + 1).keys())

const fsCaps = [
  CAP_CHOWN,
  CAP_MKNOD,
  CAP_DAC_OVERRIDE,
  CAP_DAC_READ_SEARCH,
  CAP_FOWNER,
  CAP_FSETID,
  CAP_MAC_OVERRIDE,
] as const

/** The capabilities that a process loses on leaving fsuid 0 and gains on reaching it. */
export const CAP_FS_SET: CapWords = /* @__PURE__ */ constant(...fsCaps, CAP_LINUX_IMMUTABLE)

/** The capabilities that the NFS server drops for a client that is not root. */
export const CAP_NFSD_SET: CapWords = /* @__PURE__ */ constant(...fsCaps, CAP_SYS_RESOURCE)

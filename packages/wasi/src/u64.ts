/**
 * 64-bit values between a guest's memory and JavaScript numbers, without making bigints. Parameters arrive as signed
 * bigints: an offset or a length is signed to the kernel too, and beyond 2^63 it is a negative one.
 */

const WORD = 2 ** 32

/** Stores an integer of 0..2^53. */
export const setU64 = (view: DataView, at: number, value: number): void => {
  view.setUint32(at, value % WORD, true)
  view.setUint32(at + 4, value / WORD, true)
}

/** Stores seconds and nanoseconds as nanoseconds, exactly; a time before the epoch as 0. */
export const setTimestamp = (view: DataView, at: number, sec: number, nsec: number): void => {
  if (sec < 0) return setU64(view, at, 0)
  const high = Math.floor(sec / 0x10000) * 1e9
  const rest = (high % 0x10000) * 0x10000 + (sec % 0x10000) * 1e9 + nsec
  view.setUint32(at, rest % WORD, true)
  view.setUint32(at + 4, Math.floor(high / 0x10000) + Math.floor(rest / WORD), true)
}

/** Reads an unsigned value; beyond 2^53 it is only near. */
export const getU64 = (view: DataView, at: number): number =>
  view.getUint32(at, true) + view.getUint32(at + 4, true) * WORD

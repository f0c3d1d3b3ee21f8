/**
 * Memory of the program that makes a system call, as `void __user *` (linux/uaccess.h). Other threads of the program
 * may change it at any time. So the kernel copies each byte once, before it asks a hook about it, and it never reads
 * back what it has written there.
 *
 * INVARIANT: only this file looks into a `GuestBytes`. Every `Uint8Array` is a `GuestBytes`, so callers in this process
 * pass their own arrays. No `GuestBytes` is a `Uint8Array`, so it cannot be passed to a hook, driver or queue by
 * mistake.
 */

/** Bytes that cannot be read but by the functions of this file. */
export interface GuestBytes {
  readonly length: number
  readonly [Symbol.toStringTag]: 'Uint8Array'
}

export const isGuestBytes = (value: unknown): value is GuestBytes => value instanceof Uint8Array

/** Whether `part` is memory of `whole`: the same bytes, not equal ones. */
export const isPartOf = (part: GuestBytes, whole: GuestBytes): boolean => {
  const [inner, outer] = [part as Uint8Array, whole as Uint8Array]
  return inner.buffer === outer.buffer && inner.byteOffset >= outer.byteOffset &&
    inner.byteOffset + inner.byteLength <= outer.byteOffset + outer.byteLength
}

/** As `copy_from_user`: `length` bytes from `at`, fewer where there are no more. The kernel's own from then on. */
export const copyIn = (from: GuestBytes, at = 0, length = from.length): Uint8Array<ArrayBuffer> => {
  const bytes = from as Uint8Array
  if (bytes.constructor === Uint8Array) return bytes.slice(at, at + length)
  // a subclass slices in its own way: of a Buffer it is no copy
  const piece = bytes.subarray(at, at + length)
  const copy = new Uint8Array(piece.length)
  copy.set(piece)
  return copy
}

/** The same memory from `at` on, for programs that read it as a user's: nobody else may look there. */
export const guestFrom = (from: GuestBytes, at: number): GuestBytes =>
  (at === 0 ? from : (from as Uint8Array).subarray(at))

/** Longest range that a loop copies sooner than `set` does. */
const SMALL = 32

/** As `copy_from_user` to where the bytes stay: a page, a queue. All `length` bytes are there. */
export const copyInto = (from: GuestBytes, at: number, length: number, to: Uint8Array, off: number): void => {
  const bytes = from as Uint8Array
  if (length > SMALL) to.set(bytes.subarray(at, at + length), off)
  else for (let i = 0; i < length; i++) to[off + i] = bytes[at + i] as number
}

/** As `copy_to_user`: `bytes`, to `at`; there is room for them. */
export const copyOut = (bytes: ArrayLike<number>, to: GuestBytes, at = 0): void => (to as Uint8Array).set(bytes, at)

/** As `copyOut`: how many bytes, which is what a read returns. */
export const give = (bytes: ArrayLike<number>, to: GuestBytes, at: number): number => {
  copyOut(bytes, to, at)
  return bytes.length
}

/** As `copyOut`, for `length` bytes from `off` of what the kernel has. */
export const copyOutOf = (bytes: Uint8Array, off: number, length: number, to: GuestBytes, at: number): void =>
  copyInto(bytes, off, length, to as Uint8Array, at)

/** As `clear_user`: zeroes from `at` to `end`. */
export const clear = (to: GuestBytes, at: number, end: number): void => void (to as Uint8Array).fill(0, at, end)

/** The caller's memory from `at` on, not looked at: `length` bytes, fewer where there are no more. */
export const partOf = (bytes: GuestBytes, at: number, length: number): GuestBytes =>
  (bytes as Uint8Array).subarray(at, at + length)

/** Bytes of all pieces of a vector. */
export const totalOf = (pieces: readonly GuestBytes[]): number => pieces.reduce((sum, { length }) => sum + length, 0)

/** All pieces in one, as much as `length` has room for. */
export const gather = (pieces: readonly GuestBytes[], length = totalOf(pieces)): Uint8Array<ArrayBuffer> => {
  const all = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    const count = Math.min(piece.length, length - at)
    copyInto(piece, 0, count, all, at)
    at += count
  }
  return all
}

/** The other way: `bytes` over the pieces, until either ends. */
export const scatter = (bytes: Uint8Array, pieces: readonly GuestBytes[]): void => {
  let at = 0
  for (const piece of pieces) {
    copyOut(bytes.subarray(at, at + piece.length), piece)
    at += Math.min(piece.length, bytes.length - at)
  }
}

/** For one transfer by the host's own kernel (read(2), write(2) of a file of the host), which copies it once too. */
export const forHost = (bytes: GuestBytes): Uint8Array => bytes as Uint8Array

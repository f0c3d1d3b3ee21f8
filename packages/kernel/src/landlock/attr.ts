/** Structs as programs lay them out in memory, read as the kernel reads them. */
import { E2BIG, EFAULT, EINVAL, PAGE_SIZE } from '@lsmkit/abi'
import { copyIn, isGuestBytes } from '../state/guest-bytes.ts'

/** 64-bit words. */
export type Words = readonly bigint[]

/** A size_t: negative numbers are very large. */
const sizeOf = (size: number): number => (size < 0 ? Infinity : size)

const wordsOf = (bytes: Uint8Array): Words => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.length >> 3 }, (_, i) => view.getBigUint64(8 * i, true))
}

/**
 * As `copy_min_struct_from_user`: copies a struct of `known` bytes, of which the caller passes `size`, at least
 * `least`. Bytes that are not known must be zero. -EFAULT, -EINVAL or -E2BIG.
 */
export const copyStruct = (from: unknown, size: number, least: number, known: number): Words | number => {
  if (from === null || from === undefined) return -EFAULT
  if (sizeOf(size) < least) return -EINVAL
  if (sizeOf(size) > PAGE_SIZE) return -E2BIG
  if (!isGuestBytes(from) || from.length < size) return -EFAULT
  const given = copyIn(from, 0, size)
  if (given.subarray(known).some((byte) => byte !== 0)) return -E2BIG
  const bytes = new Uint8Array(known)
  bytes.set(given.subarray(0, known))
  return wordsOf(bytes)
}

/** As `copy_from_user` of exactly so many bytes; null where they are not all there. */
export const copyBytes = (from: unknown, length: number): DataView | null =>
  isGuestBytes(from) && from.length >= length ? new DataView(copyIn(from, 0, length).buffer) : null

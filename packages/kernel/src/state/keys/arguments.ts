/** Arguments of the calls on keys: serial numbers, texts and buffers. */
import { EFAULT, EINVAL, EPERM, PAGE_SIZE } from '@lsmkit/abi'
import { copyIn, isGuestBytes, partOf } from '../guest-bytes.ts'
import type { GuestBytes } from '../guest-bytes.ts'
import { byteLength } from '../vfs/names.ts'

/** An argument of keyctl(2): a number, or the memory that an address leads to. */
export type KeyArg = number | string | GuestBytes | readonly GuestBytes[] | null | undefined

/** Longest type, and longest description, with their NUL. */
const TYPE_SIZE = 32

const upToNul = (text: string): string => text.replace(/\0.*$/s, '')

export const number = (arg: KeyArg): number => (typeof arg === 'number' ? arg : 0)
/** A key_serial_t. */
export const serial = (arg: KeyArg): number => number(arg) | 0

/** A text in memory: -EFAULT without one, -EINVAL if it is too long (descriptions, call-outs: a page). */
export const text = (arg: KeyArg): string | number => {
  if (typeof arg !== 'string') return -EFAULT
  const value = upToNul(arg)
  return byteLength(value) + 1 > PAGE_SIZE ? -EINVAL : value
}

/** Null stays null; 0 is a null pointer. */
export const optionalText = (arg: KeyArg): string | number | null =>
  arg === null || arg === undefined || arg === 0 ? null : text(arg)

/** As `key_get_type_from_user`: types with a dot are the kernel's. */
export const typeName = (arg: KeyArg): string | number => {
  if (typeof arg !== 'string') return -EFAULT
  const value = upToNul(arg)
  const length = byteLength(value)
  if (length === 0 || length >= TYPE_SIZE) return -EINVAL
  return value.startsWith('.') ? -EPERM : value
}

/** Copies in `length` bytes of payload; null without any. */
export const payload = (arg: KeyArg, length: number): Uint8Array | number | null => {
  if (length === 0) return null
  return isGuestBytes(arg) && arg.length >= length ? copyIn(arg, 0, length) : -EFAULT
}

/** A buffer to fill; null without one. */
export const buffer = (arg: KeyArg, length: number): GuestBytes | null =>
  isGuestBytes(arg) && length > 0 ? partOf(arg, 0, length) : null

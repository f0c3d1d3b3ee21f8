/** Path names as programs hand them over (getname of fs/namei.c). */
import { EFAULT, ENAMETOOLONG, ENOENT, NAME_MAX, PATH_MAX } from '@lsmkit/abi'
import type { Qstr } from '@lsmkit/core'
import { LOOKUP_EMPTY } from './lookup-flags.ts'
import { unshared } from './unshared.ts'

/**
 * Length in bytes of UTF-8. A lone surrogate U+DC80..U+DCFF stands for the byte 80..FF of a name that is not UTF-8
 * and counts as one; any other lone surrogate counts as the three bytes it would be written with.
 */
export const byteLength = (text: string): number => {
  let bytes = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) bytes += 1
    else if (unit < 0x800) bytes += 2
    else if (unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      bytes += 4
      i++
    } else bytes += unit >= 0xdc80 && unit <= 0xdcff ? 1 : 3
  }
  return bytes
}

/**
 * Whether `text` takes more than `max` bytes; three bytes a unit is the most UTF-8 needs, so short names cost
 * nothing.
 */
export const longerThan = (text: string, max: number): boolean => text.length * 3 > max && byteLength(text) > max

export const isTooLong = (name: string): boolean => longerThan(name, NAME_MAX)

/** V8 cuts a shorter text out of a path by copying it; a longer one is a view that keeps the whole path. */
const SLICED = 13
/**
 * A copy that does not keep the longer text it was cut from: joining copies it, and the added unit is cut off.
 */
const ownText = (text: string): string => ` ${text}`.slice(1)

/**
 * One name of a directory (struct qstr). A class, as all that lives as long as a file is: V8 counts how many objects of
 * a literal stay, and makes those of one whose first ones stayed old from the start, with all they lead to.
 */
export class DentryName implements Qstr {
  readonly name: string
  readonly len: number

  constructor(name: string) {
    this.name = name.length < SLICED ? name : ownText(name)
    this.len = byteLength(name)
  }
}

/**
 * The path as the kernel copies it in: ends at a NUL, not empty unless LOOKUP_EMPTY, shorter than PATH_MAX; or
 * -errno.
 */
export const getname = (name: unknown, lookup_flags = 0): string | number => {
  if (typeof name !== 'string') return -EFAULT
  const nul = name.indexOf('\0')
  const path = nul < 0 ? name : name.slice(0, nul)
  if (path.length === 0) return (lookup_flags & LOOKUP_EMPTY) !== 0 ? path : -ENOENT
  return longerThan(path, PATH_MAX - 1) ? -ENAMETOOLONG : path
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A name as the bytes programs see; the counterpart of byteLength. */
export const encodeName = (text: string): Uint8Array => {
  const bytes = encoder.encode(text)
  if (bytes.length === byteLength(text)) return bytes
  const parts: number[] = []
  for (const char of text) {
    const unit = char.charCodeAt(0)
    if (char.length === 1 && unit >= 0xdc80 && unit <= 0xdcff) parts.push(unit - 0xdc00)
    else parts.push(...encoder.encode(char))
  }
  return Uint8Array.from(parts)
}

/** Bytes as a name: UTF-8 where they are that, and a lone surrogate for each byte that is not. */
export const decodeName = (given: Uint8Array): string => {
  const bytes = unshared(given)
  try {
    return decoder.decode(bytes)
  } catch {
    let text = ''
    for (let at = 0; at < bytes.length;) {
      const length = sequenceAt(bytes, at)
      text += length === 0
        ? String.fromCharCode(0xdc00 + (bytes[at] as number))
        : decoder.decode(bytes.subarray(at, at + length))
      at += length === 0 ? 1 : length
    }
    return text
  }
}

/** Length of the well-formed UTF-8 sequence at `at`, 0 when there is none. */
const sequenceAt = (bytes: Uint8Array, at: number): number => {
  const lead = bytes[at] as number
  const length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0
  if (length < 2 || at + length > bytes.length) return length === 1 ? 1 : 0
  try {
    decoder.decode(bytes.subarray(at, at + length))
    return length
  } catch {
    return 0
  }
}

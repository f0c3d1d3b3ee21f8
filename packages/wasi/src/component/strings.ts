/** Strings in the three encodings that a component may choose. */
import type { Transfer } from './transfer.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const utf16 = new TextDecoder('utf-16le', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

/** In `latin1+utf16`, the length of a string in UTF-16 has this bit. */
const IS_UTF16 = 2 ** 31
/** What one string takes at most. */
const MOST_BYTES = 2 ** 28 - 1
/** Characters that are made at a time: they are arguments of a call. */
const PIECE = 8192

const latin1 = (bytes: Uint8Array): string => {
  let text = ''
  for (let at = 0; at < bytes.length; at += PIECE) text += String.fromCharCode(...bytes.subarray(at, at + PIECE))
  return text
}

/** The string of `units` code units at `at`. One that is not valid ends the component. */
export const readText = (transfer: Transfer, at: number, units: number): string => {
  const { callee } = transfer
  const isTagged = callee.encoding === 'latin1+utf16' && units >>> 31 === 1
  const isWide = callee.encoding === 'utf16' || isTagged
  const count = isTagged ? units & (IS_UTF16 - 1) : units >>> 0
  const length = isWide ? count * 2 : count
  if (length > MOST_BYTES) return callee.trap('a string longer than 2^28 bytes')
  const from = callee.aligned(at, callee.encoding === 'utf8' ? 1 : 2)
  const own = callee.bytes(from, transfer.spend(length)).slice()
  if (!isWide && callee.encoding !== 'utf8') return latin1(own)
  try {
    return (isWide ? utf16 : utf8).decode(own)
  } catch {
    return callee.trap(`a string that is not ${isWide ? 'UTF-16' : 'UTF-8'}`)
  }
}

const isLatin1 = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff) return false
  return true
}

/** Code units as bytes. Half of a pair becomes U+FFFD, as TextEncoder has it. */
const units = (text: string, size: 1 | 2): Uint8Array => {
  const whole = utf8.decode(encoder.encode(text))
  const bytes = new Uint8Array(whole.length * size)
  for (let i = 0; i < whole.length; i++) {
    const unit = whole.charCodeAt(i)
    bytes[i * size] = unit & 0xff
    if (size === 2) bytes[i * 2 + 1] = unit >>> 8
  }
  return bytes
}

/** A string as bytes, how they are aligned, and its length as components write it. */
const encoded = (transfer: Transfer, text: string): readonly [bytes: Uint8Array, align: number, length: number] => {
  const { encoding } = transfer.callee
  if (encoding === 'utf8') {
    const bytes = encoder.encode(text)
    return [bytes, 1, bytes.length]
  }
  if (encoding === 'latin1+utf16' && isLatin1(text)) return [units(text, 1), 2, text.length]
  const bytes = units(text, 2)
  const length = bytes.length / 2
  return [bytes, 2, encoding === 'utf16' ? length : length + IS_UTF16]
}

/** Puts a string into the component, and answers its place and its length. */
export const placeText = (transfer: Transfer, text: string): readonly [at: number, length: number] => {
  const { callee } = transfer
  const [bytes, align, length] = encoded(transfer, text)
  const at = callee.allocate(bytes.length, align)
  callee.memory.bytes.set(bytes, at)
  return [at, length]
}

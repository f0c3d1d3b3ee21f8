/** Names as the kernel has them, bytes, and as we have them: UTF-8 text with a lone surrogate for each other byte. */
const encoder = new TextEncoder()
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A surrogate that is no half of a pair stands for a byte. */
const BYTE = /[\udc80-\udcff]/u

/** The bytes of a name: UTF-8, and the byte 80 to FF for a lone surrogate U+DC80 to U+DCFF. */
export const nameBytes = (name: string): Uint8Array => {
  if (!BYTE.test(name)) return encoder.encode(name)
  const parts: number[] = []
  for (const char of name) {
    if (BYTE.test(char)) parts.push(char.charCodeAt(0) - 0xdc00)
    else parts.push(...encoder.encode(char))
  }
  return Uint8Array.from(parts)
}

/** Bytes as a name, the counterpart of `nameBytes`. */
export const bytesName = (bytes: Uint8Array): string => {
  try {
    return strict.decode(bytes)
  } catch {
    return mixed(bytes)
  }
}

const mixed = (bytes: Uint8Array): string => {
  let text = ''
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at)
    text += length === 0
      ? String.fromCharCode(bytes[at]! < 0x80 ? bytes[at]! : 0xdc00 + bytes[at]!)
      : strict.decode(bytes.subarray(at, at + length))
    at += length || 1
  }
  return text
}

/** Length of the well-formed sequence of UTF-8 that begins at `at`, 0 where there is none of several bytes. */
const sequenceLength = (bytes: Uint8Array, at: number): number => {
  const lead = bytes[at]!
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0
  if (length === 0 || at + length > bytes.length) return 0
  try {
    strict.decode(bytes.subarray(at, at + length))
    return length
  } catch {
    return 0
  }
}

/** The bytes of a write, as text: one character a byte, so that positions are offsets and no byte is lost. */

/** Bytes a call of fromCharCode takes at once without running out of stack. */
const CHUNK = 8192

/** Each byte as the character of its number. */
export const textOf = (bytes: Uint8Array): string => {
  let text = ''
  for (let at = 0; at < bytes.length; at += CHUNK) {
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + CHUNK) as unknown as number[])
  }
  return text
}

/** The text up to its first NUL: what a C string of these bytes would be. */
export const cString = (text: string): string => {
  const end = text.indexOf('\0')
  return end < 0 ? text : text.slice(0, end)
}

/**
 * As the kernel's `isspace`: blank, tab, newline, vertical tab, form feed, return, and the no-break space of Latin-1.
 */
export const isSpace = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0xa0

/** The first place from `at` on that is not a white space. */
export const skipSpaces = (text: string, at: number): number => {
  let i = at
  while (isSpace(text.charCodeAt(i))) i++
  return i
}

/** The bytes of a text that has one character a byte, as labels have. */
export const bytesOf = (text: string): Uint8Array => {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

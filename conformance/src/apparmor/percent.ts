/** Cells of the recordings: `%HH` is a byte, everything else stands for itself. */
import { bytesName, nameBytes } from '@lsmkit/apparmor/policydb'

export const percentBytes = (cell: string): Uint8Array => {
  const parts: number[] = []
  for (let at = 0; at < cell.length;) {
    const code = /^%([\dA-F]{2})/.exec(cell.slice(at, at + 3))?.[1]
    const char = String.fromCodePoint(cell.codePointAt(at)!)
    if (code === undefined) parts.push(...nameBytes(char))
    else parts.push(Number.parseInt(code, 16))
    at += code === undefined ? char.length : 3
  }
  return Uint8Array.from(parts)
}

export const percentName = (cell: string): string => bytesName(percentBytes(cell))

const isPlain = (byte: number): boolean => byte > 0x20 && byte < 0x7f && byte !== 0x25

/** The counterpart: every byte that is not printable ASCII, blanks unless they are kept, and `%` itself. */
export const percentText = (bytes: Uint8Array, keepsBlanks = false): string =>
  Array.from(bytes, (byte) => isPlain(byte) || (keepsBlanks && byte === 0x20)
    ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')

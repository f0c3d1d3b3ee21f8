/** Names of profiles as names of folders (`mangle_name`). They are bytes: the kernel's letters are those of Latin-1. */
import { bytesName, nameBytes } from '../name.ts'

const SLASH = 0x2f
const DOT = 0x2e

const isBlank = (byte: number): boolean => (byte >= 0x09 && byte <= 0x0d) || byte === 0x20 || byte === 0xa0

const isLetter = (byte: number): boolean =>
  byte < 0x80 ? /[\w.-]/.test(String.fromCharCode(byte)) : byte >= 0xc0 && byte !== 0xd7 && byte !== 0xf7

const mangledByte = (byte: number): number | null => {
  if (byte === SLASH) return DOT
  if (isBlank(byte)) return 0x5f
  return isLetter(byte) ? byte : null
}

/** Slashes and dots in front fall away, others are dots, blanks are underlines; other odd bytes are left out. */
export const mangledName = (name: string): string => {
  const bytes = [...nameBytes(name)]
  const start = bytes.findIndex((byte) => byte !== SLASH && byte !== DOT)
  const kept = start < 0 ? [] : bytes.slice(start).flatMap((byte) => mangledByte(byte) ?? [])
  return bytesName(Uint8Array.from(kept))
}

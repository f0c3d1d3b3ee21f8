/** Sizes as mount options write them. */
import { ownValue } from '@lsmkit/abi'

const SUFFIX: Readonly<Record<string, number>> = {
  '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40, p: 2 ** 50, e: 2 ** 60,
}

/** As `memparse`: `64m`, `0x100`, `010` (octal); null for anything else. */
export const parseSize = (text: string): number | null => {
  const match = /^(0x[0-9a-f]+|\d+)([kmgtpe]?)$/i.exec(text)
  if (match === null) return null
  const [, digits, suffix] = match as unknown as [string, string, string]
  const isOctal = digits.startsWith('0') && !/^0x/i.test(digits)
  if (isOctal && /[89]/.test(digits)) return null
  const value = isOctal ? Number.parseInt(digits, 8) : Number(digits)
  return value * ownValue(SUFFIX, suffix.toLowerCase())!
}

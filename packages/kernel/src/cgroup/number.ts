/** Numbers as programs write them into files of the kernel (lib/kstrtox.c). */
import { EINVAL, ERANGE } from '@lsmkit/abi'

const PATTERN = /^[+-]?(?:0[xX][\dA-Fa-f]+|\d+)$/
const INT_MAX = 2 ** 31 - 1
const LLONG_MAX = 2n ** 63n - 1n

/** Takes numbers as 0x10, 010 and 10. Null if the text is not a number. */
const parse = (text: string): bigint | null => {
  if (!PATTERN.test(text)) return null
  const digits = text.replace(/^[+-]/, '')
  const isOctal = /^0\d/.test(digits)
  if (isOctal && /[89]/.test(digits)) return null
  const value = BigInt(isOctal ? `0o${digits.slice(1)}` : digits)
  return text.startsWith('-') ? -value : value
}

/** A number, or -EINVAL or -ERANGE. */
export type Parsed = { readonly value: number } | number

const within = (text: string, least: bigint, most: bigint): Parsed => {
  const value = parse(text)
  if (value === null) return -EINVAL
  return value < least || value > most ? -ERANGE : { value: Number(value) }
}

export const kstrtoint = (text: string): Parsed => within(text, BigInt(-INT_MAX - 1), BigInt(INT_MAX))
export const kstrtoll = (text: string): Parsed => within(text, -LLONG_MAX - 1n, LLONG_MAX)

/** As `strstrip`. */
export const strstrip = (text: string): string => text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, '')

/** Numbers as the kernel reads them from text with base 0: decimal, 0x hexadecimal, 0 octal (lib/kstrtox.c). */
import { EINVAL, ERANGE } from '@lsmkit/abi'

const U64_MAX = 0xffff_ffff_ffff_ffffn
const U32_MAX = 0xffff_ffff

/** The digits, and what stands behind them: a newline may. */
const numberText = /^\+?(?:(0x[0-9a-f]+)|0([0-7]*)|([1-9]\d*))([^]*)$/i

/** As `kstrtoull`: -EINVAL for what is not a number, -ERANGE for what has no room in 64 bits. Exact up to 2^53. */
export const kstrtoull = (text: string): number => {
  const match = numberText.exec(text)
  if (match === null) return -EINVAL
  const [, hex, octal, decimal, rest] = match
  const digits = hex ?? decimal ?? `0o0${octal}`
  const value = Number(digits)
  if (!Number.isSafeInteger(value) && BigInt(digits) > U64_MAX) return -ERANGE
  return rest === '' || rest === '\n' ? value : -EINVAL
}

/** As `kstrtou32`. */
export const kstrtou32 = (text: string): number => {
  const value = kstrtoull(text)
  return value > U32_MAX ? -ERANGE : value
}

/** As `kstrtoint`; null if the text is not an int, for any reason. */
export const kstrtoint = (text: string): number | null => {
  const isNegative = text.startsWith('-')
  const size = isNegative ? kstrtoull(text.slice(1).replace(/^\+/, '!')) : kstrtoull(text)
  if (size < 0 || size > (isNegative ? 0x8000_0000 : 0x7fff_ffff)) return null
  return isNegative && size !== 0 ? -size : size
}

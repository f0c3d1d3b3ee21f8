/**
 * Numbers as files take them: `kstrtou8_from_user` and its kin, which cut a text that is too long before they read
 * it.
 */
import { EINVAL, ERANGE } from '@lsmkit/abi'
import { cString } from './bytes.ts'

export interface NumberKind {
  readonly min: number
  readonly max: number
  /** Characters that are looked at: a sign, the number in base 2, and a newline. */
  readonly width: number
}

const kind = (min: number, max: number, bits: number): NumberKind => ({ min, max, width: 1 + bits + 1 })
export const U8 = kind(0, 0xff, 8)
export const U32 = kind(0, 0xffffffff, 32)
export const S32 = kind(-0x80000000, 0x7fffffff, 32)

const U64_MAX = 0xffff_ffff_ffff_ffffn

/**
 * Decimal, with one newline behind it at most. `{ value }`, or -EINVAL when it is not a number, -ERANGE when it does
 * not fit. Beyond 64 bits it is out of range before what follows is looked at.
 */
export const parseNumber = (text: string, { min, max, width }: NumberKind): { readonly value: number } | number => {
  const [, sign = '', digits = '', rest = ''] = /^([+-]?)(\d*)([^]*)$/.exec(cString(text.slice(0, width))) ?? []
  if (sign === '-' && min === 0) return -EINVAL
  if (digits === '') return -EINVAL
  const magnitude = BigInt(digits)
  if (magnitude > U64_MAX) return -ERANGE
  if (rest !== '' && rest !== '\n') return -EINVAL
  const value = sign === '-' ? -magnitude : magnitude
  return value < BigInt(min) || value > BigInt(max) ? -ERANGE : { value: Number(value) }
}

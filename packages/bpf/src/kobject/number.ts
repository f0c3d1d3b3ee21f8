/**
 * Numbers of objects as the bits of a C type. A number that JavaScript cannot hold in 53 bits has lost its low ones
 * before.
 */

/** The number for a member that should be a number. */
export const numberOf = (value: unknown): number => {
  switch (typeof value) {
    case 'number': return value === value ? value : 0
    case 'boolean': return value ? 1 : 0
    case 'bigint': return Number(value)
    default: return 0
  }
}

const WORD = 0x1_0000_0000
const TOP = 2 ** 63

/** Low word of 64 bits; numbers beyond a type's range come to its end, as WebAssembly's saturating cut has it. */
export const lowOf = (value: number, isSigned: boolean): number => {
  if (value < -TOP) return 0
  if (isSigned ? value >= TOP : value >= 2 * TOP) return -1
  return Math.trunc(value) | 0
}

export const highOf = (value: number, isSigned: boolean): number => {
  if (value < -TOP) return -0x8000_0000
  if (isSigned ? value >= TOP : value >= 2 * TOP) return isSigned ? 0x7fff_ffff : -1
  return Math.floor(Math.trunc(value) / WORD) | 0
}

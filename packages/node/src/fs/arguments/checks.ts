/** Values that have to be a number, a boolean or a function, and nothing that becomes one when it is looked at. */
import { outOfRange, wrongType, wrongValue } from './argument-error.ts'

const INT32_MIN = -2147483648
export const INT32_MAX = 2147483647
export const UINT32_MAX = 4294967295

/** A whole number of these bounds. Throws ERR_INVALID_ARG_TYPE and ERR_OUT_OF_RANGE. */
export const wholeOf = (
  value: unknown, name: string, least = Number.MIN_SAFE_INTEGER, most = Number.MAX_SAFE_INTEGER,
): number => {
  if (typeof value !== 'number') throw wrongType(name, ['number'], value)
  if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value)
  if (value < least || value > most) throw outOfRange(name, `>= ${least} && <= ${most}`, value)
  return value
}

export const int32Of = (value: unknown, name: string, least = INT32_MIN, most = INT32_MAX): number =>
  wholeOf(value, name, least, most)

export const uint32Of = (value: unknown, name: string): number => wholeOf(value, name, 0, UINT32_MAX)

export const fdOf = (value: unknown): number => (Object.is(value, -0) ? 0 : int32Of(value, 'fd', 0))

/** A user or group; -1 leaves it unchanged. */
export const ownerOf = (value: unknown, name: 'uid' | 'gid'): number => wholeOf(value, name, -1, UINT32_MAX)

export const booleanOf = (value: unknown, name: string): boolean => {
  if (typeof value !== 'boolean') throw wrongType(name, ['boolean'], value)
  return value
}

export const functionOf = <F>(value: F, name: string): F => {
  if (typeof value !== 'function') throw wrongType(name, ['Function'], value)
  return value
}

/** The signal itself, whichever realm it is of. */
export const signalOf = (value: unknown, name: string): AbortSignal => {
  if (typeof value === 'object' && value !== null && 'aborted' in value) return value as AbortSignal
  throw wrongType(name, ['AbortSignal'], value)
}

/** Null, undefined and whatever else is falsy mean bytes. */
export const encodingOf = (value: unknown): BufferEncoding | null => {
  if (!value) return null
  if (typeof value !== 'string' || !Buffer.isEncoding(value)) {
    throw wrongValue('encoding', value, 'is invalid encoding')
  }
  return value
}

/** A mode as a number or in octal. */
export const modeOf = (value: unknown, name = 'mode'): number => {
  if (typeof value !== 'string') return uint32Of(value, name)
  if (!/^[0-7]+$/.test(value)) {
    throw wrongValue(name, value, 'must be a 32-bit unsigned integer or an octal string')
  }
  return uint32Of(Number.parseInt(value, 8), name)
}

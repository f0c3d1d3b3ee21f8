/** `error-code` of wasi:http as a value, and the failures that such values are. */
import { putErrorCode } from '../../host/http/error-codes.ts'
import type { HttpCode, HttpFailure } from '../../host/http/error-codes.ts'
import type { ComponentValue } from '../../scalars.ts'
import type { ValueType } from '../../value-types.ts'
import type { Host3 } from '../streams.ts'

/** The type of the error of a `result`. */
const errorType = (result: ValueType | null): ValueType | null =>
  (result !== null && 'cases' in result ? result.cases[1]?.[1] ?? null : null)

/** A `result` that has failed. */
export const httpError = ({ spelling }: Host3, result: ValueType | null, failure: HttpFailure): ComponentValue => {
  const type = errorType(result)
  return { error: type === null ? null : spelling.placed(type, (callee, at) => putErrorCode(callee, at, failure)) }
}

/** The failure that an `error-code` of a component is. */
export const failureOfValue = (value: ComponentValue): HttpFailure => {
  const { case: code, value: payload } = value as { readonly case: HttpCode; readonly value: ComponentValue }
  return code === 'internal-error' && typeof payload === 'string' ? { code, message: payload } : { code }
}

/** A fault of a hook in words, for the author of the hook. */
import { errnoName } from '@lsmkit/abi'
import { kindOf, textOf } from '../text-of.ts'
import type { FaultKind } from './strategy.ts'

const ANSWER = 'answer 0, or -errno to refuse'

/** `answered 13; did you mean -EACCES?` */
const numberText = (value: number): string => {
  const name = errnoName(-value)
  return name.startsWith('E') ? `answered ${value}; did you mean -${name}?` : `answered ${value}; ${ANSWER}`
}

const valueText = (value: unknown): string => {
  switch (typeof value) {
    case 'undefined': return `answered nothing; ${ANSWER}`
    case 'boolean': return `answered ${value}; 0 allows and -EACCES refuses`
    case 'number': return `answered ${value}, which is no 32-bit integer; ${ANSWER}`
    default: return `answered ${kindOf(value)}; ${ANSWER}`
  }
}

const texts: Readonly<Record<FaultKind, (error: unknown) => string>> = {
  throw: (error) => `threw: ${textOf(error)}`,
  'async-hook': () => 'answered a promise, and a hook cannot wait: answer 0 or -errno at once',
  'not-an-int': valueText,
  positive: (value) => numberText(value as number),
  'out-of-range': (value) => numberText(value as number),
  caller: textOf,
}

export const faultText = (kind: FaultKind, error: unknown): string => texts[kind](error)

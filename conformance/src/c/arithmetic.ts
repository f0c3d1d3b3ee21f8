/** The results of C's operators on two numbers, with numbers as doubles: addresses and flags fit. */
import { ownValue } from '@lsmkit/abi'

const OPERATORS: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => Math.trunc(a / b),
  '%': (a, b) => a % b,
  '<<': (a, b) => a * 2 ** b,
  '>>': (a, b) => Math.floor(a / 2 ** b),
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '<': (a, b) => Number(a < b),
  '>': (a, b) => Number(a > b),
  '<=': (a, b) => Number(a <= b),
  '>=': (a, b) => Number(a >= b),
  '|': (a, b) => Number(word(a) | word(b)),
  '&': (a, b) => Number(word(a) & word(b)),
  '^': (a, b) => Number(word(a) ^ word(b)),
}

const word = (value: number): bigint => BigInt.asIntN(64, BigInt(value))

export const arithmetic = (op: string, a: number, b: number): number => ownValue(OPERATORS, op)!(a, b)

/** The number domain is sound: what it knows of a result holds for the result of any values it was given. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { kernelProfile } from '../kernels/profile.ts'
import { contradiction, signExtend, sync, truncate } from './bounds.ts'
import { liveSide, refined, reverseOp, scalarTaken } from './branch-scalar.ts'
import { copyNum, Num, UNKNOWN } from './num.ts'
import { followRules } from './number-rules.ts'
import { negated, scalarAlu } from './scalar-alu.ts'
import { tnumSwap } from './tnum.ts'
import { formatVector, parseVector } from './vector.ts'

/** A small generator: the same sequence every time. */
const random = (() => {
  let state = 0x2545f491
  return (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state | 0
  }
})()

const EDGES =
  [0n, 1n, 2n, 7n, 255n, 0x7fffffffn, 0x80000000n, 0xffffffffn, 0x100000000n, (1n << 63n) - 1n, 1n << 63n,
    (1n << 64n) - 1n]

const anyValue = (): bigint => {
  const edge = EDGES[(random() >>> 0) % EDGES.length]!
  const shift = BigInt((random() >>> 0) % 64)
  const wide = (BigInt(random() >>> 0) << 32n) | BigInt(random() >>> 0)
  return BigInt.asUintN(64, (random() & 1) === 0 ? edge + BigInt(random() % 4) : wide >> shift)
}

const low = (value: bigint): number => Number(BigInt.asIntN(32, value))
const high = (value: bigint): number => Number(BigInt.asIntN(32, value >> 32n))

/** A number that holds both values: their common bits are known, and bounds where they happen to be told. */
const holding = (a: bigint, b: bigint): Num => {
  const num = copyNum(UNKNOWN)
  const unknown = (a ^ b) | (BigInt(random() >>> 0) & BigInt(random() >>> 0))
  num.ml = low(unknown)
  num.mh = high(unknown)
  num.vl = low(a & ~unknown)
  num.vh = high(a & ~unknown)
  if ((random() & 1) === 0) {
    const [min, max] = a < b ? [a, b] : [b, a]
    num.uminl = low(min)
    num.uminh = high(min)
    num.umaxl = low(max)
    num.umaxh = high(max)
  }
  sync(num)
  return num
}

const holds = (num: Num, value: bigint): boolean => {
  const [v, m, smin, smax, umin, umax, s32min, s32max, u32min, u32max] =
    formatVector(num).split(':').map((part, i) =>
      BigInt(i < 2
        ? `0x${part}` : part)) as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint]
  const s = BigInt.asIntN(64, value)
  const [u32, s32] = [BigInt.asUintN(32, value), BigInt.asIntN(32, value)]
  return (value & ~m) === v && smin <= s && s <= smax && umin <= value && value <= umax &&
    s32min <= s32 && s32 <= s32max && u32min <= u32 && u32 <= u32max
}

const operations: readonly (readonly [string, number, (a: bigint, b: bigint, width: number) => bigint])[] = [
  ['+', 0x00, (a, b) => a + b], ['-', 0x10, (a, b) => a - b], ['*', 0x20, (a, b) => a * b],
  ['|', 0x40, (a, b) => a | b],
  ['&', 0x50, (a, b) => a & b], ['^', 0xa0, (a, b) => a ^ b], ['<<', 0x60, (a, b) => a << b],
  ['>>', 0x70, (a, b) => a >> b],
  ['s>>', 0xc0, (a, b, width) => BigInt.asIntN(width, a) >> b],
]

const compares: readonly (readonly [string, number, (a: bigint, b: bigint, s: bigint, t: bigint) => boolean])[] = [
  ['==', 0x10, (a, b) => a === b], ['!=', 0x50, (a, b) => a !== b], ['>', 0x20, (a, b) => a > b],
  ['>=', 0x30, (a, b) => a >= b],
  ['<', 0xa0, (a, b) => a < b], ['<=', 0xb0, (a, b) => a <= b], ['&', 0x40, (a, b) => (a & b) !== 0n],
  ['s>', 0x60, (_, __, s, t) => s > t], ['s>=', 0x70, (_, __, s, t) => s >= t], ['s<', 0xc0, (_, __, s, t) => s < t],
  ['s<=', 0xd0, (_, __, s, t) => s <= t],
]

describe.each(['6.12', '6.18', '7.3'] as const)('rules of %s', (release) => {
  beforeEach(() => followRules(kernelProfile(release).features))
  afterEach(() => followRules(kernelProfile().features))

  test.each(operations)('%s', (_, op, compute) => {
    for (let round = 0; round < 4000; round++) {
      const wide = (random() & 1) === 0
      const width = wide ? 64 : 32
      const shifts = op === 0x60 || op === 0x70 || op === 0xc0
      const [a, a2] = [anyValue(), anyValue()]
      const b = shifts ? BigInt((random() >>> 0) % width) : anyValue()
      const left = holding(a, a2)
      const right = shifts ? holding(b, b) : holding(b, anyValue())
      const result = BigInt.asUintN(width, compute(BigInt.asUintN(width, a), BigInt.asUintN(width, b), width))
      const num = scalarAlu(op, wide, left, right)
      if (!holds(num, result))
        expect.fail(`${formatVector(left)} op ${formatVector(right)} gave ${formatVector(num)}, not ${result}`)
    }
  })

  test.each(compares)('if a %s b', (_, op, compute) => {
    for (let round = 0; round < 4000; round++) {
      const wide = (random() & 1) === 0
      const width = wide ? 64 : 32
      const a = anyValue()
      const b = (random() & 3) === 0 ? a : anyValue()
      const [left, right] = [holding(a, anyValue()), (random() & 1) === 0 ? holding(b, b) : holding(b, anyValue())]
      const truth =
        compute(BigInt.asUintN(width, a), BigInt.asUintN(width, b), BigInt.asIntN(width, a), BigInt.asIntN(width, b))
      const taken = scalarTaken(op, wide, left, right)
      const live = taken >= 0 ? taken : liveSide(op, wide, left, right)
      if (live >= 0) expect(live, `a side of ${formatVector(left)} and ${formatVector(right)}`).toBe(Number(truth))
      if (taken >= 0) expect(taken, `${formatVector(left)} and ${formatVector(right)}`).toBe(Number(truth))
      const [x, y] = refined(truth ? op : reverseOp(op), wide, left, right)
      if (!holds(x, a) || !holds(y, b))
        expect.fail(`${formatVector(left)}, ${formatVector(right)}: ${formatVector(x)} loses ${a} or ${b}`)
    }
  })

  test.each([1, 2, 4])('loads of %d bytes', (size) => {
    for (let round = 0; round < 4000; round++) {
      const value = anyValue()
      const num = holding(value, anyValue())
      const [zero, sign] = [copyNum(num), copyNum(num)]
      truncate(zero, size)
      signExtend(sign, size)
      if (!holds(zero, BigInt.asUintN(size * 8, value)))
        expect.fail(`${formatVector(num)} truncated: ${formatVector(zero)} loses ${value}`)
      if (!holds(sign, BigInt.asUintN(64, BigInt.asIntN(size * 8, value))))
        expect.fail(`${formatVector(num)} extended: ${formatVector(sign)} loses ${value}`)
    }
  })

  test.each([[0x30, false], [0x30, true], [0x90, false], [0x90, true]])('division %i, signed: %s', (op, isSigned) => {
    for (let round = 0; round < 4000; round++) {
      const wide = (random() & 1) === 0
      const width = wide ? 64 : 32
      const read = (value: bigint): bigint => isSigned ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value)
      const [a, b] = [anyValue(), anyValue()]
      const [value, by] = [read(a), read(b)]
      const computed = op === 0x30 ? (by === 0n ? 0n : value / by) : by === 0n ? value : value % by
      const [left, right] = [holding(a, anyValue()), holding(b, b)]
      const num = scalarAlu(op, wide, left, right, isSigned)
      const result = BigInt.asUintN(width, computed)
      if (!holds(num, result))
        expect.fail(`${formatVector(left)} by ${b} (${width} bits) gave ${formatVector(num)}, not ${result}`)
    }
  })

  test.each([32, 64])('negation of %i bits', (width) => {
    for (let round = 0; round < 4000; round++) {
      const a = anyValue()
      const left = holding(a, anyValue())
      const num = negated(left, width === 64)
      if (!holds(num, BigInt.asUintN(width, -a))) expect.fail(`-(${formatVector(left)}) gave ${formatVector(num)}`)
    }
  })

  const swapped = (value: bigint, width: number): bigint => {
    let result = 0n
    for (let at = 0n; at < width; at += 8n) result = (result << 8n) | ((value >> at) & 255n)
    return result
  }

  test.each([16, 32, 64])('bytes of %i bits in the other order', (width) => {
    for (let round = 0; round < 1000; round++) {
      const a = anyValue()
      const num = copyNum(holding(a, anyValue()))
      tnumSwap(num, width)
      const bounds = copyNum(UNKNOWN)
      Object.assign(bounds, { vl: num.vl, vh: num.vh, ml: num.ml, mh: num.mh })
      sync(bounds)
      if (!holds(bounds, swapped(a, width))) expect.fail(`${a} is not in ${formatVector(bounds)}`)
    }
  })
})

test('a contradiction is told', () => {
  const num = parseVector('0:ffffffffffffffff:5:4:0:18446744073709551615:-2147483648:2147483647:0:4294967295')
  expect(contradiction(num)).toBe('range bounds violation')
  expect(contradiction(new Num())).toBeNull()
})

test.each(['', '1:2:3', 'x:0:0:0:0:0:0:0:0:0'])('`%s` is not a number', (text) => {
  expect(() => parseVector(text)).toThrow(SyntaxError)
})

/** Extended permissions: an expression over 16-bit numbers, and the 256-bit rules it is stored as. */
import { AVTAB_XPERMS_IOCTLDRIVER, AVTAB_XPERMS_IOCTLFUNCTION, AVTAB_XPERMS_NLMSG } from '../../policydb/constants.ts'
import { setBit } from '../../bits.ts'
import { CilError } from '../errors.ts'
import { W } from '../keywords.ts'
import type { Tree } from '../parse.ts'
import { parseNumber } from '../resolve/numbers.ts'
import type { XpermSymbol } from '../resolve/symbols.ts'
import { allNumbers, complement, inBoth, inEither, joined } from './number-ranges.ts'
import type { Ranges } from './number-ranges.ts'

const NUMBERS = 0x10000
const WORDS = 8

/** All numbers of an xperm set, worked out once. */
export const xpermNumbers = (tree: Tree, symbol: XpermSymbol): Ranges =>
  symbol.ranges ??= evaluate(tree, symbol.numbers)

const numberOf = (tree: Tree, atom: number): number => {
  const value = parseNumber(tree.text(atom), true)
  if (value === null) throw new CilError('bad-value', `\`${tree.text(atom)}\` is not a number`, tree.place(atom))
  if (value < NUMBERS) return value
  throw new CilError('bad-value', `\`${tree.text(atom)}\` is more than 0xffff`, tree.place(atom))
}

const evaluate = (tree: Tree, node: number): Ranges => {
  if (!tree.isList(node)) {
    const value = numberOf(tree, node)
    return [value, value]
  }
  const operator = tree.isList(node + 1) ? -1 : tree.word[node + 1]!
  const operands = (): [Ranges, Ranges] =>
    tree.children(node, 1).map((operand) => evaluate(tree, operand)) as [Ranges, Ranges]
  switch (operator) {
    case W.all: return allNumbers
    case W.range: {
      const [low, high] = tree.children(node, 1).map((end) => numberOf(tree, end)) as [number, number]
      if (low > high) throw new CilError('bad-value', 'a range goes from low to high', tree.place(node))
      return [low, high]
    }
    case W.and: return inBoth(...operands())
    case W.or: return inEither(...operands())
    case W.xor: {
      const [a, b] = operands()
      return inBoth(inEither(a, b), complement(inBoth(a, b)))
    }
    case W.not: return complement(operands()[0])
    default: {
      const all: number[] = []
      for (const child of tree.children(node)) for (const end of evaluate(tree, child)) all.push(end)
      return joined(all)
    }
  }
}

export interface XpermRecord {
  readonly kind: number
  readonly driver: number
  readonly bits: Uint32Array
}

const DRIVER = 256
const isWhole = (bits: Uint32Array): boolean => bits.every((word) => word === 0xffffffff)

/** One record a driver that is partly in the set; ioctl drivers wholly in it share one record more. */
export const xpermRecords = (ranges: Ranges, kind: 'ioctl' | 'nlmsg'): XpermRecord[] => {
  const parts = new Map<number, Uint32Array>()
  for (let at = 0; at < ranges.length; at += 2) {
    const [low, high] = [ranges[at]!, ranges[at + 1]!]
    for (let driver = low >>> 8; driver <= high >>> 8; driver++) {
      const [first, last] = [Math.max(low - driver * DRIVER, 0), Math.min(high - driver * DRIVER, DRIVER - 1)]
      const part = parts.get(driver) ?? new Uint32Array(WORDS)
      parts.set(driver, part)
      if (first === 0 && last === DRIVER - 1) part.fill(0xffffffff)
      else for (let number = first; number <= last; number++) setBit(part, number)
    }
  }
  const records: XpermRecord[] = []
  const whole = new Uint32Array(WORDS)
  for (const [driver, bits] of parts) {
    if (kind === 'ioctl' && isWhole(bits)) setBit(whole, driver)
    else records.push({ kind: kind === 'ioctl' ? AVTAB_XPERMS_IOCTLFUNCTION : AVTAB_XPERMS_NLMSG, driver, bits })
  }
  if (whole.some((word) => word !== 0)) records.push({ kind: AVTAB_XPERMS_IOCTLDRIVER, driver: 0, bits: whole })
  return records
}

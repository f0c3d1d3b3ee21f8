/** Extended permissions: an expression over 16-bit numbers, and the 256-bit rules it is stored as. */
import { AVTAB_XPERMS_IOCTLDRIVER, AVTAB_XPERMS_IOCTLFUNCTION, AVTAB_XPERMS_NLMSG } from '../../policydb/constants.ts'
import { allBits, bitsFor, difference, intersection, setBit, symmetric, union } from '../../bits.ts'
import type { Bits } from '../../bits.ts'
import { CilError } from '../errors.ts'
import { W } from '../keywords.ts'
import type { Tree } from '../parse.ts'
import { parseNumber } from '../resolve/numbers.ts'
import type { XpermSymbol } from '../resolve/symbols.ts'

const NUMBERS = 0x10000
const DRIVERS = 256
const WORDS = 8

/** All numbers of an xperm set, worked out once. */
export const xpermBits = (tree: Tree, symbol: XpermSymbol): Bits => symbol.bits ??= evaluate(tree, symbol.numbers)

const numberOf = (tree: Tree, atom: number): number => {
  const value = parseNumber(tree.text(atom), true)
  if (value === null) throw new CilError('bad-value', `\`${tree.text(atom)}\` is no number`, tree.place(atom))
  if (value < NUMBERS) return value
  throw new CilError('bad-value', `\`${tree.text(atom)}\` is more than 0xffff`, tree.place(atom))
}

const evaluate = (tree: Tree, node: number): Bits => {
  const bits = bitsFor(NUMBERS)
  if (!tree.isList(node)) {
    setBit(bits, numberOf(tree, node))
    return bits
  }
  const operator = tree.isList(node + 1) ? -1 : tree.word[node + 1]!
  const operands = (): [Bits, Bits] => tree.children(node, 1).map((operand) => evaluate(tree, operand)) as [Bits, Bits]
  switch (operator) {
    case W.all: return allBits(NUMBERS)
    case W.range: {
      const [low, high] = tree.children(node, 1).map((end) => numberOf(tree, end)) as [number, number]
      if (low > high) throw new CilError('bad-value', 'a range goes from low to high', tree.place(node))
      for (let number = low; number <= high; number++) setBit(bits, number)
      return bits
    }
    case W.and: return intersection(...operands())
    case W.or: return union(...operands())
    case W.xor: return symmetric(...operands())
    case W.not: return difference(allBits(NUMBERS), operands()[0])
    default:
      for (const child of tree.children(node)) union(bits, evaluate(tree, child))
      return bits
  }
}

export interface XpermRecord {
  readonly kind: number
  readonly driver: number
  readonly bits: Uint32Array
}

/** One record a driver that is partly in the set; ioctl drivers wholly in it share one record more. */
export const xpermRecords = (bits: Bits, kind: 'ioctl' | 'nlmsg'): XpermRecord[] => {
  const records: XpermRecord[] = []
  const whole = new Uint32Array(WORDS)
  for (let driver = 0; driver < DRIVERS; driver++) {
    const part = bits.subarray(driver * WORDS, (driver + 1) * WORDS)
    if (part.every((word) => word === 0)) continue
    if (kind === 'ioctl' && part.every((word) => word === 0xffffffff)) setBit(whole, driver)
    else records.push({ kind: kind === 'ioctl' ? AVTAB_XPERMS_IOCTLFUNCTION : AVTAB_XPERMS_NLMSG, driver,
      bits: part.slice() })
  }
  if (whole.some((word) => word !== 0)) records.push({ kind: AVTAB_XPERMS_IOCTLDRIVER, driver: 0, bits: whole })
  return records
}

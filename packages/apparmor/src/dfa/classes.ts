/**
 * Symbol classes: symbols that every set of an automaton treats alike share one, so that a step is made once for all of
 * them.
 */
import { SYMBOLS, type ByteSet } from './byte-set.ts'

export interface SymbolClasses {
  readonly classOf: Uint16Array
  readonly classes: number
  /** The classes of each set. */
  readonly ofSet: readonly Uint16Array[]
}

export const symbolClasses = (sets: readonly ByteSet[]): SymbolClasses => {
  const classOf = new Uint16Array(SYMBOLS)
  // The out-of-band symbol is never one of the bytes.
  classOf[SYMBOLS - 1] = 1
  let classes = 2
  for (const { symbols } of sets) classes = split(classOf, classes, symbols)
  const ofSet = sets.map(({ symbols }) => (
    Uint16Array.from(new Set(symbols.map((symbol) => classOf[symbol]!))).sort()
  ))
  return { classOf, classes, ofSet }
}

/** Splits each class into what is in the set and what is not; gives the new number of classes. */
const split = (classOf: Uint16Array, classes: number, symbols: readonly number[]): number => {
  const sizes = new Uint16Array(classes)
  for (const one of classOf) sizes[one]!++
  const inside = new Uint16Array(classes)
  for (const symbol of symbols) inside[classOf[symbol]!]!++
  const renamed = new Map<number, number>()
  let next = classes
  for (const symbol of symbols) {
    const old = classOf[symbol]!
    if (inside[old] === sizes[old]) continue
    if (!renamed.has(old)) renamed.set(old, next++)
    classOf[symbol] = renamed.get(old)!
  }
  return next
}

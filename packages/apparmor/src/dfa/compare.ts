/** Whether two automata mean the same: both walk every string that either of them distinguishes. */
import { OUT_OF_BAND } from './byte-set.ts'
import { Ints, PairMap } from './ints.ts'

/** Symbols in the order in which examples are looked for: letters first, so that people can read them. */
const READABLE: readonly number[] = (() => {
  const isLetter = (symbol: number): boolean => symbol >= 0x61 && symbol <= 0x7a
  const isPlain = (symbol: number): boolean => symbol > 0x20 && symbol < 0x7f && !isLetter(symbol)
  const all = Array.from({ length: OUT_OF_BAND + 1 }, (_, symbol) => symbol)
  const rest = all.filter((symbol) => !isLetter(symbol) && !isPlain(symbol))
  return [...all.filter(isLetter), ...all.filter(isPlain), ...rest]
})()

/** An automaton to walk on, whatever its form. State 0 is dead. */
export interface Walkable {
  step(state: number, symbol: number): number
  /** Symbols that the automaton may tell apart from their neighbours: where missing, all are walked. */
  readonly hasOutOfBand: boolean
}

/** A string that leads to states which are not alike. */
export interface Difference {
  /** Bytes; `OUT_OF_BAND` stands for an out-of-band step. */
  readonly symbols: readonly number[]
  readonly left: number
  readonly right: number
}

/** Walks pairs of states breadth first, so that the examples are the shortest. */
class PairWalk {
  readonly left = new Ints()
  readonly right = new Ints()
  readonly #parents = new Ints()
  readonly #symbols = new Ints()
  readonly #known = new PairMap()

  visit(left: number, right: number, parent: number, symbol: number): void {
    if (this.#known.get(left, right) !== -1) return
    this.left.push(left)
    this.right.push(right)
    this.#parents.push(parent)
    this.#known.set(left, right, this.#symbols.push(symbol))
  }

  /** The symbols that lead to pair `index`. */
  path(index: number): number[] {
    const symbols: number[] = []
    for (let at = index; this.#parents.data[at]! >= 0; at = this.#parents.data[at]!) symbols.push(
      this.#symbols.data[at]!,
    )
    return symbols.reverse()
  }
}

export interface CompareOptions {
  readonly leftStart: number
  readonly rightStart: number
  /** Whether the states allow the same. */
  readonly same: (left: number, right: number) => boolean
  /** Differences that do not count. */
  readonly excuse?: (difference: Difference) => boolean
  /** Stop after this many differences; 1 without it. */
  readonly most?: number
}

/** The strings that distinguish `left` from `right`, shortest first; an empty list: they mean the same. */
export const compareAutomata = (left: Walkable, right: Walkable, options: CompareOptions): readonly Difference[] => {
  const walk = new PairWalk()
  const found: Difference[] = []
  const most = options.most ?? 1
  const symbols = left.hasOutOfBand || right.hasOutOfBand ? READABLE : READABLE.slice(0, OUT_OF_BAND)
  walk.visit(options.leftStart, options.rightStart, -1, 0)
  for (let index = 0; index < walk.left.length && found.length < most; index++) {
    const a = walk.left.data[index]!
    const b = walk.right.data[index]!
    if (!options.same(a, b)) {
      const difference = { symbols: walk.path(index), left: a, right: b }
      if (options.excuse?.(difference) !== true) found.push(difference)
    }
    if (a === 0 && b === 0) continue
    for (const symbol of symbols) {
      walk.visit(left.step(a, symbol), right.step(b, symbol), index, symbol)
    }
  }
  return found
}

/** Levels and ranges in numbers: sensitivities by their order, categories as bits in theirs. */
import { bitsFor, contains, setBit } from '../../bits.ts'
import type { Bits } from '../../bits.ts'
import type { Effort } from '../effort.ts'
import { CilError } from '../errors.ts'
import type { Tree } from '../parse.ts'
import { forEachName } from '../resolve/expression.ts'
import type { Expression } from '../resolve/expression.ts'
import type { Declared } from '../resolve/scope.ts'
import { Alias, CategorySetSymbol } from '../resolve/symbols.ts'
import type { LevelSymbol, RangeSymbol, SensitivitySymbol } from '../resolve/symbols.ts'
import { finishInOrder } from './dependencies.ts'
import type { Made } from './dependencies.ts'
import { addSet, evaluateSet } from './sets.ts'
import type { Universe } from './sets.ts'

const setsIn = ({ expression }: CategorySetSymbol): CategorySetSymbol[] => {
  const found = new Set<CategorySetSymbol>()
  forEachName(expression!, (symbol) => void (symbol instanceof CategorySetSymbol && found.add(symbol)))
  return [...found]
}

export class Categories {
  readonly #tree: Tree
  readonly #universe: Universe
  readonly #sets: Made<CategorySetSymbol>
  readonly #none: Bits
  readonly size: number

  /** Gives each category its place in the order as value, and each sensitivity its. */
  constructor(tree: Tree, categories: readonly Declared[], sensitivities: readonly Declared[], effort: Effort) {
    this.#tree = tree
    this.size = categories.length
    this.#none = bitsFor(this.size)
    categories.forEach((category, i) => void (category.value = i))
    sensitivities.forEach((sensitivity, i) => void (sensitivity.value = i))
    this.#universe = {
      size: this.size,
      effort,
      members: (symbol) => symbol instanceof CategorySetSymbol ? this.set(symbol) : symbol.value,
      range: (from, to) => this.#range(from, to),
    }
    this.#sets = {
      isDone: ({ bits }) => bits !== null,
      parts: setsIn,
      finish: (symbol) => void (symbol.bits = this.#evaluate(symbol.expression!)),
      circle: ({ node }) => this.#fail('circular', 'a category set contains itself', node),
    }
  }

  set(symbol: CategorySetSymbol): Bits {
    finishInOrder(symbol, this.#sets)
    return symbol.bits!
  }

  /** The categories of a level; none when it says none. */
  level(level: LevelSymbol): Bits {
    return level.bits ??= level.categories === null ? this.#none : this.#evaluate(level.categories)
  }

  /** The categories a sensitivity may have; null when none were ever given to it. */
  allowed(sensitivity: SensitivitySymbol): Bits | null {
    if (sensitivity.categories.length === 0) return null
    if (sensitivity.bits === null) {
      this.#universe.effort.keep(this.size)
      sensitivity.bits = bitsFor(this.size)
      for (const expression of sensitivity.categories) addSet(sensitivity.bits, expression, this.#universe)
    }
    return sensitivity.bits
  }

  #evaluate(expression: Expression): Bits {
    this.#universe.effort.keep(this.size)
    return evaluateSet(expression, this.#universe)
  }

  /** Throws CilError unless the high level dominates the low one and both may have their categories. */
  check(range: RangeSymbol): void {
    const [low, high] = [range.low!, range.high!]
    const name = (level: LevelSymbol): string => this.#tree.names.text(level.sensitivity!.name)
    if (low.sensitivity!.value > high.sensitivity!.value) {
      this.#fail('bad-range', `\`${name(high)}\` does not dominate \`${name(low)}\``, range.node)
    }
    if (!contains(this.level(high), this.level(low))) {
      this.#fail('bad-range', 'the low level has categories that the high level lacks', range.node)
    }
    for (const level of [low, high]) {
      if (level.categories === null) continue
      const allowed = this.allowed(level.sensitivity!)
      if (allowed === null || !contains(allowed, this.level(level))) {
        this.#fail('bad-range', `sensitivity \`${name(level)}\` may not have all of these categories`, level.node)
      }
    }
  }

  #range(from: Declared, to: Declared): Bits {
    const actual = (symbol: Declared): Declared => symbol instanceof Alias ? symbol.actual! : symbol
    const [first, last] = [actual(from), actual(to)]
    if (first instanceof CategorySetSymbol || last instanceof CategorySetSymbol) {
      this.#fail('wrong-kind', 'a range goes from category to category, not to a set', first.node)
    }
    if (first.value > last.value) {
      const [a, b] = [first, last].map(({ name }) => this.#tree.names.text(name))
      this.#fail('bad-range', `\`${a}\` comes after \`${b}\``, first.node)
    }
    const bits = bitsFor(this.size)
    for (let bit = first.value; bit <= last.value; bit++) setBit(bits, bit)
    return bits
  }

  #fail(code: 'circular' | 'bad-range' | 'wrong-kind', message: string, node: number): never {
    throw new CilError(code, message, this.#tree.place(node))
  }
}

/** Two policies in one numbering of types, so that the rules of both can be laid over one another. */
import { list as listBits } from '../../bits.ts'
import type { PolicyView } from '../view.ts'

const NAMELESS = -1

/** The types of either policy by name, and the sets of them that rules stand on. */
export class PolicyPair {
  readonly before: PolicyView
  readonly after: PolicyView
  /** Sorted names; elsewhere here a type is a place in this list. */
  readonly types: readonly string[]
  /** Each once, whatever the attribute is called: its types, ascending. */
  readonly sets: Uint32Array[] = []
  /** By type: the sets that have it. */
  readonly setsWith: number[][]
  readonly #known = new Map<string, number>()
  readonly #numbers: Readonly<Record<Side, readonly number[]>>
  readonly #setOfValue: Readonly<Record<Side, number[]>> = { before: [], after: [] }

  constructor(before: PolicyView, after: PolicyView) {
    this.before = before
    this.after = after
    this.types = [...new Set([...namesOf(before), ...namesOf(after)])].sort()
    this.setsWith = this.types.map(() => [])
    const places = new Map(this.types.map((name, place) => [name, place]))
    const placed = ({ names }: PolicyView): number[] => names.types.map((name) => places.get(name ?? '') ?? NAMELESS)
    this.#numbers = { before: placed(before), after: placed(after) }
  }

  /** The set that a type or attribute of one of the policies stands for. Values without a name are not types. */
  setOf(side: Side, value: number): number {
    const known = this.#setOfValue[side][value]
    if (known !== undefined) return known
    const places = listBits(this[side].members(value)).map((type) => this.#numbers[side][type] ?? NAMELESS)
    const set = this.#enter(Uint32Array.from(places.filter((place) => place !== NAMELESS)).sort())
    this.#setOfValue[side][value] = set
    return set
  }

  #enter(types: Uint32Array): number {
    const key = types.join(' ')
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const set = this.sets.push(types) - 1
    this.#known.set(key, set)
    for (const type of types) this.setsWith[type]!.push(set)
    return set
  }
}

/** Which of the two. */
export type Side = 'before' | 'after'
export const sides: readonly Side[] = ['before', 'after']

const namesOf = (view: PolicyView): string[] => view.policy.types.items
  .filter(({ value, properties }) => properties !== 0 && !view.isAttribute(value)).map(({ name }) => name)

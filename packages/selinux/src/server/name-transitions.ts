/**
 * Transitions by file name, kept as the sets of sources that the policy has: a node of 64 sources is an entry, in flat
 * words. A source that several rules name is that of the first.
 */
import { PolicyError } from '../policydb/errors.ts'
import type { FilenameTransition } from '../policydb/policydb.ts'

const FIRST = 64
/** Target and class; name and which 64 sources; the two halves of them; the type; the entry behind it in its slot. */
const WORDS = 6
/** Sources are at most 65,535. */
const NODE_BITS = 10
const MOST_NAMES = 1 << (32 - NODE_BITS)

export class NameTransitions {
  readonly #names = new Map<string, number>()
  readonly #entries: Int32Array
  readonly #slots: Int32Array
  readonly #shift: number
  #used = 0

  /** Throws PolicyError where there are more names than can be numbered. */
  constructor(transitions: readonly FilenameTransition[]) {
    let count = 0
    for (const { results } of transitions) for (const { sources } of results) count += sources.nodes
    let slots = FIRST
    while (slots < count) slots *= 2
    this.#entries = new Int32Array(WORDS * count)
    this.#slots = new Int32Array(slots).fill(-1)
    this.#shift = Math.clz32(slots - 1)
    for (const { name, target, tclass, results } of transitions) {
      let number = this.#names.get(name)
      if (number === undefined) this.#names.set(name, number = this.#names.size)
      const [about, of] = [(target << 16) | tclass, number << NODE_BITS]
      for (const { sources, type } of results) {
        sources.forEachNode((start, low, high) => this.#add(about, of | (start >>> 6), low, high, type))
      }
    }
    if (this.#names.size > MOST_NAMES)
      throw new PolicyError('bad-count', `more than ${MOST_NAMES} names in transitions`)
  }

  #slot(about: number, of: number): number {
    let h = Math.imul(about ^ Math.imul(of, 0x85ebca6b), 0x9e3779b1)
    h ^= h >>> 15
    return Math.imul(h, 0x2c1b3c6d) >>> this.#shift
  }

  #add(about: number, of: number, low: number, high: number, type: number): void {
    const entries = this.#entries
    const slots = this.#slots
    const slot = this.#slot(about, of)
    const at = this.#used
    // In the order of the policy: sources that earlier entries of the node have are theirs.
    let [left, right, last] = [low, high, -1]
    for (let next = slots[slot]!; next >= 0; next = entries[next + 5]!) {
      last = next
      if (entries[next] !== about || entries[next + 1] !== of) continue
      left &= ~entries[next + 2]!
      right &= ~entries[next + 3]!
    }
    if ((left | right) === 0) return
    this.#used += WORDS
    entries.set([about, of, left, right, type, -1], at)
    if (last < 0) slots[slot] = at
    else entries[last + 5] = at
  }

  /** The type of a new object of this name, 0 of none. */
  find(source: number, target: number, tclass: number, name: string): number {
    const number = this.#names.get(name)
    if (number === undefined) return 0
    const entries = this.#entries
    const bit = source - 1
    const [about, of] = [(target << 16) | tclass, (number << NODE_BITS) | (bit >>> 6)]
    const half = (bit & 32) === 0 ? 2 : 3
    const mask = 1 << (bit & 31)
    for (let at = this.#slots[this.#slot(about, of)]!; at >= 0; at = entries[at + 5]!) {
      if (entries[at] === about && entries[at + 1] === of && (entries[at + half]! & mask) !== 0) return entries[at + 4]!
    }
    return 0
  }
}

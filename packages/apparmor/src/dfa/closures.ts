/**
 * The states of an automaton with choices that are reached without input, of which only those that do something are
 * kept.
 */
import { NO_LINK, type Nfa } from './nfa.ts'

export class Closures {
  readonly #nfa: Nfa
  readonly #known = new Map<number, Int32Array>()
  readonly #seen: Int32Array
  #turn = 0
  /** The set being gathered: its first `length` numbers. */
  members = new Int32Array(256)
  length = 0

  constructor(nfa: Nfa) {
    this.#nfa = nfa
    this.#seen = new Int32Array(nfa.size)
  }

  /** Starts a new set. */
  begin(): void {
    this.#turn++
    this.length = 0
  }

  add(state: number): void {
    if (this.#nfa.free.first(state) === NO_LINK) {
      this.#keep(state)
      return
    }
    for (const one of this.#of(state)) this.#keep(one)
  }

  /** Ends the set: its numbers are in order. */
  finish(): void {
    const { members, length } = this
    if (length > 24) {
      members.subarray(0, length).sort()
      return
    }
    for (let i = 1; i < length; i++) {
      const value = members[i]!
      let at = i
      for (; at > 0 && members[at - 1]! > value; at--) members[at] = members[at - 1]!
      members[at] = value
    }
  }

  #keep(state: number): void {
    if (this.#seen[state] === this.#turn) return
    this.#seen[state] = this.#turn
    if (this.length === this.members.length) {
      const more = new Int32Array(this.length * 2)
      more.set(this.members)
      this.members = more
    }
    this.members[this.length++] = state
  }

  #of(state: number): Int32Array {
    const known = this.#known.get(state)
    if (known !== undefined) return known
    const { free, edges, marks } = this.#nfa
    const reached = new Set([state])
    for (const one of reached) {
      for (let link = free.first(one); link !== NO_LINK; link = free.next(link)) reached.add(free.value(link))
    }
    const useful = [...reached].filter((one) => edges.first(one) !== NO_LINK || marks.first(one) !== NO_LINK)
    const closure = Int32Array.from(useful)
    this.#known.set(state, closure)
    return closure
  }
}

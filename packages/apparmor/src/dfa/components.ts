/**
 * The order in which states of an automaton can be merged: each behind all that it leads to, those in circles left out.
 */
import type { Automaton } from './automaton.ts'
import { Ints } from './ints.ts'

/** Tarjan's walk over strongly connected components, without recursion. */
class Walk {
  readonly #automaton: Automaton
  readonly #visit: (state: number) => void
  readonly #index: Int32Array
  readonly #low: Int32Array
  readonly #onStack: Uint8Array
  readonly #stack = new Ints(1024)
  readonly #path = new Ints(1024)
  /** Targets of a state that were looked at; the default is the last. */
  readonly #progress: Int32Array
  #next = 0

  constructor(automaton: Automaton, visit: (state: number) => void) {
    const { size } = automaton
    this.#automaton = automaton
    this.#visit = visit
    this.#index = new Int32Array(size).fill(-1)
    this.#low = new Int32Array(size)
    this.#onStack = new Uint8Array(size)
    this.#progress = new Int32Array(size)
  }

  run(): void {
    for (let root = 0; root < this.#automaton.size; root++) {
      if (this.#index[root] !== -1) continue
      this.#enter(root)
      while (this.#path.length > 0) this.#advance(this.#path.data[this.#path.length - 1]!)
    }
  }

  #enter(state: number): void {
    this.#index[state] = this.#low[state] = this.#next++
    this.#stack.push(state)
    this.#onStack[state] = 1
    this.#path.push(state)
  }

  #advance(state: number): void {
    const { rows, rowTargets, defaults } = this.#automaton
    const start = rows[state]!
    const count = rows[state + 1]! - start
    const done = this.#progress[state]!++
    if (done > count) {
      this.#leave(state)
      return
    }
    const target = done === count ? defaults[state]! : rowTargets[start + done]!
    if (this.#index[target] === -1) this.#enter(target)
    else if (this.#onStack[target] === 1) this.#lower(state, this.#index[target]!)
  }

  #lower(state: number, to: number): void {
    if (to < this.#low[state]!) this.#low[state] = to
  }

  #leave(state: number): void {
    this.#path.length--
    if (this.#path.length > 0) this.#lower(this.#path.data[this.#path.length - 1]!, this.#low[state]!)
    if (this.#low[state] !== this.#index[state]) return
    const top = this.#stack.data[this.#stack.length - 1]!
    if (top === state) this.#visit(state)
    for (let one = -1; one !== state;) {
      one = this.#stack.data[--this.#stack.length]!
      this.#onStack[one] = 0
    }
  }
}

/** Visits every state that reaches itself by its own transitions alone, or not at all, behind all that it leads to. */
export const visitUpwards = (automaton: Automaton, visit: (state: number) => void): void =>
  new Walk(automaton, visit).run()

/** Which decisions are shown: a filter whose matches grow with the store, so that nothing is searched twice. */
import { verdictNames } from './batch.ts'
import type { VerdictName } from './batch.ts'
import { KEPT } from './store.ts'
import type { DecisionStore } from './store.ts'

/** '' and null: any. */
export interface Filter {
  readonly verdict: VerdictName | 'refused' | ''
  readonly hook: string
  readonly lsm: string
  /** In any of call, task, object and reason. */
  readonly text: string
  /** Milliseconds since the epoch. */
  readonly from: number | null
  readonly to: number | null
}

export const anything: Filter = { verdict: '', hook: '', lsm: '', text: '', from: null, to: null }

/** Columns whose texts the search looks at. */
const KINDS = ['hook', 'task', 'object', 'call', 'reason'] as const
type Kind = (typeof KINDS)[number]

export class Matches {
  readonly #store: DecisionStore
  readonly #filter: Filter
  readonly #numbers = new Float64Array(KEPT)
  #begin = 0
  #end = 0
  #seen: number
  /** Known matches of texts, by kind and number: 1 matches, 2 does not. */
  readonly #known: Record<Kind, number[]> = {
    hook: [],
    task: [],
    object: [],
    call: [],
    reason: [],
  }

  constructor(store: DecisionStore, filter: Filter) {
    this.#store = store
    this.#filter = filter
    this.#seen = store.first
  }

  get length(): number {
    return this.#end - this.#begin
  }

  /** Number of the decision, the newest first. */
  at(index: number): number {
    return this.#numbers[(this.#end - 1 - index) % KEPT]!
  }

  /** How far down the list a decision stands; -1 when it is not in it. */
  indexOf(number: number): number {
    let [low, high] = [this.#begin, this.#end - 1]
    while (low <= high) {
      const middle = Math.floor((low + high) / 2)
      const found = this.#numbers[middle % KEPT]!
      if (found === number) return this.#end - 1 - middle
      if (found < number) low = middle + 1
      else high = middle - 1
    }
    return -1
  }

  /** Takes in what the store has got since. */
  update(): void {
    const store = this.#store
    this.#seen = Math.max(this.#seen, store.first)
    for (; this.#seen < store.total; this.#seen++) {
      if (this.#matches(this.#seen)) this.#numbers[this.#end++ % KEPT] = this.#seen
    }
    // the ring holds no more
    this.#begin = Math.max(this.#begin, this.#end - KEPT)
    while (this.#begin < this.#end && this.#numbers[this.#begin % KEPT]! < store.first) this.#begin++
  }

  #matches(number: number): boolean {
    const store = this.#store
    const { verdict, hook, lsm, text, from, to } = this.#filter
    const at = store.at(number)
    const { columns, times } = store
    if (verdict !== '') {
      const name = verdictNames[columns.verdict[at]!]!
      if (verdict === 'refused' ? name === 'allow' : name !== verdict) return false
    }
    if (from !== null && times[at]! < from) return false
    if (to !== null && times[at]! > to) return false
    if (hook !== '' && store.text('hook', number) !== hook) return false
    if (lsm !== '' && store.text('lsm', number) !== lsm) return false
    return text === '' || KINDS.some((kind) => this.#has(kind, columns[kind][at]!))
  }

  #has(kind: Kind, number: number): boolean {
    const known = this.#known[kind]
    return (known[number] ??= this.#search(kind, number)) === 1
  }

  #search(kind: Kind, number: number): number {
    const text = this.#store.texts[kind][number] ?? ''
    return text.toLowerCase().includes(this.#filter.text.toLowerCase()) ? 1 : 2
  }
}

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
  readonly pid: number | null
  /** Decisions of the terminal itself are among them. */
  readonly terminal: boolean
  /** In any of call, task, object and reason. */
  readonly text: string
  /** Milliseconds since the epoch. */
  readonly from: number | null
  readonly to: number | null
}

export const anything: Filter = {
  verdict: '', hook: '', lsm: '', pid: null, terminal: true, text: '', from: null, to: null,
}

/** Columns whose texts the search looks at. */
const KINDS = ['hook', 'task', 'object', 'call', 'reason'] as const
type Kind = (typeof KINDS)[number]

/** Matches of one kind, allowed or refused: they leave the store in the order in which they came. */
class Numbers {
  readonly #ring = new Float64Array(KEPT)
  #begin = 0
  #end = 0

  get length(): number {
    return this.#end - this.#begin
  }

  push(number: number): void {
    this.#ring[this.#end++ % KEPT] = number
  }

  /** Drops those under `least`. */
  keepFrom(least: number): void {
    this.#begin = Math.max(this.#begin, this.#end - KEPT)
    while (this.#begin < this.#end && this.#ring[this.#begin % KEPT]! < least) this.#begin++
  }

  /** The newest first; less than any number behind the last. */
  at(index: number): number {
    return index >= this.length ? -1 : this.#ring[(this.#end - 1 - index) % KEPT]!
  }

  /** How many are greater. */
  above(number: number): number {
    let [low, high] = [0, this.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.at(middle) > number) low = middle + 1
      else high = middle
    }
    return low
  }
}

export class Matches {
  readonly #store: DecisionStore
  readonly #filter: Filter
  readonly #allowed = new Numbers()
  readonly #refused = new Numbers()
  #seen = 0
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
  }

  get length(): number {
    return this.#allowed.length + this.#refused.length
  }

  /** Decisions with a number below this were compared with the filter; the store may have newer ones. */
  get seen(): number {
    return this.#seen
  }

  /** Number of the decision, the newest first. */
  at(index: number): number {
    const [allowed, refused] = [this.#allowed, this.#refused]
    // so many of the newer ones are refused: between what there is and what the allowed ones leave
    let [low, high] = [Math.max(0, index - allowed.length), Math.min(index, refused.length)]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (refused.at(middle) > allowed.at(index - middle - 1)) low = middle + 1
      else high = middle
    }
    return Math.max(refused.at(low), allowed.at(index - low))
  }

  /** How far down the list a decision stands; -1 when it is not in it. */
  indexOf(number: number): number {
    const index = this.#allowed.above(number) + this.#refused.above(number)
    return index < this.length && this.at(index) === number ? index : -1
  }

  /** Takes in what the store has got since. */
  update(): void {
    const store = this.#store
    for (const [queue, numbers] of [[store.allowed, this.#allowed], [store.refused, this.#refused]] as const) {
      for (let place = queue.from(this.#seen); place < queue.length; place++) {
        const slot = queue.at(place)
        if (this.#matches(slot)) numbers.push(store.numbers[slot]!)
      }
    }
    this.#seen = store.total
    this.#allowed.keepFrom(store.firstOf(false))
    this.#refused.keepFrom(store.firstOf(true))
  }

  #matches(slot: number): boolean {
    const { columns, times, texts } = this.#store
    const { verdict, hook, lsm, pid, terminal, text, from, to } = this.#filter
    if (!terminal && columns.terminal[slot] === 1) return false
    if (verdict !== '') {
      const name = verdictNames[columns.verdict[slot]!]!
      if (verdict === 'refused' ? name === 'allow' : name !== verdict) return false
    }
    if (from !== null && times[slot]! < from) return false
    if (to !== null && times[slot]! > to) return false
    if (pid !== null && columns.pid[slot] !== pid) return false
    if (hook !== '' && texts.hook[columns.hook[slot]!] !== hook) return false
    if (lsm !== '' && texts.lsm[columns.lsm[slot]!] !== lsm) return false
    return text === '' || KINDS.some((kind) => this.#has(kind, columns[kind][slot]!))
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

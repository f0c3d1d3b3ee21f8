/** Decisions a second, by hook or by module, over the last minutes: what the plot draws. */
import type { DecisionStore } from './store.ts'

export type RateOf = 'hook' | 'lsm'

/** Seconds that are kept. */
const SPAN = 300
/** Names that have a line of their own; the rest is one line. */
const LINES = 5

export interface RateSeries {
  /** Seconds since the epoch. */
  readonly seconds: readonly number[]
  readonly lines: readonly { readonly name: string; readonly perSecond: readonly number[] }[]
}

export class Rates {
  readonly #store: DecisionStore
  #seen = 0
  readonly #counts: Record<RateOf, Map<number, number[]>> = { hook: new Map(), lsm: new Map() }

  constructor(store: DecisionStore) {
    this.#store = store
  }

  clear(): void {
    this.#seen = 0
    this.#counts.hook.clear()
    this.#counts.lsm.clear()
  }

  /** Behind each batch, so that nothing has left the store unseen. */
  update(): void {
    const { allowed, refused, total } = this.#store
    for (const queue of [allowed, refused]) {
      for (let place = queue.from(this.#seen); place < queue.length; place++) this.#count(queue.at(place))
    }
    this.#seen = total
  }

  #count(slot: number): void {
    const { times, columns } = this.#store
    const second = Math.floor(times[slot]! / 1000)
    for (const of of ['hook', 'lsm'] as const) {
      const row = this.#counts[of].get(second) ?? this.#open(of, second)
      const text = columns[of][slot]!
      row[text] = (row[text] ?? 0) + 1
    }
  }

  #open(of: RateOf, second: number): number[] {
    const row: number[] = []
    const { [of]: rows } = this.#counts
    rows.set(second, row)
    if (rows.size > SPAN) rows.delete(rows.keys().next().value!)
    return row
  }

  /** Up to now, a point a second, the names with most decisions first. */
  series(of: RateOf, now: number, span = 60): RateSeries {
    const rows = this.#counts[of]
    const last = Math.floor(now / 1000)
    const seconds = Array.from({ length: span }, (_, i) => last - span + 1 + i)
    const sums: number[] = []
    for (const second of seconds) rows.get(second)?.forEach((n, text) => (sums[text] = (sums[text] ?? 0) + n))
    const order = [...sums.keys()].filter((text) => sums[text] !== undefined).sort((a, b) => sums[b]! - sums[a]!)
    const line = (name: string, texts: readonly number[]) => ({
      name,
      perSecond: seconds.map((second) => texts.reduce((sum, text) => sum + (rows.get(second)?.[text] ?? 0), 0)),
    })
    const nameOf = (text: number): string => this.#store.texts[of][text] || 'allowed'
    const lines = order.slice(0, LINES).map((text) => line(nameOf(text), [text]))
    return { seconds, lines: order.length <= LINES ? lines : [...lines, line('others', order.slice(LINES))] }
  }
}

/** The last decisions, in a ring of columns: a hundred thousand a second come in without an object for any of them. */
import { columnNames, textKinds } from './batch.ts'
import type { Batch, ColumnName, TextKind } from './batch.ts'

/** Decisions that are kept; older ones make room and are counted. */
export const KEPT = 1 << 17
const MASK = KEPT - 1
const KEPT_CALLS = 8192

type Columns = Record<ColumnName, Int32Array>

export class DecisionStore {
  /** Decisions since the beginning, the lost ones apart; the last `KEPT` of them are here. */
  total = 0
  /** Decisions that nobody can read any more, or that were never recorded. */
  missed = 0
  readonly times = new Float64Array(KEPT)
  readonly columns = Object.fromEntries(columnNames.map((name) => [name, new Int32Array(KEPT)])) as Columns
  readonly texts = Object.fromEntries(textKinds.map((kind) => [kind, []])) as unknown as Record<TextKind, string[]>
  readonly #calls = new Map<number, string>()

  /** Number of the oldest decision that is here. */
  get first(): number {
    return Math.max(0, this.total - KEPT)
  }

  get lost(): number {
    return this.missed + this.first
  }

  /** Of another machine nothing is kept. */
  clear(): void {
    this.total = 0
    this.missed = 0
    this.#calls.clear()
    for (const kind of textKinds) this.texts[kind].length = 0
  }

  add({ count, times, columns, texts, calls, missed }: Batch): void {
    for (const kind of textKinds) for (const text of texts[kind]) this.texts[kind].push(text)
    for (const { serial, text } of calls) {
      this.#calls.set(serial, text)
      if (this.#calls.size > KEPT_CALLS) this.#calls.delete(this.#calls.keys().next().value!)
    }
    const at = this.total & MASK
    const before = Math.min(count, KEPT - at)
    const put = <T extends Float64Array | Int32Array>(to: T, from: T): void => {
      to.set(from.subarray(0, before) as never, at)
      if (before < count) to.set(from.subarray(before) as never, 0)
    }
    put(this.times, times)
    for (const name of columnNames) put(this.columns[name], columns[name])
    this.total += count
    this.missed += missed
  }

  /** Where the decision of a number lies in the columns. */
  at(number: number): number {
    return number & MASK
  }

  text(kind: TextKind, number: number): string {
    return this.texts[kind][this.columns[kind as ColumnName][number & MASK]!] ?? ''
  }

  callText(number: number): string {
    return this.#calls.get(this.columns.callSerial[number & MASK]!) ?? this.text('call', number)
  }

  /** Numbers of the decisions of one call, in their order. */
  sameCall(number: number): number[] {
    const {
      columns: { callSerial },
      first,
      total,
    } = this
    const serial = callSerial[number & MASK]!
    if (serial === 0) return [number]
    let from = number
    while (from > first && callSerial[(from - 1) & MASK] === serial) from--
    const found: number[] = []
    for (let one = from; one < total && callSerial[one & MASK] === serial; one++) found.push(one)
    return found
  }

  /** The decision with a record's number; null when it is gone. Records are in order, so this is a search. */
  find(serial: number): number | null {
    let [low, high] = [this.first, this.total - 1]
    while (low <= high) {
      const middle = (low + high) >> 1
      const found = this.columns.serial[middle & MASK]!
      if (found === serial) return middle
      if (found < serial) low = middle + 1
      else high = middle - 1
    }
    return null
  }
}

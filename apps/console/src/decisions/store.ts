/**
 * The decisions that the page keeps, in columns: a hundred thousand a second come in without an object for any of them.
 * When there is no more room, the oldest allowed one goes. A refused one goes when nothing else is left but the last
 * allowed ones, all of them newer: without them nobody would see what runs now.
 */
import { columnNames, textKinds } from './batch.ts'
import type { Batch, ColumnName, TextKind } from './batch.ts'
import { KeptCalls } from './kept-calls.ts'
import { SlotQueue } from './slot-queue.ts'

/** Decisions that are kept. */
export const KEPT = 1 << 17
const MASK = KEPT - 1
/** The last allowed ones, which do not make room for an older refusal. */
const RESERVED = KEPT >> 3
const KEPT_CALLS = 8192
const KEPT_REFUSED_CALLS = 32_768

type Columns = Record<ColumnName, Int32Array>

export class DecisionStore {
  /** Decisions since the beginning, without those that were never recorded. */
  total = 0
  /** Decisions of which no record was made. */
  missed = 0
  /** Decisions that had to make room. */
  readonly leftOut = { allowed: 0, refused: 0 }
  readonly times = new Float64Array(KEPT)
  readonly columns = Object.fromEntries(columnNames.map((name) => [name, new Int32Array(KEPT)])) as Columns
  readonly texts = Object.fromEntries(textKinds.map((kind) => [kind, []])) as unknown as Record<TextKind, string[]>
  readonly #calls = new KeptCalls<string>(KEPT_CALLS, KEPT_REFUSED_CALLS)
  /** The number of the decision in each slot; -1: an empty one. */
  readonly numbers = new Float64Array(KEPT).fill(-1)
  /** The slot of a number's last bits: what a newer decision has taken is found in the queue. */
  readonly #recent = new Int32Array(KEPT)
  #used = 0
  readonly allowed = new SlotQueue(this.numbers)
  readonly refused = new SlotQueue(this.numbers)

  /** Number of the oldest decision that is here. */
  get first(): number {
    return Math.min(this.#oldest(this.allowed), this.#oldest(this.refused))
  }

  /** The number from which on decisions of a kind are here. */
  firstOf(isRefused: boolean): number {
    return this.#oldest(isRefused ? this.refused : this.allowed)
  }

  #oldest(queue: SlotQueue): number {
    return queue.length === 0 ? this.total : this.numbers[queue.at(0)]!
  }

  get lost(): number {
    return this.missed + this.leftOut.allowed + this.leftOut.refused
  }

  /** Of another machine nothing is kept. */
  clear(): void {
    this.total = this.missed = this.#used = this.leftOut.allowed = this.leftOut.refused = 0
    this.numbers.fill(-1)
    this.allowed.clear()
    this.refused.clear()
    this.#calls.clear()
    for (const kind of textKinds) this.texts[kind].length = 0
  }

  add(batch: Batch): void {
    for (const kind of textKinds) for (const text of batch.texts[kind]) this.texts[kind].push(text)
    for (const { serial, text, isRefused } of batch.calls) this.#calls.set(serial, text, isRefused)
    for (const { serial, answer } of batch.answers) this.#answer(serial, answer)
    const { verdict } = batch.columns
    const slots = new Int32Array(batch.count)
    for (let row = 0; row < batch.count; row++) {
      const number = this.total++
      const isRefused = verdict[row] !== 0
      const slot = this.#room()
      slots[row] = slot
      this.numbers[slot] = number
      this.times[slot] = batch.times[row]!
      this.#recent[number & MASK] = slot
      if (isRefused) this.refused.push(slot)
      else this.allowed.push(slot)
    }
    for (const name of columnNames) {
      const [to, from] = [this.columns[name], batch.columns[name]]
      for (let row = 0; row < batch.count; row++) to[slots[row]!] = from[row]!
    }
    this.missed += batch.missed
  }

  #room(): number {
    if (this.#used < KEPT) return this.#used++
    const isRefused = this.allowed.length <= RESERVED && this.firstOf(true) < this.firstOf(false)
    this.leftOut[isRefused ? 'refused' : 'allowed']++
    return (isRefused ? this.refused : this.allowed).shift()
  }

  /** The answer of a call that began in a batch before. */
  #answer(serial: number, answer: number): void {
    for (let number = this.total - 1; number >= 0; number--) {
      const slot = this.at(number)
      if (this.columns.callSerial[slot] !== serial) break
      this.columns.answer[slot] = answer
    }
  }

  /** The place of a decision in the columns; -1 when it is not here any more. */
  at(number: number): number {
    const slot = this.#recent[number & MASK]!
    if (this.numbers[slot] === number) return slot
    const older = this.refused.at(this.refused.from(number))
    return this.numbers[older] === number ? older : -1
  }

  has(number: number): boolean {
    return number >= 0 && this.at(number) >= 0
  }

  text(kind: TextKind, number: number): string {
    return this.texts[kind][this.columns[kind as ColumnName][this.at(number)]!] ?? ''
  }

  callText(number: number): string {
    return this.#calls.get(this.columns.callSerial[this.at(number)]!) ?? this.text('call', number)
  }

  /** Numbers of the decisions of one call that are here, in their order. */
  sameCall(number: number): number[] {
    const { callSerial } = this.columns
    const serial = callSerial[this.at(number)]!
    if (serial === 0) return [number]
    const isOfCall = (one: number): boolean => this.has(one) && callSerial[this.at(one)] === serial
    let from = number
    while (isOfCall(from - 1)) from--
    const found: number[] = []
    for (let one = from; isOfCall(one); one++) found.push(one)
    return found
  }
}

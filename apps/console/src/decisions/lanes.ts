/** A lane for each process, with the programs that ran in it and its counts. Decisions are its clock. */
import type { DecisionStore } from './store.ts'

/** A program in a process, or the same one as another user or with another label. */
export interface LaneRun {
  /** Number of the text of the task. */
  readonly task: number
  /** Milliseconds since the epoch. */
  readonly from: number
  to: number
}

export interface Lane {
  readonly pid: number
  readonly runs: LaneRun[]
  readonly from: number
  to: number
  /** Of all that was decided, also of what the store has left out since. */
  decisions: number
  refused: number
}

/** Threads of a process that take turns under other names are this many runs beside one another. */
const TURNS = 4

export class Lanes {
  readonly #store: DecisionStore
  #seen = 0
  /** In the order in which the processes were first seen. */
  readonly list: Lane[] = []
  readonly #places = new Map<number, number>()

  constructor(store: DecisionStore) {
    this.#store = store
  }

  clear(): void {
    this.#seen = 0
    this.list.length = 0
    this.#places.clear()
  }

  /** The place of a process in the list; -1 when it was never seen. */
  placeOf(pid: number): number {
    return this.#places.get(pid) ?? -1
  }

  /** Behind each batch, so that nothing has left the store unseen. */
  update(): void {
    const store = this.#store
    for (; this.#seen < store.total; this.#seen++) this.#count(store.at(this.#seen))
  }

  #count(slot: number): void {
    const { times, columns } = this.#store
    const [time, pid, task] = [times[slot]!, columns.pid[slot]!, columns.task[slot]!]
    const lane = this.list[this.#places.get(pid) ?? this.#open(pid, time)]!
    lane.to = time
    lane.decisions++
    if (columns.verdict[slot] !== 0) lane.refused++
    const { runs } = lane
    for (let at = runs.length - 1; at >= 0 && at >= runs.length - TURNS; at--) {
      const run = runs[at]!
      if (run.task === task) return void (run.to = time)
    }
    runs.push({ task, from: time, to: time })
  }

  #open(pid: number, time: number): number {
    this.#places.set(pid, this.list.length)
    return this.list.push({ pid, runs: [], from: time, to: time, decisions: 0, refused: 0 }) - 1
  }
}

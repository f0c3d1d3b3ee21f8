/** One performance event: a counter of something, and the time for which it has counted (kernel/events/core.c). */
import {
  PERF_COUNT_SW_CPU_CLOCK, PERF_COUNT_SW_TASK_CLOCK, PERF_FORMAT_GROUP, PERF_FORMAT_ID, PERF_FORMAT_LOST,
  PERF_FORMAT_TOTAL_TIME_ENABLED, PERF_FORMAT_TOTAL_TIME_RUNNING, PERF_TYPE_SOFTWARE,
} from '@lsmkit/abi'
import type { PerfEvent as LsmPerfEvent, Task } from '@lsmkit/core'

/** The fields of `struct perf_event_attr` that change the count or the checks; a field that is missing is 0. */
export interface PerfEventAttr {
  type?: number
  size?: number
  config?: number
  sample_period?: number
  sample_type?: number
  read_format?: number
  freq?: boolean | number
  disabled?: boolean | number
  inherit?: boolean | number
  inherit_thread?: boolean | number
  pinned?: boolean | number
  exclusive?: boolean | number
  exclude_kernel?: boolean | number
  exclude_callchain_kernel?: boolean | number
  namespaces?: boolean | number
  text_poke?: boolean | number
  enable_on_exec?: boolean | number
  remove_on_exec?: boolean | number
  sigtrap?: boolean | number
}

export class PerfEvent implements LsmPerfEvent {
  security: LsmPerfEvent['security'] = null
  readonly id: number
  readonly type: number
  readonly config: number
  readonly attr: PerfEventAttr
  /** Null: whoever runs on the processor. */
  readonly task: Task | null
  readonly cpu: number
  /** The first of its group: itself, when it leads one. */
  readonly leader: PerfEvent
  readonly siblings: PerfEvent[] = []
  /** Pages of data that are mapped behind the control page; null: none are. */
  dataPages: number | null = null
  readonly #now: () => number
  /** The count, and nanoseconds enabled, before it was last enabled. */
  #counted = 0
  #elapsed = 0
  #since: number | null = null
  /** Of the clock when it was reset. */
  #base = 0

  /** `now`: nanoseconds since boot. */
  constructor(
    id: number, attr: PerfEventAttr, task: Task | null, cpu: number, leader: PerfEvent | null, now: () => number,
  ) {
    this.id = id
    this.attr = attr
    this.type = attr.type ?? 0
    this.config = attr.config ?? 0
    this.task = task
    this.cpu = cpu
    this.leader = leader ?? this
    this.#now = now
    if (!attr.disabled) this.enable()
  }

  get isEnabled(): boolean {
    return this.#since !== null
  }

  enable(): void {
    this.#since ??= this.#now()
  }

  disable(): void {
    this.#elapsed = this.timeEnabled
    this.#since = null
  }

  reset(): void {
    this.#counted = 0
    this.#base = this.timeEnabled
  }

  /** Something that it counts has happened to `task`. */
  happened(task: Task): void {
    if (this.isEnabled && (this.task === null || this.task === task)) this.#counted++
  }

  get timeEnabled(): number {
    return this.#elapsed + (this.#since === null ? 0 : this.#now() - this.#since)
  }

  /** Clocks count nanoseconds; an event without a source has counted 0. */
  get count(): number {
    const isClock = this.type === PERF_TYPE_SOFTWARE &&
      (this.config === PERF_COUNT_SW_CPU_CLOCK || this.config === PERF_COUNT_SW_TASK_CLOCK)
    return isClock ? this.timeEnabled - this.#base : this.#counted
  }

  /** The result of read(2): 64-bit words by the read format. */
  get words(): number[] {
    const format = this.attr.read_format ?? 0
    const has = (bit: number, word: number): number[] => ((format & bit) !== 0 ? [word] : [])
    const times = [
      ...has(PERF_FORMAT_TOTAL_TIME_ENABLED, this.timeEnabled),
      ...has(PERF_FORMAT_TOTAL_TIME_RUNNING, this.timeEnabled),
    ]
    const own = (event: PerfEvent): number[] =>
      [...has(PERF_FORMAT_ID, event.id), ...has(PERF_FORMAT_LOST, 0)]
    if ((format & PERF_FORMAT_GROUP) === 0) return [this.count, ...times, ...own(this)]
    const group = [this, ...this.siblings]
    return [group.length, ...times, ...group.flatMap((event) => [event.count, ...own(event)])]
  }
}

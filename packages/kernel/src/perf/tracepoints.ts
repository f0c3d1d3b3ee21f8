/** Tracepoints of this kernel, by the numbers that tracefs shows. */
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { PerfEvent } from './perf-event.ts'

/** The first number is the function tracer's own event. */
export const FUNCTION_EVENT = 1

export const TRACEPOINTS = [
  { system: 'sched', name: 'sched_process_fork', id: 321 },
  { system: 'sched', name: 'sched_process_exit', id: 324 },
] as const
export type TracepointName = (typeof TRACEPOINTS)[number]['name']

export class Tracepoints {
  readonly #events = new Map<number, Set<PerfEvent>>()

  constructor(machine: Machine) {
    machine.onFork.push((_child, parent) => this.#hit('sched_process_fork', parent))
    machine.onExit.push((task) => this.#hit('sched_process_exit', task))
  }

  add(event: PerfEvent): void {
    const known = this.#events.get(event.config)
    if (known === undefined) this.#events.set(event.config, new Set([event]))
    else known.add(event)
  }

  remove(event: PerfEvent): void {
    this.#events.get(event.config)?.delete(event)
  }

  #hit(name: TracepointName, task: Task): void {
    if (this.#events.size === 0) return
    const { id } = TRACEPOINTS.find((one) => one.name === name)!
    for (const event of this.#events.get(id) ?? []) event.happened(task)
  }
}

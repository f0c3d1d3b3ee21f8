/** Permissions to trace that tracees have given (PR_SET_PTRACER): one relation a tracee, gone with either end. */
import type { Task } from '@lsmkit/core'
import { isDescendant, leaderOf } from './descent.ts'

/** Instead of a tracer: whoever asks. */
export const ANYONE = null

export class Relations {
  /** By the leader of the tracee. A tracer is the very thread that was named, though its whole process may trace. */
  readonly #tracerOf = new Map<Task, Task | typeof ANYONE>()

  get size(): number {
    return this.#tracerOf.size
  }

  /** As `yama_ptracer_add`: replaces what the tracee had wished before. */
  set(tracee: Task, tracer: Task | typeof ANYONE): void {
    this.#tracerOf.set(leaderOf(tracee), tracer)
  }

  /** The tracee takes its wish back. */
  clear(tracee: Task): void {
    this.#tracerOf.delete(leaderOf(tracee))
  }

  /** As `yama_task_free`: nothing is left of a task that ends, as tracee or as tracer. */
  forget(task: Task): void {
    if (this.#tracerOf.size === 0) return
    for (const [tracee, tracer] of this.#tracerOf) {
      if (tracee === task || tracer === task) this.#tracerOf.delete(tracee)
    }
  }

  /** The second half of `ptracer_exception_found`: `tracer` is who was named, or descends from it. */
  allow(tracee: Task, tracer: Task): boolean {
    const named = this.#tracerOf.get(leaderOf(tracee))
    return named === ANYONE || (named !== undefined && isDescendant(named, tracer))
  }
}

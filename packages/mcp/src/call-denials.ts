/**
 * Denials by the call that they belong to, while calls run side by side. A run of the box that begins within a call
 * belongs to it, also where a handler starts it by `box.run` or `box.sh`.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Denial } from '@lsmkit/sandbox'
import type { Inside } from '@lsmkit/sandbox/inside'

interface Call {
  readonly runs: number[]
  readonly denials: Denial[]
}

export class CallDenials {
  readonly #current = new AsyncLocalStorage<Call>()
  readonly #callOf = new Map<number, Call>()

  constructor(inside: Inside) {
    inside.watch({
      onRun: (run) => {
        const call = this.#current.getStore()
        if (call === undefined) return
        call.runs.push(run)
        this.#callOf.set(run, call)
      },
      onDenial: (denial) => void this.#callOf.get(denial.run)?.denials.push(denial),
    })
  }

  /** Runs one call, and answers its result with what the call was refused. */
  async during<T>(step: () => Promise<T>): Promise<{ readonly result: T; readonly denials: readonly Denial[] }> {
    const call: Call = { runs: [], denials: [] }
    try {
      const result = await this.#current.run(call, step)
      return { result, denials: call.denials }
    } finally {
      for (const run of call.runs) this.#callOf.delete(run)
    }
  }
}

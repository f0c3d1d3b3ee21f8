/** Long work by slices of time, between which the thread does what else it has to. */
import type { Steps } from '@lsmkit/kernel/files'

/** Milliseconds that others wait at most. */
const SLICE = 5

/** Taken before a script runs: just-bash takes clocks and timers from all that a script leads to. */
const now = performance.now.bind(performance)
const { setTimeout, setImmediate } = globalThis as typeof globalThis & { setImmediate?: (call: () => void) => void }

/** The other work of the thread: timers, messages. */
export const turn = (): Promise<void> =>
  new Promise((resolve) => void (setImmediate === undefined ? setTimeout(resolve, 0) : setImmediate(resolve)))

/** All steps. `goesOn` is called between two slices, and throws where the work is to end. */
export const inSlices = async (steps: Steps, goesOn: () => void): Promise<void> => {
  try {
    for (let began = now(); steps.next().done !== true;) {
      if (now() - began < SLICE) continue
      await turn()
      goesOn()
      began = now()
    }
  } finally {
    steps.return()
  }
}

/** Lets the thread turn when it has not for a slice. */
export class Breath {
  #last = now()

  /** null: not yet. */
  take(): Promise<void> | null {
    if (now() - this.#last < SLICE) return null
    return this.#turned()
  }

  async #turned(): Promise<void> {
    await turn()
    this.#last = now()
  }
}

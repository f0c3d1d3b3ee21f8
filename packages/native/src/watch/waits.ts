/** Calls whose answer comes later: a connection under way, a pipe that nobody has opened yet. */
import { POLLIN, POLLOUT } from '@lsmkit/abi'

export interface Wait {
  /** A descriptor that becomes ready; -1 where the answer has to be looked for. */
  readonly fd: number
  readonly events: number
  /** Whether the call is answered, or its task has gone. */
  step(): boolean
  /** Gives back what it holds, without an answer. */
  close?(): unknown
}

/** Calls that may wait at once; the kernel makes further ones itself. */
export const MOST_WAITS = 60
export const READABLE = POLLIN
export const WRITABLE = POLLOUT

export class Waits {
  #waits: Wait[] = []

  get all(): readonly Wait[] {
    return this.#waits
  }

  get isFull(): boolean {
    return this.#waits.length >= MOST_WAITS
  }

  add(wait: Wait): void {
    this.#waits.push(wait)
  }

  close(): void {
    for (const wait of this.#waits.splice(0)) wait.close?.()
  }

  step(): void {
    this.#waits = this.#waits.filter((wait) => !wait.step())
  }
}

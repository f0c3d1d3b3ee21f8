/** HTTP of one process: bytes that it holds in the host's heap, its requests under way, and the answer it gives. */
import type { Task } from '@lsmkit/core'
import type { Machine } from '@lsmkit/kernel'
import type { Process } from '../../../process.ts'
import type { Callee } from '../../callee.ts'

/** Bytes of fields and bodies that a process may bring here in all its life, beside its limit of memory. */
const MOST_HELD = 256 * 2 ** 20

export class HttpState {
  #held = 0
  readonly #underWay = new Set<AbortController>()

  /** Counts bytes that the component has handed over; one that hands over too many ends. */
  hold(callee: Callee, length: number): void {
    if (!this.mayHold(length)) callee.trap('more than 256 MiB of HTTP')
  }

  /** As `hold`: false where they are too many. */
  mayHold(length: number): boolean {
    this.#held += length
    return this.#held <= MOST_HELD
  }

  get room(): number {
    return Math.max(0, MOST_HELD - this.#held)
  }

  begin(): AbortController {
    const stop = new AbortController()
    this.#underWay.add(stop)
    return stop
  }

  end(stop: AbortController): void {
    this.#underWay.delete(stop)
  }

  /** Its process has ended. */
  abort(): void {
    for (const stop of this.#underWay) stop.abort(new Error('aborted: the process has ended'))
    this.#underWay.clear()
  }
}

const states = new WeakMap<Task, HttpState>()
const watched = new WeakSet<Machine>()

/** Requests of a process end with it. */
export const httpOf = ({ machine, task }: Pick<Process, 'machine' | 'task'>): HttpState => {
  const known = states.get(task)
  if (known !== undefined) return known
  if (!watched.has(machine)) {
    watched.add(machine)
    machine.onExit.push((ended) => states.get(ended)?.abort())
  }
  const made = new HttpState()
  states.set(task, made)
  return made
}

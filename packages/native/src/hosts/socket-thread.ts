/** A thread that answers socket(2) alone, for a program that nobody watches. */
import type { Worker } from 'node:worker_threads'
import type { StopSignal } from '../watch/stop-signal.ts'
import { endOf, noRules, NO_LISTENER, readyOf, startThread } from '../watch/watch.ts'
import type { WatchStart } from '../watch/watch-start.ts'

export class SocketThread {
  readonly #thread: Worker
  readonly #stop: StopSignal
  readonly #ready: Promise<void>

  /** Throws NativeError `unsupported`. */
  constructor() {
    const { thread, stop } = startThread({ reportsAll: false, mediation: null, socketsAlone: true })
    this.#thread = thread
    this.#stop = stop
    this.#ready = readyOf(thread)
    // whoever attaches a listener gets its error
    this.#ready.catch(() => {})
    void endOf(thread, stop, () => {})
    thread.unref()
  }

  /** From now on calls are answered. Rejects where the thread could not start. */
  async attach(listener: number): Promise<void> {
    await this.#ready
    this.#thread.postMessage({ listener, rules: noRules, user: null, filter: null, probe: -1 } satisfies WatchStart, [])
  }

  /** Calls of programs that still run answer ENOSYS then. */
  end(): void {
    this.#stop.send()
    // one that has a listener already takes no second one
    void this.attach(NO_LISTENER).catch(() => {})
  }
}

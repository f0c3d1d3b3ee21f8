/** The worker of the kernel as functions: each call a message there and a message back. */
import type { KernelCalls, Method, KernelEvent } from '../kernel/protocol.ts'

type Answer<M extends Method> = Awaited<ReturnType<KernelCalls[M]>>
type Event = Extract<KernelEvent, { event: string }>

/** The worker said that a request cannot be met. */
export class KernelError extends Error {
  readonly hint: string | null

  constructor(message: string, hint: string | null = null) {
    super(message)
    this.hint = hint
  }
}

export interface ClientEvents {
  readonly onEvent: (event: Event) => void
  /** The worker itself failed; nothing comes from it any more. */
  readonly onCrash: (message: string) => void
}

export class KernelClient {
  readonly #worker: Worker
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  #last = 0

  constructor({ onEvent, onCrash }: ClientEvents) {
    this.#worker = new Worker(new URL('../kernel/worker.ts', import.meta.url), { type: 'module' })
    this.#worker.addEventListener('message', ({ data }: MessageEvent<KernelEvent>) => {
      if ('event' in data) return onEvent(data)
      const { resolve, reject } = this.#waiting.get(data.id)!
      this.#waiting.delete(data.id)
      if ('error' in data) reject(new KernelError(data.error, data.hint))
      else resolve(data.value as never)
    })
    this.#worker.addEventListener('error', (event) => {
      event.preventDefault()
      this.end(event.message || 'its code could not be loaded')
      onCrash(event.message || 'its code could not be loaded')
    })
  }

  call<M extends Method>(method: M, ...args: Parameters<KernelCalls[M]>): Promise<Answer<M>> {
    const id = ++this.#last
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#worker.postMessage({ id, method, args }, { transfer: [] })
    })
  }

  /** Requests that still wait for an answer reject with `why`. */
  end(why: string): void {
    this.#worker.terminate()
    for (const { reject } of this.#waiting.values()) reject(new KernelError(why))
    this.#waiting.clear()
  }
}

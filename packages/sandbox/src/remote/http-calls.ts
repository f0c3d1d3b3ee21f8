/** Requests of HTTP across two threads: their bodies and answers, part by part. */
import type { HeaderPairs } from '@lsmkit/kernel'
import type { RunHttp } from '../served-run.ts'
import type { Handlers, Rpc } from './rpc.ts'

/** Where the requests are: their ends by the number of the run. */
export class ServedRequests {
  readonly #open = new Map<number, RunHttp>()
  /** Those whose answer has begun: it may go on behind the end of its run. */
  readonly #begun = new Set<number>()

  begin(key: number, http: RunHttp | null): void {
    if (http !== null) this.#open.set(key, http)
  }

  /** The run has ended. */
  over(key: number): void {
    if (!this.#begun.has(key)) this.#open.delete(key)
  }

  readonly handlers: Handlers = {
    pullBody: (key: number) => this.#of(key).pull(),
    beginAnswer: (key: number, status: number, headers: HeaderPairs) => {
      this.#begun.add(key)
      this.#open.get(key)?.begin(status, headers)
    },
    pushAnswer: (key: number, bytes: Uint8Array) => this.#of(key).push(bytes),
    endAnswer: (key: number, trailers: HeaderPairs, failure: string | null) => {
      this.#open.get(key)?.end(trailers, failure)
      this.#begun.delete(key)
      this.#open.delete(key)
    },
  }

  #of(key: number): RunHttp {
    const http = this.#open.get(key)
    if (http === undefined) throw new Error('the request is over')
    return http
  }
}

/** In the thread of the kernel: the request of run `key`. */
export const remoteHttp = (rpc: Rpc, key: number): RunHttp => ({
  pull: () => rpc.call('pullBody', key) as Promise<Uint8Array | HeaderPairs>,
  begin: (status, headers) => rpc.tell('beginAnswer', key, status, headers),
  push: async (bytes) => void await rpc.call('pushAnswer', key, bytes),
  end: (trailers, failure) => rpc.tell('endAnswer', key, trailers, failure),
})

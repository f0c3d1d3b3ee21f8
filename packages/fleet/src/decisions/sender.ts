/**
 * Brings a spool to the store, in order, at least once: what was not acknowledged is sent again, under the same ids as
 * long as this process lives. A store that is slow or away costs one batch of memory; the spool holds the rest.
 */
import { reasonOf } from '../fleet-error.ts'
import type { NewRecord, Store } from '../store/store.ts'
import { pause } from '../store/waiting.ts'
import type { Spool } from '../spool/spool.ts'
import { messageBytes, messageId } from './message.ts'

/** Bytes of the lines of a message: with its head it is within what the log takes. */
const MOST_BYTES = 60 * 1024
/** Messages of one `append`. */
const AT_ONCE = 32
const LOOK_MS = 1000
const LONGEST_WAIT_MS = 30_000

interface Batch {
  readonly to: number
  readonly messages: readonly NewRecord[]
}

export class Sender {
  readonly #store: Store
  readonly #host: string
  readonly #spool: Spool
  readonly #closing = new AbortController()
  readonly #run: Promise<void>
  /** Why the last batch was not taken; null where it was. */
  error: string | null = null

  constructor(store: Store, host: string, spool: Spool) {
    this.#store = store
    this.#host = host
    this.#spool = spool
    this.#run = this.#send()
  }

  async #send(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      try {
        const batch = await this.#batch()
        if (batch === null) await this.#spool.more.wait(LOOK_MS, signal)
        else await this.#deliver(batch, signal)
      } catch (error) {
        this.error = reasonOf(error)
        await pause(LOOK_MS, signal)
      }
    }
  }

  async #batch(): Promise<Batch | null> {
    const messages: NewRecord[] = []
    let to = 0
    while (messages.length < AT_ONCE) {
      const chunk = await this.#spool.next(MOST_BYTES)
      if (chunk === null) break
      to = chunk.to
      messages.push({
        id: messageId(this.#host, chunk.from, to), value: messageBytes(chunk.from, to, chunk.lines),
      })
    }
    return messages.length === 0 ? null : { to, messages }
  }

  async #deliver({ to, messages }: Batch, signal: AbortSignal): Promise<void> {
    for (let wait = 250; !signal.aborted; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
      try {
        await this.#store.append('dec', this.#host, messages)
        this.error = null
        this.#spool.ack(to)
        return
      } catch (error) {
        this.error = reasonOf(error)
        // hosts that have lost the same store do not come back in step
        await pause(wait * (0.5 + Math.random() / 2), signal)
      }
    }
  }

  /** Sends what is on the disk, for at most so many milliseconds, and ends. */
  async close(patience: number): Promise<void> {
    const until = Date.now() + patience
    const { durable } = this.#spool.status
    while (this.#spool.status.acked < durable && this.error === null && Date.now() < until) await pause(10)
    this.#closing.abort()
    await Promise.race([this.#run, pause(patience)])
  }
}

/** A connection of the gateway as a stream of Node, for the proxy. */
import { Duplex } from 'node:stream'
import { EHOSTUNREACH, errnoName } from '@lsmkit/abi'
import { LsmkitError } from '@lsmkit/core'
import type { OutsideConnection, OutsideEvents } from '@lsmkit/kernel'
import type { HostPort, HostWay, HttpAsk } from '@lsmkit/sandbox/hosts'

/** A host that was not reached. */
export class HostError extends LsmkitError<'not-reached'> {
  /** Positive. */
  readonly errno: number

  constructor(errno: number) {
    super('not-reached', `the host answered ${errnoName(-errno)}`)
    this.errno = errno
  }
}

class HostStream extends Duplex {
  #connection: OutsideConnection | null = null

  constructor() {
    super({ allowHalfOpen: true })
  }

  carry(connection: OutsideConnection): void {
    this.#connection = connection
    if (this.destroyed) connection.destroy()
  }

  override _write(bytes: Uint8Array, _encoding: string, done: () => void): void {
    this.#connection!.write(bytes, done)
  }

  override _read(): void {
    this.#connection?.resume()
  }

  override _final(done: () => void): void {
    this.#connection!.end()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#connection?.destroy()
    done(error)
  }
}

/** Resolves when the connection is open; rejects with HostError. `signal`: nobody waits for it any more. */
export const reachHost = (
  way: HostWay, target: HostPort, ask: HttpAsk | null, signal: AbortSignal,
): Promise<Duplex> => new Promise((resolve, reject) => {
  const stream = new HostStream()
  const events: OutsideEvents = {
    opened: () => resolve(stream),
    failed: (errno) => {
      const error = new HostError(errno)
      reject(error)
      stream.destroy(error)
    },
    data: (bytes) => stream.push(bytes),
    ended: () => void stream.push(null),
  }
  // whoever has the stream listens; nobody does before it is open
  stream.on('error', () => {})
  const connection = way.connect(target, ask, events)
  if (connection === null) return reject(new HostError(EHOSTUNREACH))
  if (typeof connection === 'number') return reject(new HostError(-connection))
  stream.carry(connection)
  signal.addEventListener('abort', () => stream.destroy())
})

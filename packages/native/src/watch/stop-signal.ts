/** Ends a thread that waits in poll(2): a descriptor that becomes readable. */
import { NativeError } from '../native-error.ts'
import type { System } from '../sys/system.ts'

const EFD_CLOEXEC = 0o2000000
const ONE = new Uint8Array(new BigUint64Array([1n]).buffer)

export class StopSignal {
  readonly fd: number
  readonly #system: System
  #isClosed = false

  /** Throws NativeError. */
  constructor(system: System) {
    this.#system = system
    this.fd = system.call('eventfd2', 0, EFD_CLOEXEC)
    if (this.fd < 0) throw new NativeError('start-failed', `eventfd2 answered ${this.fd}`)
  }

  /** Does nothing once it is closed: the number may be another file's by then. */
  send(): void {
    if (!this.#isClosed) this.#system.call('write', this.fd, ONE, ONE.length)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#system.call('close', this.fd)
  }
}

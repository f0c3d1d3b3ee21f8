/**
 * The way out of a machine under `allow.hosts`: each TCP connection goes to an address that its name is pinned to, and
 * its bytes are counted. The gateway decides again after the hook, since nothing leaves but by this way.
 */
import { EACCES, ECONNREFUSED, ECONNRESET, EHOSTUNREACH, ETIMEDOUT } from '@lsmkit/abi'
import type { Gateway, OutsideConnection, OutsideEvents } from '@lsmkit/kernel'
import type { Account } from './account.ts'
import type { Dialled } from './dial.ts'
import type { Rule } from './host-rule.ts'
import type { HostRefusal, Target } from './hosts.ts'
import { decided, leadTo, roomFor } from './way.ts'
import type { Client, Way } from './way.ts'

/** Milliseconds that a connection may take until it is open, its look-up included. */
const OPENING = 30_000

/** A connection of a program: being opened, open, or over. */
class HostConnection implements OutsideConnection {
  readonly #way: Way
  readonly #client: Client
  readonly #target: Target
  readonly #rules: readonly Rule[]
  readonly #events: OutsideEvents
  readonly #timer: ReturnType<typeof setTimeout>
  #inner: Dialled | null = null
  #isOpen = false
  #isOver = false
  #isReleased = false
  /** Once it is open. */
  #traffic: ReturnType<Account['connected']> | null = null

  constructor(way: Way, client: Client, target: Target, rules: readonly Rule[], events: OutsideEvents) {
    this.#way = way
    this.#client = client
    this.#target = target
    this.#rules = rules
    this.#events = events
    client.account.open++
    this.#timer = setTimeout(() => this.#fail(ETIMEDOUT), OPENING)
    void this.#open()
  }

  async #open(): Promise<void> {
    const { host } = this.#target
    const addresses = await this.#addresses()
    for (const address of addresses) {
      const errno = await this.#dial(address)
      if (errno === 0 || this.#isOver) return
      if (address !== addresses.at(-1)) continue
      this.#way.pins.forget(host)
      this.#fail(errno)
    }
  }

  /** Where it may be led; none when it has failed. */
  async #addresses(): Promise<readonly string[]> {
    const led = await leadTo(this.#way, this.#target, this.#rules)
    if (this.#isOver) return []
    if (led === null) this.#fail(EHOSTUNREACH)
    else if ('addresses' in led) return led.addresses
    else {
      this.#report(EACCES, led)
      this.#fail(EACCES)
    }
    return []
  }

  /** 0 once the connection is open, a positive errno if it cannot be. */
  #dial(address: string): Promise<number> {
    const { account } = this.#client
    return new Promise((resolve) => {
      const inner: Dialled = this.#way.dial({ address, port: this.#target.port }, {
        opened: () => {
          if (this.#isOver) return
          clearTimeout(this.#timer)
          this.#isOpen = true
          this.#traffic = account.connected(this.#target, address)
          resolve(0)
          this.#events.opened()
        },
        failed: (errno) => {
          if (this.#isOver) return
          if (!this.#isOpen) resolve(errno || ECONNREFUSED)
          else this.#events.failed(errno)
        },
        data: (bytes) => {
          if (this.#isOver) return true
          if (this.#traffic !== null) this.#traffic.received += bytes.length
          if (account.take(bytes.length)) return this.#events.data(bytes)
          this.#endByLimit()
          return false
        },
        ended: () => {
          if (!this.#isOver) this.#events.ended()
        },
        closed: () => {
          if (this.#inner === inner && (this.#isOpen || this.#isOver)) this.#release()
          resolve(ECONNREFUSED)
        },
      })
      this.#inner = inner
    })
  }

  /** It counts until the host has let go of it. */
  #release(): void {
    if (this.#isReleased) return
    this.#isReleased = true
    clearTimeout(this.#timer)
    this.#client.account.open--
  }

  #report(errno: number, { why, permit }: HostRefusal): void {
    this.#client.refused({ ...this.#target, errno, why, permit })
  }

  /** Ends an attempt, or an open connection, and lets the program know. */
  #fail(errno: number): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#inner?.abort()
    this.#release()
    // never within a call of the kernel
    queueMicrotask(() => this.#events.failed(errno))
  }

  #endByLimit(): void {
    const { traffic } = this.#client.account.limits
    this.#report(ECONNRESET, { why: `the limit of ${traffic} bytes is used up (limits: traffic)`, permit: null })
    this.#fail(ECONNRESET)
  }

  write(bytes: Uint8Array, done: () => void): void {
    if (this.#isOver) return
    if (this.#traffic !== null) this.#traffic.sent += bytes.length
    if (this.#client.account.take(bytes.length)) this.#inner!.write(bytes, done)
    else this.#endByLimit()
  }

  end(): void {
    if (!this.#isOver) this.#inner!.end()
  }

  resume(): void {
    if (!this.#isOver) this.#inner?.resume()
  }

  leave(): void {
    if (!this.#isOver) this.#inner?.leave()
  }

  destroy(): void {
    if (this.#isOver) return
    this.#isOver = true
    if (this.#isOpen) return this.#inner!.destroy()
    this.#inner?.abort()
    this.#release()
  }
}

export const hostsGateway = (way: Way): Gateway => ({ addr, port }, events) => {
  const target = way.guard.targetOf(addr, port, 'tcp')
  const client = way.client()
  const rules = decided(client, target)
  if (typeof rules === 'number') return rules
  return roomFor(client, target) || new HostConnection(way, client, target, rules, events)
}

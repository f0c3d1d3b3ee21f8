/**
 * The datagrams of a program's socket to one host and port: they go to an address that the name is pinned to, and those
 * that come back are from there. The way to it counts as a connection until a minute has passed without a datagram.
 */
import { EACCES, EHOSTUNREACH, ENOBUFS, EOPNOTSUPP } from '@lsmkit/abi'
import type { DatagramEvents, DatagramGateway, DatagramWay } from '@lsmkit/kernel'
import type { Account } from './account.ts'
import type { DialledDatagrams } from './datagram-dial.ts'
import type { Rule } from './host-rule.ts'
import type { Target } from './hosts.ts'
import { decided, leadTo, roomFor } from './way.ts'
import type { Client, Way } from './way.ts'

/** Milliseconds without a datagram after which a way is given back. */
const IDLE = 60_000
/** Datagrams that wait while a way is opened; those after them are lost. */
const MOST_WAITING = 64

/** A way that is open, or being opened. */
interface Open {
  /** Null until it is open. */
  dialled: DialledDatagrams | null
  traffic: ReturnType<Account['connected']> | null
  timer: ReturnType<typeof setTimeout> | undefined
}

class HostDatagrams implements DatagramWay {
  readonly #way: Way
  readonly #client: Client
  readonly #target: Target
  readonly #rules: readonly Rule[]
  readonly #events: DatagramEvents
  #open: Open | null = null
  #waiting: Uint8Array[] = []
  #isSpent = false

  constructor(way: Way, client: Client, target: Target, rules: readonly Rule[], events: DatagramEvents) {
    this.#way = way
    this.#client = client
    this.#target = target
    this.#rules = rules
    this.#events = events
  }

  send(bytes: Uint8Array): number {
    const rc = this.#open === null ? roomFor(this.#client, this.#target) : 0
    if (rc !== 0) return rc
    if (!this.#takes(bytes)) return -ENOBUFS
    const open = (this.#open ??= this.#begin())
    if (open.dialled !== null) this.#pass(open, open.dialled, bytes)
    else if (this.#waiting.length < MOST_WAITING) this.#waiting.push(bytes)
    return 0
  }

  close(): void {
    if (this.#open === null) return
    const { dialled, timer } = this.#open
    this.#open = null
    this.#waiting = []
    clearTimeout(timer)
    dialled?.close()
    this.#client.account.open--
  }

  /** Whether they are within the limit of bytes. */
  #takes(bytes: Uint8Array): boolean {
    const { account, refused } = this.#client
    if (account.take(bytes.length)) return true
    const why = `the limit of ${account.limits.traffic} bytes is used up (limits: traffic)`
    if (!this.#isSpent) refused({ ...this.#target, errno: ENOBUFS, why, permit: null })
    this.#isSpent = true
    return false
  }

  #begin(): Open {
    const open: Open = { dialled: null, traffic: null, timer: undefined }
    this.#client.account.open++
    void this.#lead(open)
    return open
  }

  async #lead(open: Open): Promise<void> {
    const led = await leadTo(this.#way, this.#target, this.#rules)
    if (this.#open !== open) return
    if (led === null) return this.#fail(EHOSTUNREACH)
    if ('why' in led) {
      this.#client.refused({ ...this.#target, errno: EACCES, ...led })
      return this.#fail(EACCES)
    }
    let errno: number = EHOSTUNREACH
    for (const address of led.addresses) {
      errno = await this.#dial(open, address)
      if (errno === 0 || this.#open !== open) return
    }
    this.#fail(errno)
  }

  /** 0 once there is a way to the address, or nobody wants it any more; a positive errno. */
  async #dial(open: Open, address: string): Promise<number> {
    const dialled = await this.#way.datagrams!({ address, port: this.#target.port }, {
      data: (bytes) => {
        if (this.#open === open) this.#came(open, bytes)
      },
      failed: (errno) => {
        if (this.#open === open) this.#fail(errno)
      },
    })
    if (typeof dialled === 'number') return dialled
    if (this.#open !== open) dialled.close()
    else {
      open.dialled = dialled
      open.traffic = this.#client.account.connected(this.#target, address)
      for (const bytes of this.#waiting.splice(0)) this.#pass(open, dialled, bytes)
    }
    return 0
  }

  #pass(open: Open, dialled: DialledDatagrams, bytes: Uint8Array): void {
    open.traffic!.sent += bytes.length
    this.#linger(open)
    dialled.send(bytes)
  }

  #came(open: Open, bytes: Uint8Array): void {
    if (!this.#takes(bytes)) return
    if (open.traffic !== null) open.traffic.received += bytes.length
    this.#linger(open)
    this.#events.data(bytes)
  }

  #linger(open: Open): void {
    clearTimeout(open.timer)
    open.timer = setTimeout(() => this.close(), IDLE)
  }

  /** The next datagram looks the name up again. */
  #fail(errno: number): void {
    this.#way.pins.forget(this.#target.host)
    this.close()
    this.#events.failed(errno)
  }
}

export const hostsDatagrams = (way: Way): DatagramGateway => ({ addr, port }, events) => {
  const target = way.guard.targetOf(addr, port, 'udp')
  const client = way.client()
  const rules = decided(client, target)
  if (typeof rules === 'number') return rules
  if (way.datagrams !== null) return new HostDatagrams(way, client, target, rules, events)
  client.refused({ ...target, errno: EOPNOTSUPP, why: 'the network of the box sends no datagrams', permit: null })
  return -EOPNOTSUPP
}

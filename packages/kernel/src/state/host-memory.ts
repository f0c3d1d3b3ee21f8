/**
 * Memory that guests use of the host's heap. Each object that a system call can make is charged before it is made: to
 * the account of its maker's control group, to those of all groups above, and to that of the machine. The sizes are in
 * memory-costs.ts. Nothing throws: without room a call fails with an errno.
 */

/** The share of an account that is still free when caches begin to shrink, so that no call fails because of caches. */
const RESERVE = 1 / 16

/** One account: the machine's, or a control group's (memcg). Its own charges count in every account above it. */
export class MemoryAccount {
  readonly parent: MemoryAccount | null
  /** Bytes charged here and below. */
  used = 0
  #most = Infinity
  #pressed = Infinity
  /** How often a charge was refused for `max`: of this account or one below, and of this one alone. */
  refused = 0
  refusedLocal = 0
  /** Called when `refused` has risen. */
  onRefusal: () => void = () => {}
  /** Called for the machine's account when memory is short. Caches shrink when no call uses them. */
  onPressure: () => void = () => {}

  constructor(parent: MemoryAccount | null) {
    this.parent = parent
  }

  /** The most that may be charged, in bytes. */
  get max(): number {
    return this.#most
  }
  set max(bytes: number) {
    this.#most = bytes
    this.#pressed = bytes === Infinity ? Infinity : bytes * (1 - RESERVE)
  }

  /** Charges `bytes`; false, and nothing is charged, where that would be too much here or above. */
  charge(bytes: number): boolean {
    // most machines have no control groups
    if (this.parent === null && this.used + bytes <= this.#pressed) {
      this.used += bytes
      return true
    }
    return this.#chargeAll(bytes)
  }
  #chargeAll(bytes: number): boolean {
    for (let at: MemoryAccount | null = this; at !== null; at = at.parent) {
      if (at.used + bytes > at.#pressed && !at.#takes(bytes)) return this.#refuse(at, bytes)
      at.used += bytes
    }
    return true
  }

  /** Charges what cannot be refused any more. It may go over `max`, so that the next `charge` is refused. */
  force(bytes: number): void {
    for (let at: MemoryAccount | null = this; at !== null; at = at.parent) at.used += bytes
  }

  uncharge(bytes: number): void {
    for (let at: MemoryAccount | null = this; at !== null; at = at.parent) at.used -= bytes
  }

  /** Bytes that could be charged. */
  get room(): number {
    let room = Infinity
    for (let at: MemoryAccount | null = this; at !== null; at = at.parent) room = Math.min(room, at.#most - at.used)
    return Math.max(room, 0)
  }

  /** Whether `bytes` could be charged; nothing is counted. */
  hasRoom(bytes: number): boolean {
    for (let at: MemoryAccount | null = this; at !== null; at = at.parent) if (at.used + bytes > at.#most) return false
    return true
  }

  /** Near the end of what may be charged. */
  #takes(bytes: number): boolean {
    let machine: MemoryAccount = this
    while (machine.parent !== null) machine = machine.parent
    machine.onPressure()
    return this.used + bytes <= this.#most
  }

  /** Undoes a charge that `over` had no room for. */
  #refuse(over: MemoryAccount, bytes: number): boolean {
    for (let at: MemoryAccount = this; at !== over; at = at.parent!) at.used -= bytes
    over.refusedLocal++
    for (let at: MemoryAccount | null = over; at !== null; at = at.parent) {
      at.refused++
      at.onRefusal()
    }
    return false
  }
}

/** An object with charged memory. When it ends, all of it goes back to its account. */
export class Holder {
  readonly account: MemoryAccount
  /** Bytes. */
  held: number

  /** `held` has been charged already. */
  constructor(account: MemoryAccount, held: number) {
    this.account = account
    this.held = held
  }

  /** As `MemoryAccount.charge`, for something more that this object has; a negative number gives back. */
  charge(bytes: number): boolean {
    if (bytes > 0 && !this.account.charge(bytes)) return false
    if (bytes <= 0) this.account.force(bytes)
    this.held += bytes
    return true
  }

  /** Whether `bytes` could be charged; a refusal counts as one. */
  hasRoom(bytes: number): boolean {
    return this.account.hasRoom(bytes) || this.account.charge(bytes)
  }

  /** As `MemoryAccount.force`; a negative number gives back. */
  force(bytes: number): void {
    this.account.force(bytes)
    this.held += bytes
  }

  uncharge(bytes: number): void {
    this.account.uncharge(bytes)
    this.held -= bytes
  }

  /** It is at its end. */
  release(): void {
    this.account.uncharge(this.held)
    this.held = 0
  }
}

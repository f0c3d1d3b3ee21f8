/**
 * What guests hold of the host's heap: every object that a system call can make is charged before it is made, to the
 * account of its maker's control group and of all groups above, up to that of the whole machine. What an object costs
 * is in memory-costs.ts. Nothing throws: who has no room is refused with an errno.
 */

/** One account: the machine's, or a control group's (memcg). Its own charges count in every account above it. */
export class MemoryAccount {
  readonly parent: MemoryAccount | null
  /** Bytes charged here and below, and the most that may be. */
  used = 0
  max: number
  /** How often a charge has run into `max`, and how often it was refused for it, here or below. */
  hits = 0
  refused = 0
  /** The same, of this account's own `max` alone. */
  hitsLocal = 0
  refusedLocal = 0
  /** Told when `hits` or `refused` has risen. */
  onEvent: () => void = () => {}
  /** Of the machine's: gives caches back. False when there was nothing to give. */
  reclaim: () => boolean = () => false

  constructor(parent: MemoryAccount | null, max = Infinity) {
    this.parent = parent
    this.max = max
  }

  /** Charges `bytes`; false, and nothing is charged, where that would be too much here or above. */
  charge(bytes: number): boolean {
    for (let at: MemoryAccount | null = this; at !== null; at = at.parent) {
      if (at.used + bytes > at.max) return this.retry(at, bytes)
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

  /** Bytes that could be charged, without asking caches for them. */
  get room(): number {
    let room = Infinity
    for (let at: MemoryAccount | null = this; at !== null; at = at.parent) room = Math.min(room, at.max - at.used)
    return Math.max(room, 0)
  }

  /** Whether `bytes` could be charged, without asking caches for it; nothing is counted. */
  hasRoom(bytes: number): boolean {
    for (let at: MemoryAccount | null = this; at !== null; at = at.parent) if (at.used + bytes > at.max) return false
    return true
  }

  /** Caches are given back before anybody is refused. `over` had no room; what was charged on the way is undone. */
  private retry(over: MemoryAccount, bytes: number): boolean {
    for (let at: MemoryAccount = this; at !== over; at = at.parent!) at.used -= bytes
    over.tell('hits')
    if (this.machine.reclaim() && this.hasRoom(bytes)) {
      this.force(bytes)
      return true
    }
    over.tell('refused')
    return false
  }

  private tell(what: 'hits' | 'refused'): void {
    this[what === 'hits' ? 'hitsLocal' : 'refusedLocal']++
    for (let at: MemoryAccount | null = this; at !== null; at = at.parent) {
      at[what]++
      at.onEvent()
    }
  }

  private get machine(): MemoryAccount {
    let at: MemoryAccount = this
    while (at.parent !== null) at = at.parent
    return at
  }
}

/** An object that memory is held by. What it holds goes back to its account when it ends, to the byte. */
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

  /** Whether `bytes` could be charged, perhaps after caches have been given back. */
  hasRoom(bytes: number): boolean {
    if (!this.account.charge(bytes)) return false
    this.account.uncharge(bytes)
    return true
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

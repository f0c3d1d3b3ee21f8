/** Things that a component waits for: calls that have not ended, and ends of streams and futures. */
import type { Transfer } from '../transfer.ts'

export const EVENT = {
  none: 0, subtask: 1, streamRead: 2, streamWrite: 3, futureRead: 4, futureWrite: 5, cancelled: 6,
} as const
export type Event = readonly [code: number, index: number, payload: number]
export const NO_EVENT: Event = [EVENT.none, 0, 0]
export const CANCELLED: Event = [EVENT.cancelled, 0, 0]

export abstract class Waitable {
  /** Makes the event that has happened and was not seen yet; null where nothing has. */
  event: (() => Event) | null = null
  set: WaitableSet | null = null
  /** A call that waits for this one alone. */
  hasWaiter = false

  take(): Event {
    const make = this.event
    this.event = null
    return make?.() ?? NO_EVENT
  }

  join(set: WaitableSet | null): void {
    this.set?.members.delete(this)
    this.set = set
    set?.members.add(this)
  }
}

export class WaitableSet {
  readonly members = new Set<Waitable>()
  /** Tasks that wait for it. */
  waiting = 0

  get hasEvent(): boolean {
    for (const one of this.members) if (one.event !== null) return true
    return false
  }

  take(): Event {
    for (const one of this.members) if (one.event !== null) return one.take()
    return NO_EVENT
  }
}

/** How far a call has come, as its caller learns. */
export const STATE = {
  starting: 0, started: 1, returned: 2, cancelledBeforeStart: 3, cancelledBeforeReturn: 4,
} as const

/** A call that a component has made without waiting for it. */
export class Subtask extends Waitable {
  state: number = STATE.starting
  /** Its number; 0 while the caller has none. */
  index = 0
  /** The resources lent for it, until the caller has seen that it has ended. */
  lent: Transfer | null
  cancelIsAsked = false
  cancel: (() => void) | null = null

  constructor(lent: Transfer) {
    super()
    this.lent = lent
  }

  get isResolved(): boolean {
    return this.state >= STATE.returned
  }

  deliver(): void {
    this.lent?.giveBack()
    this.lent = null
  }

  advance(state: number): void {
    this.state = state
    if (this.index === 0) return
    this.event = () => {
      if (this.isResolved) this.deliver()
      return [EVENT.subtask, this.index, this.state]
    }
  }
}

/** A description of what went wrong, for people. */
export class ErrorContext {
  readonly message: string

  constructor(message: string) {
    this.message = message
  }
}

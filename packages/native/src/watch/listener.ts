/** The loop of the watching thread: it receives calls, one at a time, and has each answered. */
import { ENOSYS, POLLERR, POLLHUP, POLLIN } from '@lsmkit/abi'
import { giveLocalSocket } from '../hosts/socket-loop.ts'
import { callNumber } from '../sys/calls.ts'
import type { System } from '../sys/system.ts'
import { FilterRefusals } from './filter-refusals.ts'
import type { FilterRefusal } from './filter-refusals.ts'
import { GuestMemory } from './guest-memory.ts'
import { Notification } from './notification.ts'
import { Pinned } from './pinned.ts'
import { readableCalls, readRequest } from './requests.ts'
import type { Request } from './requests.ts'
import { MOST_WAITS } from './waits.ts'
import type { Waits } from './waits.ts'
import type { WatchStart } from './watch-start.ts'

/** Milliseconds after which the thread looks whether it shall end. */
const PATIENCE = 200
/** The same while an answer has to be looked for. */
const SOON = 5
/** `sizeof(struct pollfd)`. */
const POLLFD = 8

/** The decision about each call. `settle` answers it in every case, or has it answered later. */
export interface Handler {
  settle(name: string, request: Request | number, call: Notification): void
  /** The policy's filter refuses the call; its answer is given already. */
  refuse(refusal: Omit<FilterRefusal, 'kind' | 'time' | 'comm'>): void
  /** Whether `flush` has something to send. */
  readonly hasReports: boolean
  /** No call waits: there is time to report. */
  flush(): void
  /** Gives back what it holds: no call comes any more. */
  close(): void
  /** Calls that are answered later. */
  readonly waits?: Waits
}

export class Listener {
  readonly #system: System
  readonly #fds: Pinned
  readonly #call: Notification
  readonly #memory: GuestMemory
  readonly #names: ReadonlyMap<number, string>
  /** A filter of the policy asks about it; that of a watch does not. */
  readonly #socket: number | null
  readonly #refusals: FilterRefusals | null
  /** Calls that were received. */
  calls = 0

  constructor(system: System, { listener, filter }: Pick<WatchStart, 'listener' | 'filter'>, stop: number) {
    this.#system = system
    this.#fds = new Pinned(system, POLLFD * (2 + MOST_WAITS))
    this.#call = new Notification(system, listener)
    this.#memory = new GuestMemory(system)
    this.#names = new Map(readableCalls.flatMap((name): [number, string][] => {
      const number = callNumber(system.arch, name)
      return number === null ? [] : [[number, name]]
    }))
    this.#socket = callNumber(system.arch, 'socket')
    this.#refusals = filter === null ? null : new FilterRefusals(system.arch, filter)
    this.#watch(0, listener, POLLIN)
    this.#watch(1, stop, POLLIN)
  }

  #watch(at: number, fd: number, events: number): void {
    const { view } = this.#fds
    view.setInt32(POLLFD * at, fd, true)
    view.setInt32(POLLFD * at + 4, events, true)
  }

  #events(at: number): number {
    return this.#fds.view.getInt16(POLLFD * at + 6, true)
  }

  /** How many calls are answered later and are waited for here; they take part in the next poll. */
  #watchWaits(waits: Waits | undefined): number {
    if (waits === undefined) return 0
    waits.all.forEach(({ fd, events }, i) => this.#watch(2 + i, fd, events))
    return waits.all.length
  }

  /** Until the last watched task has gone, or the descriptor `stop` becomes readable. */
  run(handler: Handler): void {
    const { waits } = handler
    const { address } = this.#fds
    for (;;) {
      const waiting = this.#watchWaits(waits)
      // reports go out when no call waits; without one there is no reason to look first
      let ready = handler.hasReports ? this.#system.call('poll', address, 2 + waiting, 0) : 0
      if (ready === 0) {
        handler.flush()
        const looks = waiting > 0 && waits!.all.some(({ fd }) => fd < 0)
        ready = this.#system.call('poll', address, 2 + waiting, looks ? SOON : PATIENCE)
      }
      if (waiting > 0) waits!.step()
      if (ready <= 0) continue
      if (this.#events(1) !== 0) return
      if ((this.#events(0) & POLLIN) !== 0) this.#take(handler)
      else if ((this.#events(0) & (POLLHUP | POLLERR)) !== 0) return
    }
  }

  #take(handler: Handler): void {
    const call = this.#call
    // the task may have gone meanwhile
    if (call.receive() < 0) return
    this.calls++
    const rc = this.#refusals?.of(call) ?? 0
    if (rc < 0) {
      const refusal = { ...this.#refusals!.describe(call), pid: call.pid, rc }
      call.reply(rc)
      return handler.refuse(refusal)
    }
    if (call.nr === this.#socket) return giveLocalSocket(this.#system, call)
    const name = this.#names.get(call.nr)
    if (name === undefined) call.reply(-ENOSYS)
    else handler.settle(name, readRequest(this.#system.arch, name, call, this.#memory), call)
  }
}

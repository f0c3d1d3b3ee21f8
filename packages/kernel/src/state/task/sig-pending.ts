/** Signals that wait for a thread or a process, with their details (struct sigpending). */
import { SIGRTMIN } from '@lsmkit/abi'
import type { KernelSiginfo } from '@lsmkit/core'
import type { Holder } from '../host-memory.ts'
import { COST } from '../memory-costs.ts'
import { sigHas, sigmask } from './sigset.ts'
import type { SigSet } from './sigset.ts'
import type { UserCounts } from './user-counts.ts'

/** Where queued details are counted, and for which user. */
export interface SigCharge {
  readonly counts: UserCounts
  readonly uid: number
}

interface Queued {
  readonly info: KernelSiginfo
  readonly charge: SigCharge
  /** The thread or the process, which pays for the memory. */
  readonly holder: Holder
}

/** The details of one signal, oldest first. Taken ones are cut off from time to time. */
class Queue {
  #all: Queued[] = []
  #taken = 0

  get size(): number {
    return this.#all.length - this.#taken
  }

  push(one: Queued): void {
    this.#all.push(one)
  }

  shift(): Queued {
    const one = this.#all[this.#taken++]!
    if (this.#taken * 2 > this.#all.length) {
      this.#all.splice(0, this.#taken)
      this.#taken = 0
    }
    return one
  }

  rest(): Queued[] {
    return this.#all.slice(this.#taken)
  }
}

export class SigPending {
  /** Those that wait, some of them without details. */
  set: SigSet = 0n
  /** By number: one entry for an ordinary signal, any number for a real-time one. */
  readonly #queues = new Map<number, Queue>()
  readonly #holder: Holder

  constructor(holder: Holder) {
    this.#holder = holder
  }

  /** All details, those of one signal oldest first. */
  get details(): readonly KernelSiginfo[] {
    return [...this.#queues.values()].flatMap((queue) => queue.rest().map(({ info }) => info))
  }

  /** Whether there is memory for the details of one more. */
  get hasRoom(): boolean {
    return this.#holder.hasRoom(COST.signal)
  }

  /** Adds `info`; an ordinary signal that is there already is not queued twice (`legacy_queue`). */
  enqueue(info: KernelSiginfo, charge: SigCharge): void {
    const sig = info.si_signo
    if (sig < SIGRTMIN && sigHas(this.set, sig)) return
    this.#holder.force(COST.signal)
    this.set |= sigmask(sig)
    let queue = this.#queues.get(sig)
    if (queue === undefined) this.#queues.set(sig, (queue = new Queue()))
    queue.push({ info, charge, holder: this.#holder })
    charge.counts.add(charge.uid, 1)
  }

  /** Takes out one instance of `sig`. Without details in the queue it returns default ones. */
  dequeue(sig: number): KernelSiginfo {
    const queue = this.#queues.get(sig)
    const one = queue?.shift()
    if (queue === undefined || queue.size === 0) {
      this.#queues.delete(sig)
      this.set &= ~sigmask(sig)
    }
    if (one === undefined) return { si_signo: sig, si_errno: 0, si_code: 0, si_pid: 0, si_uid: 0 }
    release(one)
    return one.info
  }

  /** Takes all signals of `mask` out. */
  flush(mask: SigSet): void {
    if ((this.set & mask) === 0n) return
    this.set &= ~mask
    for (const [sig, queue] of [...this.#queues]) {
      if (!sigHas(mask, sig)) continue
      this.#queues.delete(sig)
      queue.rest().forEach(release)
    }
  }

  clear(): void {
    this.flush(~0n)
  }

  /** Drops the signals that were sent with this `si_code`. */
  drop(si_code: number): void {
    for (const [sig, queue] of [...this.#queues]) {
      const all = queue.rest()
      if (!all.some(({ info }) => info.si_code === si_code)) continue
      const kept = new Queue()
      for (const one of all) {
        if (one.info.si_code === si_code) release(one)
        else kept.push(one)
      }
      if (kept.size > 0) this.#queues.set(sig, kept)
      else {
        this.#queues.delete(sig)
        this.set &= ~sigmask(sig)
      }
    }
  }
}

const release = ({ charge, holder }: Queued): void => {
  charge.counts.add(charge.uid, -1)
  holder.uncharge(COST.signal)
}

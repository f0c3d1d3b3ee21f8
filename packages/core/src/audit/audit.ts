/** The audit of one stack: gives records their place, keeps the last ones, and hands each to the sinks. */
import { checkOptions } from '../option-rules.ts'
import { auditRules } from './options.ts'
import type { AuditOptions, AuditSink } from './options.ts'
import { RateLimit } from './rate-limit.ts'
import type { AuditSubject } from './rate-limit.ts'
import type { AuditRecord, Unstamped } from './record.ts'
import { Ring } from './ring.ts'

/** The records of one stack. `records` are the last ones, in order; sinks get each as it is made. */
export class Audit {
  readonly #ring: Ring<AuditRecord>
  readonly #limit: RateLimit
  readonly #now: () => number
  readonly #sinks = new Set<AuditSink>()
  #serial = 0
  #refused = 0
  #delivering = false
  /** How often a sink threw. */
  sinkErrors = 0
  /** Decisions of which no record could be made. */
  readonly missed = { count: 0 }

  /** `hooks`: the names that `allows` may have; the kernel's unless given. */
  constructor(options: AuditOptions = {}, hooks?: readonly string[]) {
    checkOptions(options, auditRules(hooks), 'Audit')
    const { capacity = 1024, rateLimit = 0, totalRateLimit, sinks = [], now = Date.now } = options
    this.#ring = new Ring(capacity)
    this.#limit = new RateLimit(rateLimit, totalRateLimit)
    this.#now = now
    for (const sink of sinks) this.#sinks.add(sink)
  }

  /** Records that nobody can read: over the rate limit, pushed out of the ring, or never made for want of stack. */
  get lost(): number {
    return this.#refused + this.#ring.dropped + this.missed.count
  }

  /** Records a second of one process; 0 is not a limit. */
  get rateLimit(): number {
    return this.#limit.perSecond
  }

  set rateLimit(perSecond: number) {
    this.#limit.perSecond = perSecond
  }

  /** The last records, oldest first. */
  get records(): readonly AuditRecord[] {
    return this.#ring.toArray()
  }

  clear(): void {
    this.#ring.clear()
  }

  /** Gives a function that takes the sink away again. */
  addSink(sink: AuditSink): () => void {
    this.#sinks.add(sink)
    return () => void this.#sinks.delete(sink)
  }

  /**
   * Takes the record `make` gives, which is asked only when there is room for it: `subject` says whose it is, and is
   * asked only where there is a limit. Records of nobody are those of one subject. Records that a sink causes while it
   * runs are kept but not handed to sinks: a sink that writes through the stack cannot feed itself.
   */
  record(make: () => Unstamped<AuditRecord>, subject?: () => AuditSubject): void {
    const time = this.#now()
    if (!this.#limit.allows(time, this.#limit.perSecond === 0 ? undefined : subject?.())) {
      this.#refused++
      return
    }
    const serial = ++this.#serial
    const record = { ...make(), serial, time } as AuditRecord
    this.#ring.push(record)
    if (!this.#delivering) this.#deliver(record)
  }

  #hand(sink: AuditSink, record: AuditRecord): void {
    try {
      sink(record)
    } catch {
      this.sinkErrors++
    }
  }

  #deliver(record: AuditRecord): void {
    this.#delivering = true
    try {
      for (const sink of this.#sinks) this.#hand(sink, record)
    } catch {
      // no room on the stack to go on: the record is kept, and the rest of the sinks do not see it
      this.sinkErrors++
    }
    this.#delivering = false
  }
}

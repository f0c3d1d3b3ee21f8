/**
 * At most so many records a second: of one process, of all that share its label or user, and of all together. A process
 * that floods the log uses up only its own share, not that of others.
 *
 * Seconds are those of the clock and not a sliding window, as `audit_rate_check` counts.
 */

/** The subject of a record. */
export interface AuditSubject {
  /** The process (tgid). */
  readonly process: number
  /** Its label, or its user where no module has labels. */
  readonly label: string
}

/** What a kernel or a module records by itself. */
const NOBODY: AuditSubject = { process: 0, label: '' }

/** How many times the limit of one process a label has, and all together. */
const LABEL = 4
const TOTAL = 16

export class RateLimit {
  /** Records a second of one process; 0 is not a limit. */
  perSecond: number
  readonly #total: number | null
  #since = -Infinity
  /** In this second: of all, by process, and by label. None is longer than the total. */
  #count = 0
  readonly #processes = new Map<number, number>()
  readonly #labels = new Map<string, number>()

  /** `total`: 16 times that of one process unless given. */
  constructor(perSecond: number, total: number | null = null) {
    this.perSecond = perSecond
    this.#total = total
  }

  /** Whether one more may pass at `now` (milliseconds). A clock that goes back starts a new second. */
  allows(now: number, subject: AuditSubject = NOBODY): boolean {
    if (this.perSecond === 0 && this.#total === null) return true
    if (now - this.#since >= 1000 || now < this.#since) this.#begin(now)
    if (this.#count >= (this.#total ?? this.perSecond * TOTAL)) return false
    if (this.perSecond !== 0 && !this.#own(subject)) return false
    this.#count++
    return true
  }

  #own({ process, label }: AuditSubject): boolean {
    const [ofProcess, ofLabel] = [this.#processes.get(process) ?? 0, this.#labels.get(label) ?? 0]
    if (ofProcess >= this.perSecond || ofLabel >= this.perSecond * LABEL) return false
    this.#processes.set(process, ofProcess + 1)
    this.#labels.set(label, ofLabel + 1)
    return true
  }

  #begin(now: number): void {
    this.#since = now
    this.#count = 0
    this.#processes.clear()
    this.#labels.clear()
  }
}

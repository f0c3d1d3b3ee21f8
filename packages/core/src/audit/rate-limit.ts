/** At most so many a second, as `audit_rate_check` counts: by the calendar of the clock, not by a sliding window. */

export class RateLimit {
  /** Records a second; 0 is no limit. */
  perSecond: number
  private since = -Infinity
  private count = 0

  constructor(perSecond: number) {
    this.perSecond = perSecond
  }

  /** Whether one more may pass at `now` (milliseconds). A clock that goes back starts a new second. */
  allows(now: number): boolean {
    if (this.perSecond === 0) return true
    if (now - this.since >= 1000 || now < this.since) {
      this.since = now
      this.count = 0
    }
    return ++this.count <= this.perSecond
  }
}

/**
 * The files of a box as they were at moments: those that nothing has changed since are not copied. Code that is about
 * to change files announces it first, and only then a moment that is still held becomes a snapshot.
 */
import type { Snapshot } from './snapshot.ts'

/** The files at one moment, for as many as hold it. */
export class Moment {
  holders = 0
  /** Their earlier state, once they have changed; or why that could not be read. */
  taken: Snapshot | { readonly error: unknown } | null = null
}

export class Moments {
  readonly #take: () => Snapshot
  /** The files as they are; null when nobody has asked since they changed. */
  #now: Moment | null = null
  #isTaking = false

  /** `take`: copies the files as they are. */
  constructor(take: () => Snapshot) {
    this.#take = take
  }

  /** This moment, until it is dropped. */
  hold(): Moment {
    this.#now ??= new Moment()
    this.#now.holders++
    return this.#now
  }

  drop(moment: Moment): void {
    moment.holders--
  }

  /** Files may change from here on. Reading them for the copy changes times of access, which is not a change. */
  beforeChange(): void {
    const now = this.#now
    if (now === null || this.#isTaking) return
    this.#now = null
    if (now.holders === 0) return
    this.#isTaking = true
    try {
      now.taken = this.#take()
    } catch (error) {
      // of no concern to who changes them: told to who asks for the moment
      now.taken = { error }
    } finally {
      this.#isTaking = false
    }
  }

  /** The files at that moment. Throws what copying them has thrown. */
  snapshotOf(moment: Moment): Snapshot {
    if (moment === this.#now) this.beforeChange()
    const taken = moment.taken!
    if ('error' in taken) throw taken.error
    return taken
  }
}

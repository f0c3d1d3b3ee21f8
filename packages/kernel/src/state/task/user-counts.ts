/** Counts by user id, for limits on all tasks of a user together (struct ucounts). */
export class UserCounts {
  readonly #counts = new Map<number, number>()

  of(uid: number): number {
    return this.#counts.get(uid) ?? 0
  }

  /** Adds to the count of a user. A count of 0 takes no memory. */
  add(uid: number, more: number): void {
    const sum = this.of(uid) + more
    if (sum === 0) this.#counts.delete(uid)
    else this.#counts.set(uid, sum)
  }
}

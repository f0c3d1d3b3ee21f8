/** How much of something each user has, by uid: what is limited for all of a user's tasks together (struct ucounts). */
export class UserCounts {
  readonly #counts = new Map<number, number>()

  of(uid: number): number {
    return this.#counts.get(uid) ?? 0
  }

  /** Nothing is kept of a user who has none left. */
  add(uid: number, more: number): void {
    const sum = this.of(uid) + more
    if (sum === 0) this.#counts.delete(uid)
    else this.#counts.set(uid, sum)
  }
}

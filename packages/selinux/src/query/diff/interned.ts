/** Numbers for things that are told apart by a text: from 1 on, 0 being none. */
export class Interned<T> {
  readonly #items: T[] = []
  readonly #known = new Map<string, number>()

  of(text: string, make: () => T): number {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    const number = this.#items.push(make())
    this.#known.set(text, number)
    return number
  }

  at(number: number): T {
    return this.#items[number - 1]!
  }

  /** By number: the place among all texts; of none it is the first. */
  ranks(): number[] {
    const ranks = [0]
    for (const [place, text] of [...this.#known.keys()].sort().entries()) ranks[this.#known.get(text)!] = place + 1
    return ranks
  }
}

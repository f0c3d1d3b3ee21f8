/** Addresses of names, each looked up once: a name keeps its addresses until none of them answers. */

/** Addresses of a name, as text. Rejects, or gives an empty list, where there are none. */
export type Resolve = (name: string) => Promise<readonly string[]>

/** Of one answer. */
const MOST_ADDRESSES = 32

export class Pins {
  readonly #resolve: Resolve
  readonly #pinned = new Map<string, Promise<readonly string[]>>()

  constructor(resolve: Resolve) {
    this.#resolve = resolve
  }

  addressesOf(name: string): Promise<readonly string[]> {
    let pinned = this.#pinned.get(name)
    if (pinned === undefined) {
      pinned = this.#ask(name)
      this.#pinned.set(name, pinned)
      pinned.catch(() => this.forget(name))
    }
    return pinned
  }

  /** None of them answers: the next connection asks again. */
  forget(name: string): void {
    this.#pinned.delete(name)
  }

  async #ask(name: string): Promise<readonly string[]> {
    const answer = await this.#resolve(name)
    if (!Array.isArray(answer) || !answer.every((one) => typeof one === 'string') || answer.length === 0)
      throw new Error(`\`${name}\` resolves to nothing`)
    return answer.slice(0, MOST_ADDRESSES)
  }
}

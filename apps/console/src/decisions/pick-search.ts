/** Finds the decision that a link names, in a list that grows while it is searched. */
import type { Matches } from './filter.ts'

/** Each decision of a list is compared once, however often the list is searched again. */
export class PickSearch {
  #matches: Matches | null = null
  #wanted = ''
  /** Decisions of the list with a number below this were compared. */
  #searched = 0

  /** The newest decision whose name is `wanted`, of those that the list took in since the last search; or null. */
  find(matches: Matches, nameOf: (number: number) => string, wanted: string): number | null {
    const from = matches === this.#matches && wanted === this.#wanted ? this.#searched : 0
    this.#matches = matches
    this.#wanted = wanted
    this.#searched = matches.seen
    for (let i = 0; i < matches.length && matches.at(i) >= from; i++) {
      if (nameOf(matches.at(i)) === wanted) return matches.at(i)
    }
    return null
  }
}

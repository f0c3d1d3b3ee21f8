/** Which macro was called where, as a tree: the way from a word of the output back to the file that asked for it. */
import type { Related } from '../../cil/errors.ts'
import type { Files } from '../files.ts'

/** Calls that one error lists. */
const LONGEST_CHAIN = 12

export class Calls {
  readonly #names = ['']
  readonly #positions = [-1]
  readonly #parents = [0]

  /** 0 stands for text as a file has it. */
  add(name: string, position: number, parent: number): number {
    this.#names.push(name)
    this.#positions.push(position)
    this.#parents.push(parent)
    return this.#names.length - 1
  }

  nameOf(call: number): string {
    return this.#names[call]!
  }

  positionOf(call: number): number {
    return this.#positions[call]!
  }

  parentOf(call: number): number {
    return this.#parents[call]!
  }

  /** The call that stands in a file itself. */
  outermost(call: number): number {
    let at = call
    while (at !== 0 && this.#parents[at] !== 0) at = this.#parents[at]!
    return at
  }

  /** The way into a call, the outermost step first: each macro with the place of it that leads on to `last`. */
  inward(files: Files, call: number, last: number): Related[] {
    const found: Related[] = []
    let [at, position] = [call, last]
    for (; at !== 0; at = this.#parents[at]!) {
      const place = files.placeOf(position)
      if (place !== null) found.push({ message: `in \`${this.#names[at]}\``, place })
      position = this.#positions[at]!
    }
    found.reverse()
    return found.length <= LONGEST_CHAIN ? found : [...found.slice(0, LONGEST_CHAIN - 1), found.at(-1)!]
  }
}

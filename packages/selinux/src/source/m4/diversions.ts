/** Where output goes: the text itself, texts that are kept for later, or nowhere. */
import { TextBuilder } from './text.ts'
import type { Text } from './text.ts'

export class Diversions {
  readonly #texts = new Map<number, TextBuilder>([[0, new TextBuilder()]])
  #number = 0
  /** Null where output is thrown away. */
  out: TextBuilder | null = this.#texts.get(0)!

  get number(): number {
    return this.#number
  }

  divert(number: number): void {
    this.#number = number
    let builder = this.#texts.get(number) ?? null
    if (builder === null && number >= 0) this.#texts.set(number, builder = new TextBuilder())
    this.out = builder
  }

  /** Output that was kept goes where output goes now. */
  undivert(number: number): void {
    const builder = this.#texts.get(number)
    if (builder === undefined || number === 0 || number === this.#number) return
    this.#texts.delete(number)
    this.out?.append(builder.done(), 0, builder.text.length)
  }

  undivertAll(): void {
    for (const number of [...this.#texts.keys()].sort((a, b) => a - b)) this.undivert(number)
  }

  /** All of the text, with what was kept behind it. */
  finish(): Text {
    this.divert(0)
    this.undivertAll()
    return this.#texts.get(0)!.done()
  }
}

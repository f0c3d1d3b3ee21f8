/** Labels by number (secid.c). */
import type { Label } from './objects.ts'

/** AA_FIRST_SECID. */
const FIRST = 2

/** A number a label, from its first use on. */
export class Secids {
  readonly #of = new Map<Label, number>()
  readonly #labels: Label[] = []

  numberOf(label: Label): number {
    const known = this.#of.get(label)
    if (known !== undefined) return known
    const number = FIRST + this.#labels.push(label) - 1
    this.#of.set(label, number)
    return number
  }

  labelOf(number: number): Label | null {
    return this.#labels[number - FIRST] ?? null
  }
}

/** The claims of a check, and how many of them hold. */
export class Tally {
  readonly name: string
  #held = 0
  #all = 0

  constructor(name: string) {
    this.name = name
  }

  count(holds: boolean, words: string): void {
    this.#all += 1
    if (holds) this.#held += 1
    console.log(`  ${holds ? 'ok  ' : 'FAIL'} ${words}`)
  }

  get isWhole(): boolean {
    return this.#held === this.#all
  }

  print(seconds: number): void {
    console.log(`${this.#held} of ${this.#all}: ${this.name} (${seconds.toFixed(1)} s)`)
  }
}

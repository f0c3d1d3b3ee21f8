/** For tests: what a person sees of a terminal, as far as the shell's line editor drives one. */

/** Characters of two columns: those of East Asia. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/

export class Screen {
  readonly rows: string[][] = [[]]
  #column = 0

  /** Text with `\r`, `\n`, `\b`, Ctrl-G, and the sequences of ESC [ that end in K, D, H and J. */
  write(text: string): void {
    // oxlint-disable-next-line no-control-regex
    for (const [part] of text.matchAll(/\x1b\[(\d*)[A-Z]|[^]/gu)) this.#put(part)
  }

  #put(part: string): void {
    if (part === '\r') this.#column = 0
    else if (part === '\b') this.#column--
    else if (part === '\n') this.rows.push([])
    else if (part === '\x07') return
    else if (part.startsWith('\x1b[')) this.#sequence(part.at(-1)!, Number(part.slice(2, -1) || 1))
    else if (part < ' ') throw new Error(`the screen does not know ${JSON.stringify(part)}`)
    else {
      const row = this.rows.at(-1)!
      while (row.length < this.#column) row.push(' ')
      row[this.#column++] = part
      // the other half of the character
      if (WIDE.test(part)) row[this.#column++] = ''
    }
  }

  #sequence(kind: string, count: number): void {
    if (kind === 'K') this.rows.at(-1)!.length = Math.min(this.rows.at(-1)!.length, this.#column)
    else if (kind === 'D') this.#column -= count
    else if (kind === 'H') this.#column = 0
    else if (kind === 'J') this.rows.splice(0, this.rows.length, [])
    else throw new Error(`the screen does not know ESC [ ${kind}`)
  }

  /** The last row with the cursor as `|`. */
  get line(): string {
    const row = this.rows.at(-1)!
    const cells = [...row, ...Array<string>(Math.max(0, this.#column - row.length)).fill(' ')]
    return `${cells.slice(0, this.#column).join('')}|${cells.slice(this.#column).join('').trimEnd()}`
  }

  get text(): string {
    return this.rows.map((row) => row.join('').trimEnd()).join('\n')
  }
}

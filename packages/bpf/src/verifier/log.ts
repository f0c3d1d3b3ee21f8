/** The verifier's log: pieces of text that can be cut back to an earlier position. */

export const LEVEL1 = 1
export const LEVEL2 = 2
export const STATS = 4

const LINE = 40
const STEP = 8

export class Log {
  readonly level: number
  #pieces: string[] = []
  /** Length of the instruction text just written, and where it ended: its state goes on the same line. */
  #insnWidth = 0
  #insnEnd = 0
  #lastLine = -1

  constructor(level: number) {
    this.level = level
  }

  get enabled(): boolean {
    return (this.level & (LEVEL1 | LEVEL2)) !== 0
  }

  get verbose(): boolean {
    return (this.level & LEVEL2) !== 0
  }

  /** Where the next piece goes. */
  get position(): number {
    return this.#pieces.length
  }

  write(text: string): void {
    this.#pieces.push(text)
  }

  cut(position: number): void {
    this.#pieces.length = position
    if (this.#insnEnd > position) this.#insnEnd = -1
  }

  /** An instruction without its state: the line is finished by `state` or by the next one. */
  instruction(text: string): void {
    this.#pieces.push(text, '\n')
    this.#insnWidth = text.length + 1
    this.#insnEnd = this.#pieces.length
  }

  /** The changes by the last instruction: behind its text if nothing was written since, else on a line of its own. */
  state(insn: number, text: string): void {
    if (this.#insnEnd > 0 && this.#insnEnd === this.#pieces.length) {
      this.#pieces.length--
      const wide = Math.max(this.#insnWidth + STEP / 2, LINE)
      const column = Math.ceil(wide / STEP) * STEP
      this.#pieces.push(' '.repeat(Math.max(column - this.#insnWidth - 1, 1)), `;${text}\n`)
    } else this.#pieces.push(`${insn}:${text}\n`)
    this.#insnEnd = -1
  }

  /** A source line, unless it was the last one shown. */
  source(key: number, text: string): void {
    if (this.#lastLine === key) return
    this.#lastLine = key
    this.#pieces.push(`; ${text}\n`)
  }

  toString(): string {
    return this.#pieces.join('')
  }
}

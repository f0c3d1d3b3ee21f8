/** Drawing what has come: at once while little comes, and so seldom in a flood that the page has most time to spare. */

/** Milliseconds between two drawings: at least, and at most. */
const SHORTEST = 100
const LONGEST = 1000
/** Of its time, the page draws one part of so many. */
const SHARE = 6

export class Redraw {
  readonly #draw: () => void
  #timer = 0
  #rests = false
  #isDue = false

  constructor(draw: () => void) {
    this.#draw = draw
  }

  /** Something has come. */
  due(): void {
    this.#isDue = true
    if (!this.#rests && this.#timer === 0) this.#begin()
  }

  #begin(): void {
    this.#rests = true
    this.#isDue = false
    const from = performance.now()
    this.#draw()
    // rendering and painting are over when a task comes behind the next frame; a hidden page has no frames
    const next = (): void => void setTimeout(() => this.#rest(performance.now() - from))
    if (document.hidden) next()
    else requestAnimationFrame(next)
  }

  #rest(took: number): void {
    this.#timer = window.setTimeout(() => {
      this.#timer = 0
      this.#rests = false
      if (this.#isDue) this.#begin()
    }, Math.min(LONGEST, Math.max(SHORTEST, took * SHARE)))
  }
}

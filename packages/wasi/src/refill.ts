/** The import that a metered program calls when it has used up its fuel. */

/**
 * The units counted between two looks at the clock, each about a nanosecond. Where each takes a thousand, because each
 * touches a page of memory that was never touched before, the clock is still looked at in time.
 */
export const QUANTUM = 30_000

/** A table takes functions of WebAssembly only: one that looks, and then gives what is left another quantum. */
export class Refill {
  look: () => Promise<void> | void
  left: WebAssembly.Global | null = null
  readonly exported: unknown

  constructor(look: () => Promise<void> | void, canWait = false) {
    this.look = look
    const first = (): Promise<void> | void => this.look()
    const then = (): void => {
      if (this.left !== null) this.left.value = QUANTUM
    }
    const given = { h: { f: canWait ? new WebAssembly.Suspending(first) : first, g: then } }
    this.exported = new WebAssembly.Instance(both ??= new WebAssembly.Module(BOTH), given).exports.f
  }
}

let both: WebAssembly.Module | undefined

/** `(module (import "h" "f" (func)) (import "h" "g" (func)) (func (export "f") call 0 call 1))` */
const BOTH = Uint8Array.from([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x02, 0x0d, 0x02, 0x01, 0x68,
  0x01, 0x66, 0x00, 0x00, 0x01, 0x68, 0x01, 0x67, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00, 0x07, 0x05, 0x01, 0x01, 0x66,
  0x00, 0x02, 0x0a, 0x08, 0x01, 0x06, 0x00, 0x10, 0x00, 0x10, 0x01, 0x0b,
])

/** Of programs that have ended: an instance costs a tenth of a small program. */
const spare: Refill[] = []
const MOST_SPARE = 8

/** One that may suspend the program. */
export const takeRefill = (look: () => Promise<void> | void): Refill => {
  const refill = spare.pop() ?? new Refill(look, true)
  refill.look = look
  return refill
}

/** The program has ended: nothing calls it any more. */
export const giveBackRefill = (refill: Refill): void => {
  refill.look = () => {}
  refill.left = null
  if (spare.length < MOST_SPARE) spare.push(refill)
}

/** The fuel of a metered program: what it may compute before it is looked whether it may go on. */
import { FUEL, REFILL } from './binary/meter.ts'
import type { Process } from './process.ts'
import { whileHeld } from './waiting/suspended.ts'
import { turn } from './waiting/turns.ts'

/**
 * What is counted between two looks at the clock, each about a nanosecond. Where each takes a thousand, because each
 * touches a page of memory that was never touched before, the clock is still looked at in time.
 */
export const QUANTUM = 30_000

/** Gives a metered program its first fuel and the function that is called when it is used up. Answers what is left. */
export const fuel = (
  process: Process, exports: WebAssembly.Exports, onEmpty: (() => void) | WebAssembly.Suspending,
): WebAssembly.Global => {
  const left = exports[FUEL] as WebAssembly.Global
  const table = exports[REFILL] as WebAssembly.Table
  left.value = QUANTUM
  table.set(0, asExported(onEmpty, () => (left.value = QUANTUM)))
  return left
}

/** A table takes functions of WebAssembly only: one that calls both, one after the other. */
const asExported = (first: (() => void) | WebAssembly.Suspending, then: () => void): unknown =>
  new WebAssembly.Instance(both ??= new WebAssembly.Module(BOTH), { h: { f: first, g: then } }).exports.f

let both: WebAssembly.Module | undefined

/** `(module (import "h" "f" (func)) (import "h" "g" (func)) (func (export "f") call 0 call 1))` */
const BOTH = Uint8Array.from([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x02, 0x0d, 0x02, 0x01, 0x68,
  0x01, 0x66, 0x00, 0x00, 0x01, 0x68, 0x01, 0x67, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00, 0x07, 0x05, 0x01, 0x01, 0x66,
  0x00, 0x02, 0x0a, 0x08, 0x01, 0x06, 0x00, 0x10, 0x00, 0x10, 0x01, 0x0b,
])

/** A program that computes lets others run now and then, and stops when it is told to. */
export const refuel = (process: Process): Promise<void> | void => {
  process.look()
  if (process.isTurnDue()) return turn().then(() => whileHeld(process)).then(() => process.lookAlive())
}

/** An import that does not wait costs ten times as much when it may suspend: the next loop of the program does it. */
export const endFuelEarly = (process: Process, left: readonly WebAssembly.Global[]): void => {
  process.onLook = () => {
    if (process.isTurnDue()) for (const one of left) one.value = 0
  }
}

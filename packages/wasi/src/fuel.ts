/** The fuel of a metered program: what it may compute before it is looked whether it may go on. */
import { FUEL, REFILL } from './binary/meter.ts'
import type { Process } from './process.ts'
import { QUANTUM } from './refill.ts'
import type { Refill } from './refill.ts'
import { whileHeld } from './waiting/suspended.ts'
import { turn } from './waiting/turns.ts'

/** Gives a metered program its first fuel and what is called when it is used up. Answers what is left. */
export const fuel = (exports: WebAssembly.Exports, refill: Refill): WebAssembly.Global => {
  const left = exports[FUEL] as WebAssembly.Global
  const table = exports[REFILL] as WebAssembly.Table
  left.value = QUANTUM
  refill.left = left
  table.set(0, refill.exported)
  return left
}

/** A program that computes lets others run now and then, and stops on demand. */
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

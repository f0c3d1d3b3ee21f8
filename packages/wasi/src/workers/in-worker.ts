/** The parts that a worker has for modules and for components: their fuel, and how their errors are passed on. */
import type { Meter, WorkerError, WorkerNews } from './messages.ts'

export type Tell = (news: WorkerNews) => void

/** Milliseconds between two looks: to ask takes much longer than to look at the clock. */
const LOOK_EVERY = 5

/** Gives a metered instance its first fuel; `look` asks whether it may go on when that is used up. */
export const meterInstance = (
  exports: WebAssembly.Exports, { fuel, refill, quantum }: Meter, look: () => void,
): void => {
  const left = exports[fuel] as WebAssembly.Global
  let asked = performance.now()
  left.value = quantum
  ;(exports[refill] as WebAssembly.Table).set(0, asExported(() => {
    left.value = quantum
    if (performance.now() - asked < LOOK_EVERY) return
    look()
    asked = performance.now()
  }))
}

export const errorToTell = (error: unknown): WorkerError => ({
  kind: error instanceof RangeError ? 'stack' : error instanceof WebAssembly.RuntimeError ? 'trap'
    : error instanceof WebAssembly.LinkError ? 'link' : 'other',
  text: error instanceof Error ? error.message : String(error),
})

/** A table takes functions of WebAssembly only. */
const asExported = (call: () => void): unknown =>
  new WebAssembly.Instance(new WebAssembly.Module(THROUGH), { h: { f: call } }).exports.f

/** `(module (import "h" "f" (func)) (export "f" (func 0)))` */
const THROUGH = Uint8Array.from([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x02, 0x07, 0x01, 0x01, 0x68,
  0x01, 0x66, 0x00, 0x00, 0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00,
])

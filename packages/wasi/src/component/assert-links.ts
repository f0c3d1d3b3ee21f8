/** Puts a component together without running any of it: parts that do not fit are reported before anything happens. */
import { GuestMemory } from '../memory.ts'
import type { Process } from '../process.ts'
import type { Program } from '../program.ts'
import type { ComponentProgram } from './component.ts'
import { linkComponent } from './link.ts'

/** Of those that have been looked over. */
const linked = new WeakSet<ComponentProgram>()

/** What stands for an export, by its kind; one memory for all. */
const standIns = (): Readonly<Record<string, unknown>> =>
  ({ function: () => 0, memory: new WebAssembly.Memory({ initial: 0 }), table: {}, global: {} })

/** Functions of WASI are made for it, and none is called. */
const nobody = (): Process => ({ look() {}, memory: new GuestMemory() }) as unknown as Process

/** Throws `malformed-module`, `unknown-import` or `unsupported-module`. */
export const assertLinks = (program: ComponentProgram): void => {
  if (linked.has(program)) return
  const kinds = standIns()
  const exports = new Map<Program, WebAssembly.Exports>()
  const exportsOf = (of: Program): WebAssembly.Exports => {
    const known = exports.get(of) ??
      Object.fromEntries(of.exports.map(({ name, kind }) => [name, kinds[kind]])) as WebAssembly.Exports
    exports.set(of, known)
    return known
  }
  linkComponent(program, {
    process: nobody(), instantiate: exportsOf, wrap: (call) => call, withoutWaiting: (call) => call(),
  })
  linked.add(program)
}

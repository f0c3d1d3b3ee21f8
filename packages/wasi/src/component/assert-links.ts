/** Puts a component together without running any of it: parts that do not fit are reported before anything happens. */
import type { Program } from '../program.ts'
import type { ComponentProgram } from './component.ts'
import { idle, standIns } from './idle-link.ts'
import { linkComponent } from './link.ts'

/** Of those that have been looked over. */
const linked = new WeakSet<ComponentProgram>()

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
  linkComponent(program, idle(exportsOf))
  linked.add(program)
}

/** Puts a component together without running any of it: parts that do not fit are reported before anything happens. */
import type { ComponentProgram } from '../component-program.ts'
import type { GivenImports } from '../given-imports.ts'
import type { Program } from '../program.ts'
import { givenBy } from './given.ts'
import { idle, standIns } from './idle-link.ts'
import { linkComponent } from './link.ts'

/** Components that have been looked over, and the imports that they were given then. */
const linked = new WeakMap<ComponentProgram, GivenImports>()

/** Throws `malformed-module`, `unknown-import` or `unsupported-module`. */
export const assertLinks = (program: ComponentProgram, imports: GivenImports): void => {
  if (linked.get(program) === imports) return
  const kinds = standIns()
  const exports = new Map<Program, WebAssembly.Exports>()
  const exportsOf = (of: Program): WebAssembly.Exports => {
    const known = exports.get(of) ??
      Object.fromEntries(of.exports.map(({ name, kind }) => [name, kinds[kind]])) as WebAssembly.Exports
    exports.set(of, known)
    return known
  }
  linkComponent(program, idle(exportsOf, givenBy(imports)))
  linked.set(program, imports)
}

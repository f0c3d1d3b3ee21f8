/** Puts a component together where nothing runs, for what can be learned of it before. */
import { ProgramError } from '../errors.ts'
import { GuestMemory } from '../memory.ts'
import type { Process } from '../process.ts'
import type { Program } from '../program.ts'
import { allGiven } from './given.ts'
import type { Given } from './given.ts'
import { linkComponent } from './link.ts'
import type { Making } from './linking.ts'
import type { ComponentParts } from './parts.ts'

/** A stand-in for each kind of export; one memory for all. */
export const standIns = (): Readonly<Record<string, unknown>> =>
  ({ function: () => 0, memory: new WebAssembly.Memory({ initial: 0 }), table: {}, global: {} })

/** Functions of WASI are made for it, and nothing calls them. */
const nobody = (): Process => ({ look() {}, memory: new GuestMemory() }) as unknown as Process

export const idle = (instantiate: Making['instantiate'], given: Given): Making => ({
  process: nobody(), given, instantiate, wrap: (call) => () => call(), withoutWaiting: (call) => call(),
  enter: (call) => call,
})

/**
 * How often each module becomes an instance, by its number; once for each where that cannot be known, since the
 * component does not fit together.
 */
export const countInstances = (parts: ComponentParts, modules: number): readonly number[] => {
  const counts = Array.from({ length: modules }, () => 0)
  const stands = counts.map(() => ({}) as Program)
  const kinds = standIns()
  const bySort = { 'core func': kinds.function, 'core memory': kinds.memory }
  try {
    linkComponent({ parts, modules: stands, bounded: new Map() }, {
      ...idle((of) => {
        counts[stands.indexOf(of)]! += 1
        return {}
      }, allGiven),
      standIn: (sort) => bySort[sort as keyof typeof bySort] ?? {},
    })
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error
  }
  return counts.map((count) => Math.max(1, count))
}

/** Programs from outside of the tree. */
import { ProgramError } from './errors.ts'
import { limitNumbers } from './limits.ts'
import type { Limits } from './limits.ts'
import type { WasiOptions } from './options.ts'
import { compileProgram, Program } from './program.ts'
import { assertRunnable } from './runnable.ts'

/** A program that is not in the tree, compiled and looked over; null for a path. */
export const outsideProgram = (options: WasiOptions, hasOthers: boolean): Program | null => {
  const { program, limits = {} } = options
  if (typeof program === 'string') return null
  const built = program instanceof Uint8Array ? compileProgram(program, limits) : compiledProgram(program, limits)
  assertRunnable(built.module, options, hasOthers)
  return built
}

const compiledProgram = (program: WebAssembly.Module | Program, limits: Limits): Program => {
  const { memory, tables, loops } = limitNumbers(limits)
  const compiled = program instanceof Program ? program : new Program(program)
  const { built, metered } = compiled
  if (memory < built.memory || tables < built.tables || (loops && !metered))
    throw new ProgramError(
      'unsupported-module', 'limits on memory, tables and loops have to be built into the program',
      'give compileProgram the same limits',
    )
  return compiled
}

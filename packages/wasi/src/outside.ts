/** Programs from outside of the tree. */
import type { Limits } from './budget.ts'
import { ProgramError } from './errors.ts'
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

const compiledProgram = (program: WebAssembly.Module | Program, { memory = Infinity, loops }: Limits): Program => {
  const built = program instanceof Program ? program : new Program(program)
  if (memory < built.memoryLimit || (loops === true && !built.metered))
    throw new ProgramError(
      'unsupported-module', 'limits on memory and loops have to be built into the program',
      'give compileProgram the same limits',
    )
  return built
}

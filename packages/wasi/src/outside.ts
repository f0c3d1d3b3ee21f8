/** Programs from outside of the tree. */
import type { Budget } from './budget.ts'
import { ProgramError } from './errors.ts'
import { limitNumbers } from './limits.ts'
import type { Limits } from './limits.ts'
import type { WasiOptions } from './options.ts'
import { buildProgram } from './compile.ts'
import { ComponentProgram } from './component-program.ts'
import { Program } from './program.ts'
import { assertRunnable } from './runnable.ts'
import type { Entry } from './runnable.ts'

/** A program that is not in the tree, compiled and looked over; null for a path. */
export const outsideProgram = (
  options: WasiOptions, budget: Budget, hasOthers: boolean, shared = false, entry: Entry = 'command',
): Program | null => {
  const { program, limits = {} } = options
  if (typeof program === 'string') return null
  const built = program instanceof Uint8Array
    ? buildProgram(program, limits, shared, budget)
    : compiledProgram(program, limits, shared)
  assertRunnable(built, options, hasOthers, entry)
  return built
}

const compiledProgram = (program: WebAssembly.Module | Program, limits: Limits, shared: boolean): Program => {
  const { memory, tables, loops } = limitNumbers(limits)
  const compiled = program instanceof Program ? program : new Program(program)
  const { built, metered } = compiled
  if (memory < built.memory || tables < built.tables || (loops && !metered))
    throw new ProgramError(
      'unsupported-module', 'limits on memory, tables and loops have to be built into the program',
      'give compileProgram the same limits',
    )
  if (shared && !built.shared && !(compiled instanceof ComponentProgram))
    throw new ProgramError(
      'unsupported-module', 'a program runs in a worker only with a memory that is shared, which is built into it',
      'give its bytes',
    )
  return compiled
}

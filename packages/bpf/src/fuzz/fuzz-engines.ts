/** Random programs on the compiler and on the interpreter. */
import { assemble } from '../insn/asm.ts'
import { runOn } from '../testing/both-engines.ts'
import { randomProgram } from '../testing/random-program.ts'
import { Random } from '../testing/random.ts'

/** How both differ on the program of a seed; null when they do not. */
export const engineAttempt = (seed: number): string | null => {
  const code = assemble(randomProgram(new Random(seed)))
  const [compiled, interpreted] = [runOn('jit', code), runOn('interpreter', code)]
  if (compiled.r0 === interpreted.r0 && compiled.memory === interpreted.memory) return null
  return `${compiled.r0} compiled, ${interpreted.r0} interpreted`
}

/** Random programs on the compiler and on the interpreter. */
import { disasm } from '../insn/disasm.ts'
import type { Code } from '../insn/code.ts'
import { newMachine, outcomeOn } from '../testing/both-engines.ts'
import type { Outcome } from '../testing/both-engines.ts'
import { randomProgram } from '../testing/random-program.ts'
import { Random } from '../testing/random.ts'
import { loadCodes } from '../vm/link.ts'
import type { Engine } from '../vm/link.ts'

/** Programs of one seed: they are compiled together. */
export const ENGINE_PROGRAMS = 32

const machines = { jit: newMachine(), interpreter: newMachine() }

/** How both differ on the programs of a seed. */
export const engineAttempt = (seed: number): readonly string[] => {
  const random = new Random(seed)
  const codes = Array.from({ length: ENGINE_PROGRAMS }, () => randomProgram(random))
  const [compiled, interpreted] = [outcomesOn('jit', codes), outcomesOn('interpreter', codes)]
  return codes.flatMap((code, at) => {
    const [one, other] = [compiled[at]!, interpreted[at]!]
    if (one.r0 === other.r0 && one.memory === other.memory) return []
    return `${one.r0} compiled, ${other.r0} interpreted\n${one.memory}\n${other.memory}\n${disasm(code)}`
  })
}

/** One machine serves all programs of its engine; none finds on the stack what the last one left. */
const outcomesOn = (engine: Engine, codes: readonly Code[]): readonly Outcome[] => {
  const machine = machines[engine]
  const { memory } = machine
  const programs = loadCodes(machine, codes.map((code) => ({ code, env: {} })), engine)
  const outcomes = programs.map((program) => {
    memory.u8.fill(0, memory.stackLimit, memory.stackTop)
    return outcomeOn(machine, () => program)
  })
  for (const program of programs) machine.unload(program)
  return outcomes
}

/** A program ready to run: compiled once, with the limits that have to be built into it. */
import { checkOptions } from '@lsmkit/core/option-rules'
import { limitMemory } from './binary/limit-memory.ts'
import { FUEL, meterLoops } from './binary/meter.ts'
import { limitRules } from './budget.ts'
import type { Limits } from './budget.ts'
import { ProgramError } from './errors.ts'

export class Program {
  readonly module: WebAssembly.Module
  /** Its loops can be interrupted. */
  readonly metered: boolean
  /** Pages its memory is held to. */
  readonly memoryLimit: number

  /** `loops`: they were metered, so that exports of these names are not the program's own. */
  constructor(module: WebAssembly.Module, memoryLimit = Infinity, loops = false) {
    this.module = module
    this.memoryLimit = memoryLimit
    this.metered = loops && WebAssembly.Module.exports(module).some(({ name }) => name === FUEL)
  }
}

/**
 * Compiles a module with `memory` and `loops` of the limits built in; the others are kept at run time. Throws a
 * ProgramError for bytes that are no program, or ask for more memory than they may have.
 */
export const compileProgram = (bytes: Uint8Array<ArrayBuffer>, limits: Limits = {}): Program => {
  checkOptions(limits, limitRules, 'compileProgram')
  const { memory, loops } = limits
  let image = bytes
  if (memory !== undefined && memory !== Infinity) image = limitMemory(image, memory)
  if (loops === true) image = meterLoops(image)
  try {
    return new Program(new WebAssembly.Module(image), memory, loops)
  } catch (error) {
    throw new ProgramError('malformed-module', `the module does not compile: ${(error as Error).message}`)
  }
}

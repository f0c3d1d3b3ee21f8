/** A program ready to run: compiled once, with the limits that have to be built into it. */
import { checkOptions } from '@lsmkit/core/option-rules'
import { deferStart } from './binary/defer-start.ts'
import { limitSpace } from './binary/limit-space.ts'
import { FUEL, meterLoops } from './binary/meter.ts'
import { ProgramError } from './errors.ts'
import { limitNumbers, limitRules } from './limits.ts'
import type { Limits } from './limits.ts'

/** What has been built into a module. */
export interface Built {
  /** Bytes its memory and its tables are held to. */
  readonly memory: number
  readonly tables: number
  /** Its loops were metered, so that exports of these names are not the program's own. */
  readonly loops: boolean
  /** What was its start section is an export now. */
  readonly startsLater: boolean
}

const nothing: Built = { memory: Infinity, tables: Infinity, loops: false, startsLater: false }

export class Program {
  readonly module: WebAssembly.Module
  readonly built: Built
  /** Its loops can be interrupted. */
  readonly metered: boolean

  constructor(module: WebAssembly.Module, built: Built = nothing) {
    this.module = module
    this.built = built
    this.metered = built.loops && WebAssembly.Module.exports(module).some(({ name }) => name === FUEL)
  }
}

/**
 * Compiles a module with `memory`, `tables` and `loops` of the limits built in; the others are kept at run time. Throws
 * a ProgramError for bytes that are no program, or ask for more memory than they may have.
 */
export const compileProgram = (bytes: Uint8Array<ArrayBuffer>, limits: Limits = {}): Program => {
  checkOptions(limits, limitRules, 'compileProgram')
  const { memory, tables, loops } = limitNumbers(limits)
  const deferred = deferStart(bytes)
  let image = deferred ?? bytes
  // what a table may take at all also bounds how long it takes to make
  if (loops || memory !== Infinity || tables !== Infinity) image = limitSpace(image, memory, tables)
  if (loops) image = meterLoops(image)
  try {
    return new Program(new WebAssembly.Module(image), { memory, tables, loops, startsLater: deferred !== null })
  } catch (error) {
    throw new ProgramError('malformed-module', `the module does not compile: ${(error as Error).message}`)
  }
}
